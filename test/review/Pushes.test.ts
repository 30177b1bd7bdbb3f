/** When a push, or a draft, is reviewed: against a local GitHub, with a store in memory. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Option } from "effect"
import type { NewJob } from "../../src/queue/Job.ts"
import { begin, type Reviewing } from "./Reviewing.ts"

const configured = (lines: string) => {
  const configuration = { ".github/holdfast.yml": lines }
  return {
    before: { ...configuration, "src/a.ts": "export const a = 1\n" },
    after: { ...configuration, "src/a.ts": "export const a = 1\ndebugger\n" }
  }
}

/** A push that changes a file, and the job that its webhook makes. */
const push = ({ pull, sandbox, store, subject }: Reviewing, text: string, more: Partial<NewJob> = {}) =>
  Effect.gen(function* () {
    const pushed = yield* sandbox.pulls.push(pull, { content: { edit: { "src/b.ts": text } } })
    const { id } = yield* store.enqueue({
      subject: { ...subject, commitSha: pushed.headSha },
      trigger: "push",
      payload: { draft: false },
      ...more
    })
    return { id, headSha: pushed.headSha }
  })

const runOnce = ({ claim, run }: Reviewing) => Effect.flatMap(Effect.map(claim, Option.getOrThrow), run)

/** The check runs of a commit, oldest first. */
const checksOf = ({ pull, sandbox }: Reviewing, headSha: string) =>
  Effect.map(sandbox.view.checkRuns(pull), (checks) => checks.filter((check) => check.headSha === headSha))

const reviewedHeads = ({ pull, sandbox }: Reviewing) =>
  Effect.map(sandbox.view.allReviews(pull), (reviews) =>
    reviews.map(({ commitSha, state }) => {
      assert.strictEqual(state, "COMMENTED")
      return commitSha
    })
  )

const statusOf = ({ store }: Reviewing, id: NewJobId) =>
  Effect.map(store.find(id), (job) => Option.getOrThrow(job).status)
type NewJobId = Parameters<Reviewing["store"]["find"]>[0]

const begun = (lines: string) => Effect.tap(begin(configured(lines)), (reviewing) => reviewing.finish)

describe("a push", () => {
  it.scopedLive("waits until it was quiet, says until when, and nothing counts as failed", () =>
    Effect.gen(function* () {
      const reviewing = yield* begun("review: { debounce_seconds: 600 }")
      const { id, headSha } = yield* push(reviewing, "debugger\n")
      yield* runOnce(reviewing)
      const [check] = yield* checksOf(reviewing, headSha)
      assert.strictEqual(check?.status, "queued")
      const job = Option.getOrThrow(yield* reviewing.store.find(id))
      const until = /waits until (\S+): there may be further pushes/.exec(check?.summary ?? "")?.[1]
      const wait = DateTime.distance(job.createdAt, DateTime.unsafeMake(until ?? ""))
      assert.isAtLeast(wait, 600_000)
      assert.isBelow(wait, 660_000)
      assert.deepStrictEqual([job.status, job.attempts, job.snoozes], ["pending", 0, 1])
      assert.lengthOf(yield* reviewedHeads(reviewing), 1)
      yield* reviewing.finish
      assert.deepStrictEqual(yield* reviewedHeads(reviewing), [reviewing.pull.headSha, headSha])
      assert.strictEqual(Option.getOrThrow(yield* reviewing.store.find(id)).snoozes, 1)
    })
  )

  it.scopedLive(
    "that is followed by others is cancelled, on its check run too; the last one is reviewed",
    () =>
      Effect.gen(function* () {
        const reviewing = yield* begun("review: { debounce_seconds: 600 }")
        const pushes = []
        for (const text of ["one", "two", "three", "four", "five"]) {
          pushes.push(yield* push(reviewing, `debugger // ${text}\n`))
          yield* runOnce(reviewing)
        }
        yield* reviewing.finish
        const last = pushes.at(-1)
        assert.deepStrictEqual(yield* reviewedHeads(reviewing), [reviewing.pull.headSha, last?.headSha])
        for (const { headSha, id } of pushes.slice(0, -1)) {
          assert.strictEqual(yield* statusOf(reviewing, id), "cancelled")
          const checks = yield* checksOf(reviewing, headSha)
          assert.deepStrictEqual(
            checks.map(({ conclusion, status }) => [status, conclusion]),
            [["completed", "cancelled"]]
          )
          assert.match(checks[0]?.summary ?? "", /superseded by job/)
        }
      })
  )

  it.scopedLive("is reviewed at once where the configuration says so, or a person asked again", () =>
    Effect.gen(function* () {
      for (const [lines, more] of [
        ["review: { debounce_seconds: 0 }", {}],
        ["review: { debounce_seconds: 600 }", { trigger: "command" }],
        ["review: { debounce_seconds: 600 }", { generation: 1 }],
        ["review: { debounce_seconds: 600, on_push: off }", { generation: 1 }]
      ] as const) {
        yield* Effect.gen(function* () {
          const reviewing = yield* begun(lines)
          const { headSha } = yield* push(reviewing, "debugger\n", more)
          yield* runOnce(reviewing)
          assert.deepStrictEqual(yield* reviewedHeads(reviewing), [reviewing.pull.headSha, headSha], lines)
        }).pipe(Effect.scoped)
      }
    })
  )

  it.scopedLive("is not reviewed where pushes are off, says how to have it, and then has it", () =>
    Effect.gen(function* () {
      const reviewing = yield* begun("review: { on_push: off }")
      const { headSha, id } = yield* push(reviewing, "debugger\n")
      yield* reviewing.finish
      const [check] = yield* checksOf(reviewing, headSha)
      assert.deepStrictEqual([check?.status, check?.conclusion], ["completed", "skipped"])
      assert.match((check?.summary ?? "").replaceAll("\\", ""), /on_push is off.*holdfast review/)
      assert.strictEqual(yield* statusOf(reviewing, id), "cancelled")
      assert.lengthOf(yield* reviewedHeads(reviewing), 1)
      const reopened = yield* reviewing.store.enqueue({
        subject: { ...reviewing.subject, commitSha: headSha },
        trigger: "opened"
      })
      assert.isTrue(reopened.created)
      yield* reviewing.finish
      assert.deepStrictEqual(yield* reviewedHeads(reviewing), [reviewing.pull.headSha, headSha])
    })
  )

  it.scopedLive("is reviewed in place of the review that it superseded, though pushes are off", () =>
    Effect.gen(function* () {
      const reviewing = yield* begin(configured("review: { on_push: off, debounce_seconds: 0 }"))
      yield* push(reviewing, "debugger\n")
      const { headSha } = yield* push(reviewing, "debugger // again\n")
      yield* reviewing.finish
      assert.deepStrictEqual(yield* reviewedHeads(reviewing), [headSha])
    })
  )

  it.scopedLive("counts second looks at GitHub apart from what else it waited for", () =>
    Effect.gen(function* () {
      const reviewing = yield* begun("review: { debounce_seconds: 600 }")
      const { id } = yield* push(reviewing, "debugger\n")
      yield* runOnce(reviewing)
      yield* reviewing.sandbox.faults.add({
        fault: { _tag: "SecondaryLimit", status: 429, retryAfterSeconds: 60 },
        method: "GET",
        path: "/repos/{owner}/{repo}/pulls/{pull_number}"
      })
      yield* runOnce(reviewing)
      yield* reviewing.sandbox.pulls.close(reviewing.pull)
      for (const expected of ["pending", "pending", "cancelled"]) {
        yield* runOnce(reviewing)
        assert.strictEqual(yield* statusOf(reviewing, id), expected)
      }
    })
  )
})

