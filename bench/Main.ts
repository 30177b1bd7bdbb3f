/**
 * Holdfast beside other queues on one PostgreSQL, in one run, taking turns; and the review pipeline by itself:
 *
 *     npm run bench                          the table, and bench/RESULTS.md
 *     npm run -s bench -- --quick --json     one JSON object, in three minutes at most
 *     npm run bench -- --review              what a review costs, and bench/REVIEW.md, in two minutes at most
 */
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Logger } from "effect"
import { install } from "./host/Install.ts"
import * as Machine from "./host/Machine.ts"
import { progress } from "./host/Progress.ts"
import * as Stage from "./host/Stage.ts"
import { type Options, parse } from "./Options.ts"
import * as Enqueue from "./parts/Enqueue.ts"
import * as FinishedRows from "./parts/FinishedRows.ts"
import * as Idle from "./parts/Idle.ts"
import * as Latency from "./parts/Latency.ts"
import * as Recovery from "./parts/Recovery.ts"
import * as Throughput from "./parts/Throughput.ts"
import * as Workers from "./parts/Workers.ts"
import { page, table } from "./Report.ts"
import { type Results, toJson } from "./Results.ts"
import { benchReview } from "./review/Run.ts"

const resultsFile = fileURLToPath(new URL("RESULTS.md", import.meta.url))

const measure = ({ amounts, wants }: Options) =>
  Effect.gen(function* () {
    const throughput = wants("throughput") ? yield* Throughput.measure(amounts) : undefined
    const latencyMs = wants("latency") ? yield* Latency.measure(amounts) : undefined
    const enqueue = wants("enqueue") ? yield* Enqueue.measure(amounts) : undefined
    const workers = wants("workers") ? yield* Workers.measure(amounts) : undefined
    // An idle worker goes by its clock, whatever else the machine does: the tables are filled meanwhile.
    const [idle, finishedRows] = yield* Effect.all(
      [
        wants("idle") ? Idle.measure(amounts) : Effect.succeed(undefined),
        wants("finishedRows") ? FinishedRows.prepare(amounts) : Effect.succeed(undefined)
      ],
      { concurrency: 2 }
    ).pipe(
      Effect.flatMap(([idle, tables]) =>
        Effect.map(
          tables === undefined ? Effect.succeed(undefined) : FinishedRows.measure(amounts, tables),
          (finishedRows) => [idle, finishedRows] as const
        )
      ),
      Effect.scoped
    )
    const recoveryMs = wants("recovery") ? yield* Recovery.measure(amounts) : undefined
    return { throughput, latencyMs, enqueue, finishedRows, recoveryMs, idle, workers } satisfies Results
  })

const benchQueue = (options: Options) =>
  Effect.gen(function* () {
    yield* install
    yield* progress("compiling, and starting PostgreSQL")
    const stage = yield* Stage.set
    yield* Effect.gen(function* () {
      const machine = yield* Machine.describe
      const results = yield* measure(options)
      yield* Console.log(options.json ? JSON.stringify(toJson(results)) : table(results))
      if (options.all && !options.quick) {
        yield* Effect.sync(() => writeFileSync(resultsFile, page(machine, options.amounts, results)))
      }
    }).pipe(Effect.provideService(Stage.Stage, stage))
  }).pipe(Effect.scoped)

const options = parse(process.argv.slice(2))
if ("print" in options) {
  const stream = options.code === 0 ? process.stdout : process.stderr
  stream.write(options.print)
  process.exitCode = options.code
} else {
  const bench = options.subject === "review" ? benchReview(options) : benchQueue(options)
  bench.pipe(
    Effect.provide(NodeContext.layer),
    Effect.provide(Logger.remove(Logger.defaultLogger)),
    Effect.tapErrorCause((cause) => progress(`failed: ${String(cause)}`)),
    NodeRuntime.runMain({ disableErrorReporting: true, disablePrettyLogger: true })
  )
}
