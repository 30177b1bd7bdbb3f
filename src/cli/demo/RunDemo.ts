/** Plays the demo and prints it. */
import * as SqlClient from "@effect/sql/SqlClient"
import { Clock, Console, Effect, Logger } from "effect"
import { CommandFailed } from "../Failure.ts"
import { drain, kill, type Outcome } from "./Play.ts"
import { type Report, renderReview, summarise } from "./Report.ts"
import { type Stage, set } from "./Stage.ts"

export interface DemoOptions {
  readonly json: boolean
  readonly keep: boolean
}

const seconds = (millis: number) => `${(millis / 1000).toFixed(1)} s`

const countJobs = (stage: Stage) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql`select id from review_jobs`
    return rows.length
  }).pipe(Effect.provide(stage.database), Effect.orDie)

const shown = ({ check, pending, visible }: Outcome) =>
  `reviews people see: ${visible}; left pending: ${pending}; check run: ${check}`

const ending = (report: Report) =>
  report.ok
    ? `It held: ${report.reviews} pull requests, ${report.reviews} reviews, none lost, none twice.`
    : `It did NOT hold: ${JSON.stringify(report)}`

const play = (say: (line: string) => Effect.Effect<void>, keepRunning: boolean) =>
  Effect.gen(function* () {
    const began = yield* Clock.currentTimeMillis
    const tell = (line: string) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => say(`  ${seconds(now - began).padStart(7)}  ${line}`))
    yield* say("\nHoldfast: a review survives kill -9\n")
    yield* say("1. Everything starts, with no account anywhere")
    const stage = yield* set()
    yield* tell("PostgreSQL and a local GitHub are up")
    const served = yield* stage.serve
    yield* tell(`serve is process ${served.pid} at ${served.address}`)

    yield* say("\n2. The process is killed in the middle of a review")
    const killed = yield* kill(stage, served, tell)
    yield* tell(shown(killed))
    yield* say(
      `\n  recovered ${seconds(killed.recoveryMs)} after the kill (${seconds(killed.startMs)} of it: starting the process)`
    )
    yield* say(`\n  The review:\n${renderReview(killed)}`)

    yield* say("\n3. The process gets SIGTERM in the middle of another one")
    const drained = yield* drain(stage, killed.served, tell)
    yield* tell(`exit code ${drained.exitCode} after ${seconds(drained.ms)}`)
    yield* tell(shown(drained))

    const report = summarise(yield* countJobs(stage), killed, drained)
    yield* say(`\n${ending(report)}\n`)
    if (keepRunning) {
      const again = yield* stage.serve
      yield* say(
        `Left running until Ctrl-C:\n  Holdfast  ${again.address}\n  GitHub    ${stage.sandbox.url} (its control API: ${stage.sandbox.url}/_sandbox)\n  data      ${stage.folder}\n`
      )
      return yield* Effect.never
    }
    return report
  }).pipe(Effect.scoped)

/** Fails when anything of what the demo promises did not happen. */
export const run = (options: DemoOptions) =>
  Effect.gen(function* () {
    const say = options.json ? () => Effect.void : Console.log
    const report = yield* play(say, options.keep && !options.json)
    if (options.json) yield* Console.log(JSON.stringify(report))
    if (!report.ok) return yield* new CommandFailed({ message: "The demo did not end as promised." })
  }).pipe(Effect.provide(Logger.remove(Logger.defaultLogger)))