describe("a draft", () => {
  /** Opened, or pushed to, as a draft. */
  const beginDraft = (lines: string) =>
    Effect.gen(function* () {
      const reviewing = yield* begin(configured(lines))
      const { pull, sandbox, store, subject } = reviewing
      yield* sandbox.pulls.convertToDraft(pull)
      yield* store.cancelPullRequest(subject, "as if it had not been opened before")
      const { id } = yield* store.enqueue({ subject, trigger: "opened", payload: { draft: true } })
      return { ...reviewing, id }
    })

  it.scopedLive("is told once that it waits, and is reviewed at the same head as soon as it is ready", () =>
    Effect.gen(function* () {
      const reviewing = yield* beginDraft("")
      const { id, pull, sandbox, store, subject } = reviewing
      yield* runOnce(reviewing)
      assert.strictEqual(yield* statusOf(reviewing, id), "cancelled")
      const [check, ...others] = yield* checksOf(reviewing, pull.headSha)
      assert.deepStrictEqual([check?.status, check?.conclusion, others.length], ["completed", "skipped", 0])
      assert.match(check?.summary ?? "", /draft.*ready for review/)
      yield* sandbox.pulls.readyForReview(pull)
      const ready = yield* store.enqueue({ subject, trigger: "opened", payload: { draft: false } })
      assert.isTrue(ready.created)
      yield* runOnce(reviewing)
      assert.deepStrictEqual(yield* reviewedHeads(reviewing), [pull.headSha])
      const checks = yield* checksOf(reviewing, pull.headSha)
      assert.deepStrictEqual(
        checks.map(({ conclusion }) => conclusion),
        ["skipped", "neutral"]
      )
    })
  )

  it.scopedLive("is reviewed where the configuration says so", () =>
    Effect.gen(function* () {
      const reviewing = yield* beginDraft("skip: { drafts: false }")
      yield* runOnce(reviewing)
      assert.deepStrictEqual(yield* reviewedHeads(reviewing), [reviewing.pull.headSha])
    })
  )

  it.scopedLive("that GitHub still shows after it was made ready is looked at again", () =>
    Effect.gen(function* () {
      const reviewing = yield* beginDraft("")
      const { pull, sandbox, store, subject } = reviewing
      yield* runOnce(reviewing)
      const { id } = yield* store.enqueue({ subject, trigger: "opened", payload: { draft: false } })
      yield* runOnce(reviewing)
      assert.strictEqual(yield* statusOf(reviewing, id), "pending")
      yield* sandbox.pulls.readyForReview(pull)
      yield* runOnce(reviewing)
      assert.deepStrictEqual(yield* reviewedHeads(reviewing), [pull.headSha])
    })
  )

  it.scopedLive("that it became while it was being reviewed stops the review before it is published", () =>
    Effect.gen(function* () {
      const reviewing = yield* begin(configured(""))
      const { pull, sandbox } = reviewing
      const held = yield* sandbox.faults.add({
        fault: { _tag: "Hold", when: "after" },
        method: "GET",
        path: "/repos/{owner}/{repo}/pulls/{pull_number}/files"
      })
      const attempt = yield* Effect.fork(reviewing.finish)
      yield* sandbox.journal.awaitRequest({
        method: "GET",
        path: "/repos/{owner}/{repo}/pulls/{pull_number}/files",
        stage: "applied"
      })
      yield* sandbox.pulls.convertToDraft(pull)
      yield* held.release
      yield* attempt
      assert.deepStrictEqual(yield* reviewedHeads(reviewing), [])
      const checks = yield* checksOf(reviewing, pull.headSha)
      assert.deepStrictEqual(
        checks.map(({ conclusion }) => conclusion),
        ["skipped"]
      )
    })
  )
})
