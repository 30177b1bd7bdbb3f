/**
 * An installation's account of a model that is limited for an hour, and a process that is killed in it: the wait is in
 * the database. A process has no clock to put forward, so here the hour passes by making the job due; on a clock it
 * passes in test/review/RateLimits.test.ts.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Schema } from "effect"
import * as OwnKey from "../support/OwnKey.ts"
import { checksOf, installWithModel, parts, rows, until } from "./WithModel.ts"

const Job = Schema.Struct({
  status: Schema.String,
  attempts: Schema.Number,
  crashes: Schema.Number,
  snoozes: Schema.Number,
  left: Schema.Number
})

const theirKey = Redacted.make("sk-acme")
const theirAccount = 1

describe("a model that is limited for an hour for one installation", () => {
  it.scopedLive(
    "is waited for across a kill, while the other goes on, and the review comes once the hour is over",
    () =>
      Effect.gen(function* () {
        const env = { ENCRYPTION_KEY: OwnKey.encryptionKey }
        const installed = yield* installWithModel(() => ({ json: { findings: [] } }), env, [theirKey])
        const { databaseUrl, models, sandbox } = installed
        const job = Effect.map(
          rows(
            installed,
            Job,
            `select status, attempts, crashes, snoozes, extract(epoch from run_at - now())::float8 as left
             from review_jobs where installation_id = ${sandbox.installationId}`
          ),
          ([one]) => one
        )
        const first = yield* installed.serve
        yield* sandbox.webhooks.installation("created")
        yield* sandbox.install({ owner: "globex", repositories: ["site"] })
        yield* OwnKey.give(databaseUrl, sandbox.installationId, theirKey)
        const limit = yield* models.faults.add({
          fault: { _tag: "RateLimited", retryAfterSeconds: 3600 },
          count: null,
          account: theirAccount
        })
        const content = { before: {}, after: parts(1, "limited") }
        const pull = yield* sandbox.pulls.open({ content })
        const questions = (account: number) =>
          Effect.map(models.journal.entries, (entries) =>
            entries.filter(({ question }) => question?.account === account)
          )
        const check = Effect.map(checksOf(installed, pull, pull.headSha), ([one]) => one)
        yield* until(job, (one) => one?.snoozes === 1)
        const waiting = yield* check
        assert.strictEqual(waiting?.status, "queued")
        assert.match(waiting?.summary ?? "", /waits until \d{4}-\d\d-\d\dT/)
        yield* first.signal("SIGKILL")
        yield* first.ended

        yield* installed.serve
        const other = yield* sandbox.pulls.open({ content, owner: "globex", repo: "site" })
        yield* until(checksOf(installed, other, other.headSha), ([one]) => one?.status === "completed")
        const after = yield* job
        assert.deepInclude(after, { status: "pending", attempts: 0, crashes: 0, snoozes: 1 })
        assert.isAtLeast(after?.left ?? 0, 3_000)
        assert.lengthOf(yield* questions(theirAccount), 1)
        // The hour passes.
        yield* limit.remove
        yield* rows(
          installed,
          Schema.Unknown,
          "update review_jobs set run_at = now() where status = 'pending'"
        )
        yield* until(check, (one) => one?.status === "completed")
        for (const one of [pull, other]) {
          assert.deepStrictEqual(
            (yield* sandbox.view.allReviews(one)).map(({ state }) => state),
            ["COMMENTED"]
          )
        }
        assert.lengthOf(yield* questions(theirAccount), 2)
        assert.lengthOf(yield* questions(0), 1)
      }),
    180_000
  )
})
