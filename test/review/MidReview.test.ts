/** GitHub's hard cases that webhooks make: served whole, with a database, over HTTP. */
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import * as Database from "../../src/database/Database.ts"
import type { ControlResult } from "../../src/sandbox/Controls.ts"
import { ModelSandbox } from "../../src/sandbox/ModelSandbox.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import * as TestDatabase from "../support/TestDatabase.ts"
import { configured } from "./Scripted.ts"
import { serve } from "./Served.ts"

const config = "review: { debounce_seconds: 0 }"

const patiently = Schedule.spaced("50 millis").pipe(Schedule.intersect(Schedule.recurs(1000)))

const installed = Effect.gen(function* () {
  const sandbox = yield* Sandbox.make()
  const models = yield* ModelSandbox.make()
  const url = yield* TestDatabase.url
  const rows = (statement: string) =>
    Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement)).pipe(
      Effect.provide(Database.layerFromUrl({ url }))
    )
  /** Starts one more process's worth of it, and gives its log. */
  const begin = Effect.suspend(() => serve({ sandbox, models, url }))
  const open = (repo: string) =>
    sandbox.pulls.open({
      repo,
      content: configured(config, {}, { "src/a.ts": `const a = "${repo}"\n` })
    })
  /** The check runs of a head once so many are over. */
  const ended = ({ headSha, ...pull }: ControlResult, count = 1) =>
    sandbox.view.checkRuns(pull).pipe(
      Effect.map((checks) => checks.filter((check) => check.headSha === headSha)),
      Effect.filterOrFail(
        (checks) => checks.length === count && checks.every(({ status }) => status === "completed"),
        (checks) => JSON.stringify(checks)
      ),
      Effect.retry(patiently),
      Effect.map((checks) => checks.map(({ conclusion }) => conclusion))
    )
  return { sandbox, models, begin, open, ended, rows }
})

const served = Effect.tap(installed, ({ begin }) => begin)

