/**
 * What the machine allows: the bare claim and completion of a job, two commits, on as many connections as there are jobs
 * at once; by pgbench where it is on the PATH, which spends next to nothing itself, and otherwise by the `pg` driver.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import { Effect } from "effect"
import { BenchError } from "../host/BenchError.ts"
import * as Command from "../host/Command.ts"
import { execute } from "../host/Server.ts"
import { Stage } from "../host/Stage.ts"
import * as Protocol from "../programs/Protocol.ts"
import { claim, complete, seed, tables } from "../rivals/BareStatements.ts"

interface Run {
  readonly url: string
  readonly concurrency: number
  readonly jobs: number
}

const script = `${claim} \\gset\n${complete(":id")};\n`

const byPgbench = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const file = yield* fs.makeTempFileScoped({ prefix: "holdfast-bench-" })
  yield* fs.writeFileString(file, script)
  return ({ concurrency, jobs, url }: Run) =>
    Effect.gen(function* () {
      yield* execute(url, [...tables, seed(jobs + concurrency), "vacuum analyze", "checkpoint"])
      const { hostname, password, pathname, port, username } = new URL(url)
      const clients = [`--client=${concurrency}`, `--jobs=${Math.min(2, concurrency)}`]
      const amount = `--transactions=${Math.ceil(jobs / concurrency)}`
      const output = yield* Command.run(
        "pgbench",
        ["--no-vacuum", "--protocol=prepared", `--file=${file}`, ...clients, amount],
        {
          env: {
            PGHOST: hostname,
            PGPORT: port,
            PGUSER: decodeURIComponent(username),
            PGPASSWORD: decodeURIComponent(password),
            PGDATABASE: pathname.slice(1)
          }
        }
      )
      const tps = /tps = ([\d.]+)/.exec(output)?.[1]
      return tps === undefined ? yield* new BenchError({ message: output }) : Number(tps)
    })
})

const byDriver = Effect.gen(function* () {
  const stage = yield* Stage
  const measurer = yield* stage.measurer("bare")
  return (run: Run) => measurer.ask({ _tag: "Throughput", ...run }, Protocol.Throughput)
})

export const make = Effect.gen(function* () {
  const found = yield* Effect.isSuccess(Command.run("pgbench", ["--version"]))
  return found
    ? { by: "pgbench" as const, run: yield* byPgbench }
    : { by: "pg driver" as const, run: yield* byDriver }
})
