/** (f) What a worker costs that has nothing to do: the statements it sends, counted in the server's log, and memory. */
import { readFileSync } from "node:fs"
import * as FileSystem from "@effect/platform/FileSystem"
import { Effect, Schema } from "effect"
import type { Amounts } from "../Amounts.ts"
import { progress } from "../host/Progress.ts"
import { execute } from "../host/Server.ts"
import { Stage } from "../host/Stage.ts"
import { round } from "../host/Statistics.ts"

/** One line for each statement that the server runs, whichever protocol brought it. */
const statement = /LOG: {2}(?:statement|execute [^:]+):/g

/** Resident memory in MB. */
const residentMb = (pid: number) => {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))
  return Math.round(Number(line?.[1] ?? Number.NaN) / 1024)
}

export const measure = (amounts: Amounts) =>
  Effect.gen(function* () {
    const { measurer, server, worker } = yield* Stage
    const fs = yield* FileSystem.FileSystem
    const { name, url } = yield* server.database
    yield* Effect.scoped(
      Effect.flatMap(measurer("holdfast"), ({ ask }) => ask({ _tag: "Prepare", url }, Schema.Unknown))
    )
    // Of this database alone, so that nothing else of the bench is counted.
    yield* execute(url, [`alter database ${name} set log_statement = 'all'`])
    const child = yield* worker(url)
    yield* child.send({ _tag: "Work", concurrency: 3 })
    yield* child.next
    yield* Effect.sleep("5 seconds")
    const logged = Effect.map(fs.readFileString(server.log), (log) => [...log.matchAll(statement)].length)
    const before = yield* logged
    yield* Effect.sleep(`${amounts.idleSeconds} seconds`)
    const after = yield* logged
    const idle = {
      queriesPerSecond: round((after - before) / amounts.idleSeconds),
      rssMb: residentMb(child.pid)
    }
    yield* progress(`idle: ${idle.queriesPerSecond} statements/s, ${idle.rssMb} MB`)
    return idle
  }).pipe(Effect.scoped)