describe("GitHub's hard cases", () => {
  // Signatures, sizes, a database that is down, GitHub's own examples: http/Webhook*.test.ts, github/Ingest.test.ts.
  it.scopedLive(
    "webhook",
    () =>
      Effect.gen(function* () {
        const { ended, models, open, sandbox } = yield* served
        const pull = yield* open("twice")
        assert.strictEqual(pull.delivery?.statusCode, 202)
        assert.deepStrictEqual(yield* ended(pull), ["success"])
        // The same delivery, and another one that means the same work.
        const again = yield* sandbox.webhooks.redeliver(pull.delivery?.guid ?? "")
        assert.include([200, 202], again.statusCode)
        yield* sandbox.pulls.close(pull)
        const reopened = yield* sandbox.pulls.reopen(pull)
        assert.include([200, 202], reopened.delivery?.statusCode)
        // Once another pull request is done, nothing of this one is left to do.
        assert.deepStrictEqual(yield* ended(yield* open("other")), ["success"])
        assert.lengthOf(yield* sandbox.view.allReviews(pull), 1)
        assert.lengthOf(yield* sandbox.view.checkRuns(pull), 1)
        assert.lengthOf(yield* models.journal.entries, 2)
      }),
    120_000
  )

  // Pages, failures, limits and what is left alone: github/MissedDeliveries.test.ts.
  it.scopedLive(
    "deliveries missed while down",
    () =>
      Effect.gen(function* () {
        const { begin, ended, models, open, rows, sandbox } = yield* installed
        yield* sandbox.webhooks.configure("http://127.0.0.1:1/down")
        const missed = yield* open("missed")
        assert.strictEqual(missed.delivery?.statusCode, 0)
        // Two at once, and both look.
        yield* Effect.all([begin, begin], { concurrency: 2 })
        assert.deepStrictEqual(yield* ended(missed), ["success"])
        const arrived = yield* open("arrived")
        assert.strictEqual(arrived.delivery?.statusCode, 202)
        assert.deepStrictEqual(yield* ended(arrived), ["success"])
        // One more finds nothing that is missing.
        const another = yield* begin
        const swept = (lines: ReadonlyArray<string>) =>
          Effect.fromNullable(lines.find((line) => line.includes("Looked for missed deliveries"))).pipe(
            Effect.retry(patiently)
          )
        assert.match(yield* swept(another), /\bingested=0\b/)
        for (const pull of [missed, arrived]) {
          assert.lengthOf(yield* sandbox.view.allReviews(pull), 1)
          assert.lengthOf(yield* sandbox.view.checkRuns(pull), 1)
        }
        assert.lengthOf(yield* models.journal.entries, 2)
        assert.deepStrictEqual(yield* rows("select trigger, priority from review_jobs order by id"), [
          { trigger: "opened", priority: 30 },
          { trigger: "opened", priority: 10 }
        ])
        assert.deepStrictEqual(
          yield* rows("select guid, outcome from webhook_deliveries order by received_at"),
          [
            { guid: missed.delivery?.guid, outcome: "made a job" },
            { guid: arrived.delivery?.guid, outcome: "made a job" }
          ]
        )
        const details = (yield* sandbox.journal.entries).filter(({ path }) =>
          /hook\/deliveries\/\d+/.test(path)
        )
        for (const { path } of details) assert.include(path, `/${missed.delivery?.id}`)
      }),
    120_000
  )

  it.scopedLive(
    "deliveries missed while down: an old head that is found late gives way to the true one",
    () =>
      Effect.gen(function* () {
        const { begin, ended, models, open, rows, sandbox } = yield* installed
        yield* begin
        const door = (yield* sandbox.webhooks.ping)?.url
        yield* sandbox.webhooks.configure("http://127.0.0.1:1/down")
        const pull = yield* open("late")
        yield* sandbox.webhooks.configure(door)
        const held = yield* models.faults.add({ fault: { _tag: "Hold" } })
        const pushed = yield* sandbox.pulls.push(pull, {
          content: { edit: { "src/a.ts": "const a = 'pushed'\n" } }
        })
        yield* models.journal.awaitQuestion({ stage: "received" })
        yield* begin
        yield* rows("select 1 from review_jobs where superseded_by is not null").pipe(
          Effect.filterOrFail(({ length }) => length > 0),
          Effect.retry(patiently)
        )
        yield* held.release
        assert.deepStrictEqual(yield* ended(pushed, 2), ["cancelled", "success"])
        assert.deepStrictEqual(yield* ended(pull), ["cancelled"])
        const reviews = yield* sandbox.view.allReviews(pull)
        assert.deepStrictEqual(
          reviews.map(({ commitSha }) => commitSha),
          [pushed.headSha]
        )
      }),
    120_000
  )

  // Before each question and before publishing, and with processes: Pushes.test.ts, e2e/Supersede.test.ts.
  it.scopedLive(
    "push, close or draft mid-review",
    () =>
      Effect.gen(function* () {
        const { ended, models, open, sandbox } = yield* served
        const happenings = {
          push: (pull: ControlResult) =>
            sandbox.pulls.push(pull, { content: { edit: { "src/a.ts": "const a = 'pushed'\n" } } }),
          close: (pull: ControlResult) => sandbox.pulls.close(pull),
          draft: (pull: ControlResult) => sandbox.pulls.convertToDraft(pull)
        }
        for (const [what, happens] of Object.entries(happenings)) {
          const after = (yield* models.journal.entries).length
          const held = yield* models.faults.add({ fault: { _tag: "Hold" } })
          const pull = yield* open(what)
          yield* models.journal.awaitQuestion({ nth: after + 1, stage: "received" })
          const now = yield* happens(pull)
          yield* sandbox.view.checkRuns(pull).pipe(
            Effect.filterOrFail(([check]) => check?.conclusion === "cancelled"),
            Effect.retry(patiently)
          )
          yield* held.release
          const reviews = () =>
            Effect.map(sandbox.view.allReviews(pull), (all) => all.map(({ commitSha }) => commitSha))
          if (what === "push") {
            assert.deepStrictEqual(yield* ended(now), ["success"])
            assert.deepStrictEqual(yield* reviews(), [now.headSha])
          } else {
            if (what === "draft") assert.strictEqual((yield* ended(pull, 2)).at(-1), "skipped")
            assert.deepStrictEqual(yield* reviews(), [], what)
          }
        }
      }),
    120_000
  )
})
