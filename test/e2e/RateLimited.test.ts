/** A model that is limited for an hour, and a process that is killed in it: the wait is in the database. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { checksOf, installWithModel, parts, rows, until } from "./WithModel.ts"

const Job = Schema.Struct({
  status: Schema.String,
  attempts: Schema.Number,
  crashes: Schema.Number,
  snoozes: Schema.Number,
  left: Schema.Number
})

describe("a model that is limited for an hour", () => {
  it.scopedLive(
    "is waited for across a kill, and the review comes once the hour is over",
    () =>
      Effect.gen(function* () {
        const installed = yield* installWithModel(() => ({ json: { findings: [] } }))
        const { models, sandbox } = installed
        const job = Effect.map(
          rows(
            installed,
            Job,
            `select status, attempts, crashes, snoozes, extract(epoch from run_at - now())::float8 as left
             from review_jobs`
          ),
          ([one]) => one
        )
        const first = yield* installed.serve
        yield* models.faults.add({ fault: { _tag: "RateLimited", retryAfterSeconds: 3600 } })
        const pull = yield* Effect.orDie(
          sandbox.pulls.open({ content: { before: {}, after: parts(1, "limited") } })
        )
        const check = Effect.map(checksOf(installed, pull, pull.headSha), ([one]) => one)
        yield* until(job, (one) => one?.snoozes === 1)
        const waiting = yield* check
        assert.strictEqual(waiting?.status, "queued")
        assert.match(waiting?.summary ?? "", /waits until \d{4}-\d\d-\d\dT/)
        yield* first.signal("SIGKILL")
        yield* first.ended

        yield* installed.serve
        const after = yield* job
        assert.deepInclude(after, { status: "pending", attempts: 0, crashes: 0, snoozes: 1 })
        assert.isAtLeast(after?.left ?? 0, 3_000)
        assert.lengthOf(yield* models.journal.entries, 1)
        // The hour passes.
        yield* rows(installed, Schema.Unknown, "update review_jobs set run_at = now()")
        yield* until(check, (one) => one?.status === "completed")
        assert.deepStrictEqual(
          (yield* sandbox.view.allReviews(pull)).map(({ state }) => state),
          ["COMMENTED"]
        )
        assert.lengthOf(yield* models.journal.entries, 2)
      }),
    180_000
  )
})
