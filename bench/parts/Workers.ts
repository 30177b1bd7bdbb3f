/** (g) Jobs per second of 1, 2 and 4 worker processes on one database, and whether any job ran twice. */
import { Array as Arr, Effect, Schedule, Schema } from "effect"
import type { Amounts } from "../Amounts.ts"
import { BenchError } from "../host/BenchError.ts"
import { progress } from "../host/Progress.ts"
import { execute, query } from "../host/Server.ts"
import { type Measurer, Stage } from "../host/Stage.ts"
import { median, round } from "../host/Statistics.ts"
import { holdfastUnfinished, waiting } from "../rivals/HoldfastRows.ts"
import { forRounds } from "./Rounds.ts"

const concurrency = 3
const counts = [1, 2, 4] as const

/** Enough for the code to be compiled in each process. */
const warmUpEach = 200

const run = (producer: Measurer, workers: number, jobs: number) =>
  Effect.gen(function* () {
    const { server, worker } = yield* Stage
    const { url } = yield* server.database
    const warmUp = warmUpEach * workers
    const ended = query(url, `select ${holdfastUnfinished} as left`).pipe(
      Effect.repeat({ while: anyLeft, schedule: Schedule.spaced("20 millis") })
    )
    yield* producer.ask({ _tag: "Prepare", url }, Schema.Unknown)
    yield* producer.ask({ _tag: "Seed", url, from: 0, jobs: warmUp }, Schema.Unknown)
    const children = yield* Effect.all(
      Arr.makeBy(workers, () => worker(url)),
      { concurrency: "unbounded" }
    )
    yield* Effect.forEach(children, (child) => child.send({ _tag: "Work", concurrency }), { discard: true })
    yield* Effect.forEach(children, (child) => child.next, { discard: true })
    yield* ended
    yield* execute(url, ["vacuum analyze", "checkpoint"])
    // All become visible in one moment, with statistics; the last one, by the store, wakes the workers.
    yield* execute(url, ["begin", waiting(jobs - 1), "analyze", "commit"])
    const began = Date.now()
    yield* producer.ask({ _tag: "Seed", url, from: warmUp, jobs: 1 }, Schema.Unknown)
    yield* ended
    const told = yield* Effect.forEach(children, (child) =>
      Effect.gen(function* () {
        yield* child.send({ _tag: "Tell" })
        const word = yield* child.next
        return word._tag === "Ran" ? word : yield* new BenchError({ message: `a worker said ${word._tag}` })
      })
    )
    const runs = told.flatMap((word) => word.jobs)
    const lastAt = Math.max(...told.map((word) => word.lastAt))
    const ran = new Set(runs).size
    if (ran !== warmUp + jobs) {
      return yield* new BenchError({ message: `${warmUp + jobs} jobs were put in, ${ran} ran` })
    }
    return { rate: jobs / ((lastAt - began) / 1000), doubles: runs.length - ran }
  }).pipe(Effect.scoped)

const anyLeft = ([row]: ReadonlyArray<unknown>) =>
  Schema.is(Schema.Struct({ left: Schema.Literal(true) }))(row)

export const measure = (amounts: Amounts) =>
  Effect.gen(function* () {
    const { measurer } = yield* Stage
    const producer = yield* measurer("holdfast")
    const found = { 1: Arr.empty<number>(), 2: Arr.empty<number>(), 4: Arr.empty<number>() }
    let doubles = 0
    yield* forRounds(amounts, "workers", (n) =>
      Effect.gen(function* () {
        for (const count of counts) {
          const ran = yield* run(producer, count, amounts.workerJobs)
          found[count].push(ran.rate)
          doubles += ran.doubles
          yield* progress(
            `${count} worker processes, round ${n}: ${ran.rate.toFixed(0)} jobs/s, ${ran.doubles} run twice`
          )
        }
      })
    )
    const workers = {
      "1": round(median(found[1])),
      "2": round(median(found[2])),
      "4": round(median(found[4]))
    }
    return { workers, doubles }
  }).pipe(Effect.scoped)
