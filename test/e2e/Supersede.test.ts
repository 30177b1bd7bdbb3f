/** Pushes in quick succession: real processes, webhooks over HTTP, and a model whose every question is counted. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { checksOf, installWithModel, parts, rows, until } from "./WithModel.ts"

const Job = Schema.Struct({
  commit_sha: Schema.String,
  status: Schema.String,
  error_message: Schema.NullOr(Schema.String)
})
const jobs = (installed: Parameters<typeof rows>[0]) =>
  rows(
    installed,
    Job,
    "select commit_sha, status, error_message from review_jobs where kind = 'review' order by id"
  )

const noFindings = { json: { findings: [] } }

describe("pushes in quick succession", () => {
  it.scopedLive(
    "make one review, of the last head; the others end cancelled, and no model is asked about them",
    () =>
      Effect.gen(function* () {
        const installed = yield* installWithModel(() => noFindings)
        const { models, sandbox } = installed
        const configuration = { ".github/holdfast.yml": "review: { debounce_seconds: 20 }\n" }
        yield* installed.serve
        const pull = yield* Effect.orDie(
          sandbox.pulls.open({
            content: { before: configuration, after: { ...configuration, ...parts(1, "opened") } }
          })
        )
        yield* until(checksOf(installed, pull, pull.headSha), ([check]) => check?.status === "completed")
        const asked = (yield* models.journal.entries).length

        const push = (mark: string) =>
          Effect.orDie(sandbox.pulls.push(pull, { content: { edit: parts(1, mark) } }))
        const first = yield* push("push1")
        // So that there is a check run which nobody would end but the last push's job.
        yield* until(checksOf(installed, pull, first.headSha), ([check]) => check?.status === "queued")
        const others = yield* Effect.forEach(["push2", "push3", "push4"], push)
        const last = yield* push("push5")
        yield* until(checksOf(installed, pull, last.headSha), ([check]) => check?.status === "completed")

        const reviews = yield* sandbox.view.allReviews(pull)
        assert.deepStrictEqual(
          reviews.map(({ commitSha, state }) => [commitSha, state]),
          [
            [pull.headSha, "COMMENTED"],
            [last.headSha, "COMMENTED"]
          ]
        )
        const about = (yield* models.journal.entries)
          .slice(asked)
          .filter(({ question }) => question?.schemaName === "review")
        assert.isNotEmpty(about)
        for (const { question } of about) assert.include(question?.prompt, "push5")
        const [, ...ofPushes] = yield* until(jobs(installed), (all) => all.at(-1)?.status === "completed")
        assert.deepStrictEqual(
          ofPushes.map(({ status }) => status),
          ["cancelled", "cancelled", "cancelled", "cancelled", "completed"]
        )
        for (const { error_message } of ofPushes.slice(0, -1))
          assert.match(error_message ?? "", /superseded by job \d+|the head moved/)
        for (const { headSha } of [first, ...others]) {
          for (const check of yield* checksOf(installed, pull, headSha)) {
            assert.deepStrictEqual([check.status, check.conclusion], ["completed", "cancelled"])
          }
        }
        assert.lengthOf(yield* checksOf(installed, pull, first.headSha), 1)
      }),
    180_000
  )

  for (const answered of [true, false]) {
    it.scopedLive(
      `stop a question that is on its way${answered ? ", also when it is answered at that moment" : ""}: no other is asked about the old head`,
      () =>
        Effect.gen(function* () {
          // One at a time: the others have been let through, and wait for their turn.
          const installed = yield* installWithModel(() => noFindings, { HOLDFAST_MODEL_CONCURRENCY: "1" })
          const { models, sandbox } = installed
          const configuration = { ".github/holdfast.yml": "review: { debounce_seconds: 0 }\n" }
          yield* installed.serve
          const held = yield* models.faults.add({ fault: { _tag: "Hold" } })
          const pull = yield* Effect.orDie(
            sandbox.pulls.open({
              content: { before: configuration, after: { ...configuration, ...parts(4, "oldhead") } }
            })
          )
          yield* models.journal.awaitQuestion({ stage: "received" })
          const pushed = yield* Effect.orDie(
            sandbox.pulls.push(pull, { content: { edit: parts(4, "newhead") } })
          )
          if (answered) yield* held.release
          const [old] = yield* until(jobs(installed), ([first]) => first?.status === "cancelled")
          yield* held.release
          assert.match(old?.error_message ?? "", /superseded by job \d+|the head moved/)
          yield* until(checksOf(installed, pull, pushed.headSha), ([check]) => check?.status === "completed")
          const questions = (yield* models.journal.entries)
            .filter(({ question }) => question?.schemaName === "review")
            .map(({ question }) => question?.prompt ?? "")
          assert.deepStrictEqual(
            questions.map((prompt) => /oldhead|newhead/.exec(prompt)?.[0]),
            ["oldhead", "newhead", "newhead", "newhead", "newhead"]
          )
          const checks = yield* checksOf(installed, pull, pull.headSha)
          assert.deepStrictEqual(
            checks.map(({ conclusion, status }) => [status, conclusion]),
            [["completed", "cancelled"]]
          )
          const reviews = yield* sandbox.view.allReviews(pull)
          assert.deepStrictEqual(
            reviews.map(({ commitSha, state }) => [commitSha, state]),
            [[pushed.headSha, "COMMENTED"]]
          )
        }),
      180_000
    )
  }
})
