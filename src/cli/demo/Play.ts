/** The two acts of the demo: a kill in the middle of a review, and a shutdown in the middle of another. */

import * as SqlClient from "@effect/sql/SqlClient"
import { Clock, Effect } from "effect"
import type { ControlResult } from "../../sandbox/Controls.ts"
import { scenarios as all, type scenarios } from "../../sandbox/scenarios/Scenarios.ts"
import { CommandFailed } from "../Failure.ts"
import { type Served, type Stage, until, within } from "./Stage.ts"

type ScenarioName = keyof typeof scenarios

const createReview = { method: "POST", path: "/repos/{owner}/{repo}/pulls/{pull_number}/reviews" }

/** What GitHub shows of a pull request. */
export interface Outcome {
  readonly pull: ControlResult
  /** Reviews that people see. */
  readonly visible: number
  /** Reviews that only their author sees; in the end there should be none. */
  readonly pending: number
  readonly check: string
  readonly body: string
  readonly comments: ReadonlyArray<{
    readonly path: string
    readonly line: number | undefined
    readonly body: string
  }>
}

export const outcome = ({ sandbox }: Stage, pull: ControlResult): Effect.Effect<Outcome> =>
  Effect.gen(function* () {
    const reviews = yield* sandbox.view.allReviews(pull)
    const checks = yield* sandbox.view.checkRuns(pull)
    const visible = reviews.filter((review) => review.state !== "PENDING")
    return {
      pull,
      visible: visible.length,
      pending: reviews.length - visible.length,
      check: checks.map((check) => check.conclusion ?? check.status).join(", ") || "none",
      body: visible[0]?.body ?? "",
      comments: visible[0]?.comments ?? []
    }
  })

const statusOf = (stage: Stage, pull: ControlResult) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ readonly status: string }>`
      select status from review_jobs
      where repo_full_name = ${`${pull.owner}/${pull.repo}`} and pr_number = ${pull.number}`
    return rows.map((row) => row.status).join(", ")
  }).pipe(Effect.provide(stage.database), Effect.orDie)

const open = ({ sandbox }: Stage, name: ScenarioName) =>
  Effect.gen(function* () {
    const scenario = all[name]
    if (scenario === undefined) return yield* Effect.dieMessage(`no scenario ${name}`)
    const { after, before, ...rest } = scenario
    return yield* sandbox.pulls
      .open({ ...rest, content: { before, after } })
      .pipe(Effect.mapError((error) => new CommandFailed({ message: error.message })))
  })

/** Waits until the review is published and its check run tells so. */
const reviewed = (stage: Stage, pull: ControlResult) =>
  until(
    "the review",
    outcome(stage, pull),
    ({ check, visible }) => visible > 0 && !/queued|progress/.test(check)
  ).pipe(
    Effect.zipLeft(until("the end of the job", statusOf(stage, pull), (status) => status === "completed"))
  )

export interface Killed extends Outcome {
  readonly served: Served
  /** Whether, at the kill, the job was running and nobody saw a review yet. */
  readonly midReview: boolean
  /** Milliseconds from the kill to the end of the job, the new process's start included. */
  readonly recoveryMs: number
  readonly startMs: number
}

/** Kills the process while its review is being published, and starts another one. */
export const kill = (stage: Stage, served: Served, tell: (line: string) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const { sandbox } = stage
    const held = yield* sandbox.faults.add({ fault: { _tag: "Hold", when: "after" }, ...createReview })
    const pull = yield* open(stage, "checkout")
    yield* tell(
      `${pull.owner}/${pull.repo}#${pull.number} "${all["checkout"]?.title ?? ""}" is opened; GitHub sends its webhook`
    )
    yield* sandbox.journal
      .awaitRequest({ ...createReview, stage: "applied" })
      .pipe(within("the review", served.output))
    const status = yield* statusOf(stage, pull)
    const before = yield* outcome(stage, pull)
    yield* tell(
      `the job is ${status}; the review exists on GitHub, still invisible, and the answer is on its way`
    )
    const killedAt = yield* Clock.currentTimeMillis
    yield* served.signal("SIGKILL")
    const { signal } = yield* served.ended
    yield* held.remove
    yield* tell(`kill -9 ${served.pid}`)
    const again = yield* stage.serve
    const startMs = (yield* Clock.currentTimeMillis) - killedAt
    yield* tell(`started again as process ${again.pid}`)
    const after = yield* reviewed(stage, pull)
    const recoveryMs = (yield* Clock.currentTimeMillis) - killedAt
    const killed: Killed = {
      ...after,
      served: again,
      midReview: signal === "SIGKILL" && status === "processing" && before.visible === 0,
      recoveryMs,
      startMs
    }
    return killed
  })

export interface Drained extends Outcome {
  readonly exitCode: number | null
  readonly completed: boolean
  /** Milliseconds from SIGTERM to the end of the process. */
  readonly ms: number
}

/** Sends SIGTERM while a review is being published. */
export const drain = (stage: Stage, served: Served, tell: (line: string) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const { sandbox } = stage
    const held = yield* sandbox.faults.add({ fault: { _tag: "Hold", when: "before" }, ...createReview })
    const pull = yield* open(stage, "newsletter")
    yield* tell(`${pull.owner}/${pull.repo}#${pull.number} "${all["newsletter"]?.title ?? ""}" is opened`)
    const request = { method: "POST", path: `/repos/${pull.owner}/${pull.repo}/pulls/${pull.number}/reviews` }
    yield* sandbox.journal
      .awaitRequest({ ...request, stage: "received" })
      .pipe(within("the second review", served.output))
    const began = yield* Clock.currentTimeMillis
    yield* served.signal("SIGTERM")
    yield* served.saw(/draining: 1 running/).pipe(within("the drain", served.output))
    yield* tell("SIGTERM in the middle of it: no new work is taken, the running review goes on")
    yield* held.release
    const { code } = yield* served.ended.pipe(within("the end of the process", served.output))
    const ms = (yield* Clock.currentTimeMillis) - began
    const last = yield* outcome(stage, pull)
    const drained: Drained = {
      ...last,
      exitCode: code,
      completed: (yield* statusOf(stage, pull)) === "completed" && last.visible === 1,
      ms
    }
    return drained
  })
