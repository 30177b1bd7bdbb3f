/** GitHub's hard cases that webhooks make: served whole, with a database, over HTTP. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import type { ControlResult } from "../../src/sandbox/Controls.ts"
import { ModelSandbox } from "../../src/sandbox/ModelSandbox.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import * as TestDatabase from "../support/TestDatabase.ts"
import { configured } from "./Scripted.ts"
import { serve } from "./Served.ts"

const config = "review: { debounce_seconds: 0 }"

const patiently = Schedule.spaced("50 millis").pipe(Schedule.intersect(Schedule.recurs(1000)))

const served = Effect.gen(function* () {
  const sandbox = yield* Sandbox.make()
  const models = yield* ModelSandbox.make()
  yield* serve({ sandbox, models, url: yield* TestDatabase.url })
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
  return { sandbox, models, open, ended }
})

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
