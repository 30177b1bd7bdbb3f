/**
 * The publish protocol under fire, over real HTTP: for each request that a review makes, the connection is cut before it
 * applies and after it, the server fails before and after, the reading is stale, and the worker loses its lease and goes
 * on regardless. In the end there is one visible review and nothing pending.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option, type Scope } from "effect"
import type { Fault } from "../../src/sandbox/Faults.ts"
import type { JournalEntry } from "../../src/sandbox/Journal.ts"
import { assertJournalConforms } from "../sandbox/openapi/Contract.ts"
import { begin, type Reviewing } from "./Reviewing.ts"

const files = {
  before: { "src/a.ts": "export const a = 1\n", "test/a.test.ts": 'it("works", () => {})\n' },
  after: {
    "src/a.ts": "export const a = 1\ndebugger\n",
    "test/a.test.ts": 'it.only("works", () => {})\n'
  }
}

/** Ids differ from run to run; their places do not. */
const shapeOf = (path: string) =>
  path
    .replace(/\/(reviews|check-runs)\/\d+/, "/$1/{id}")
    .replace(/\/commits\/[0-9a-f]{40}\//, "/commits/{ref}/")

interface Step {
  readonly method: string
  readonly path: string
  /** Counted from 1 among equal ones. */
  readonly nth: number
}

/** Every request of an undisturbed review, in order. */
const steps = (entries: ReadonlyArray<JournalEntry>): ReadonlyArray<Step> =>
  entries.map((entry, index) => ({
    method: entry.method,
    path: shapeOf(entry.path),
    nth: entries
      .slice(0, index + 1)
      .filter((other) => other.method === entry.method && shapeOf(other.path) === shapeOf(entry.path)).length
  }))

const undisturbed = Effect.gen(function* () {
  const reviewing = yield* begin(files)
  yield* reviewing.finish
  return steps(yield* reviewing.sandbox.journal.entries)
})

const reviewedOnce = ({ pull, records, sandbox }: Reviewing, where: string) =>
  Effect.gen(function* () {
    const reviews = yield* sandbox.view.allReviews(pull)
    assert.deepStrictEqual(
      reviews.map((review) => review.state),
      ["COMMENTED"],
      where
    )
    assert.strictEqual(reviews[0]?.comments.length, 2, where)
    const checks = yield* sandbox.view.checkRuns(pull)
    assert.deepStrictEqual(
      checks.map((check) => check.conclusion),
      ["neutral"],
      where
    )
    assert.isAtLeast(records.length, 1, where)
  })

const name = ({ method, nth, path }: Step) => `${method} ${path} #${nth}`

/** Runs a whole review for each request, with the fault at that request. */
const withFaultAtEach = (fault: Fault, concerns: (step: Step) => boolean) =>
  Effect.gen(function* () {
    const all = (yield* undisturbed).filter(concerns)
    assert.isAbove(all.length, 0)
    for (const step of all) {
      yield* Effect.scoped(
        Effect.gen(function* () {
          const reviewing = yield* begin(files)
          const handle = yield* reviewing.sandbox.faults.add({ fault, ...step })
          yield* reviewing.finish
          assert.strictEqual(yield* handle.hits, 1, `${name(step)} was made`)
          yield* reviewedOnce(reviewing, `${fault._tag} at ${name(step)}`)
        })
      )
    }
  })

const everywhere = () => true
const isRead = ({ method }: Step) => method === "GET"
const isWrite = ({ method, path }: Step) => method !== "GET" && !path.includes("access_tokens")

const minutes = 240_000
const test = (sentence: string, body: Effect.Effect<void, unknown, Scope.Scope>) =>
  it.scopedLive(sentence, () => body, minutes)

describe("a review is published once and only once", () => {
  test(
    "undisturbed, and every request of it is as GitHub documents it",
    Effect.gen(function* () {
      const reviewing = yield* begin(files)
      yield* reviewing.finish
      yield* reviewedOnce(reviewing, "undisturbed")
      assertJournalConforms(yield* reviewing.sandbox.journal.entries)
    })
  )

  test(
    "with the connection cut at each request before it applies",
    withFaultAtEach({ _tag: "ResetBefore" }, everywhere)
  )

  test(
    "with the connection cut at each request after it applied",
    withFaultAtEach({ _tag: "LoseAnswer" }, everywhere)
  )

  test(
    "with a 502 at each request that did not apply",
    withFaultAtEach({ _tag: "ServerFailure", status: 502, applied: false }, isWrite)
  )

  test(
    "with a 502 at each request that applied all the same",
    withFaultAtEach({ _tag: "ServerFailure", status: 502, applied: true }, isWrite)
  )

  test("with each reading stale", withFaultAtEach({ _tag: "StaleRead" }, isRead))

  for (const when of ["before", "after"] as const) {
    test(
      `when a worker loses its lease at each request ${when} it applies, and goes on`,
      Effect.gen(function* () {
        for (const step of (yield* undisturbed).filter(isWrite)) {
          yield* Effect.scoped(
            Effect.gen(function* () {
              const reviewing = yield* begin(files)
              const { bury, claim, finish, run, sandbox } = reviewing
              const held = yield* sandbox.faults.add({ fault: { _tag: "Hold", when }, ...step })
              const stale = Option.getOrThrow(yield* claim)
              const zombie = yield* Effect.fork(run(stale))
              yield* sandbox.journal.awaitRequest({
                ...step,
                stage: when === "before" ? "received" : "applied"
              })
              yield* bury(stale)
              yield* finish
              yield* held.release
              yield* Fiber.join(zombie)
              const reviews = yield* sandbox.view.reviews(reviewing.pull)
              assert.strictEqual(reviews.length, 1, `${when} ${name(step)}: visible reviews`)
              const pending = (yield* sandbox.view.allReviews(reviewing.pull)).filter(
                (review) => review.state === "PENDING"
              )
              assert.strictEqual(pending.length, 0, `${when} ${name(step)}: pending reviews`)
            })
          )
        }
      })
    )
  }

  test(
    "when GitHub refuses a comment's line: the findings then stand in the body",
    Effect.gen(function* () {
      const reviewing = yield* begin(files)
      yield* reviewing.sandbox.faults.add({
        fault: {
          _tag: "Answer",
          status: 422,
          body: {
            message: "Unprocessable Entity",
            errors: ["Line could not be resolved"],
            documentation_url: "https://docs.github.com/rest",
            status: "422"
          }
        },
        method: "POST",
        path: "/repos/{owner}/{repo}/pulls/{pull_number}/reviews"
      })
      yield* reviewing.finish
      const [review, ...others] = yield* reviewing.sandbox.view.allReviews(reviewing.pull)
      assert.deepStrictEqual(others, [])
      assert.strictEqual(review?.state, "COMMENTED")
      assert.strictEqual(review?.comments.length, 0)
      assert.match(review?.body ?? "", /debugger/)
      assert.match(review?.body ?? "", /only/)
    })
  )

  test(
    "of the new head, also when GitHub first answers with the old one, whose review is done",
    Effect.gen(function* () {
      const reviewing = yield* begin(files)
      const { finish, pull, sandbox, store } = reviewing
      yield* finish
      const pushed = yield* sandbox.pulls.push(pull, { content: { edit: { "src/b.ts": "debugger\n" } } })
      yield* sandbox.faults.add({
        fault: { _tag: "StaleRead" },
        method: "GET",
        path: "/repos/{owner}/{repo}/pulls/{pull_number}"
      })
      yield* store.enqueue({ subject: { ...reviewing.subject, commitSha: pushed.headSha }, trigger: "push" })
      yield* finish
      const reviews = yield* sandbox.view.reviews(pull)
      assert.deepStrictEqual(
        reviews.map((review) => review.commitSha),
        [pull.headSha, pushed.headSha]
      )
    })
  )

  test(
    "not at all once the pull request was closed or got a new head meanwhile; nothing stays pending",
    Effect.gen(function* () {
      for (const change of ["close", "push"] as const) {
        yield* Effect.scoped(
          Effect.gen(function* () {
            const reviewing = yield* begin(files)
            const { bury, claim, finish, pull, run, sandbox } = reviewing
            const held = yield* sandbox.faults.add({
              fault: { _tag: "Hold", when: "after" },
              method: "POST",
              path: "/repos/{owner}/{repo}/pulls/{pull_number}/reviews"
            })
            const first = Option.getOrThrow(yield* claim)
            const dead = yield* Effect.fork(run(first))
            yield* sandbox.journal.awaitRequest({
              method: "POST",
              path: "/repos/{owner}/{repo}/pulls/{pull_number}/reviews",
              stage: "applied"
            })
            yield* bury(first)
            if (change === "close") yield* sandbox.pulls.close(pull)
            else
              yield* sandbox.pulls.push(pull, { content: { edit: { "src/b.ts": "export const b = 2\n" } } })
            yield* finish
            yield* held.release
            yield* Fiber.join(dead)
            yield* finish
            const reviews = yield* sandbox.view.allReviews(pull)
            const current = yield* sandbox.view.pull(pull)
            assert.deepStrictEqual(
              reviews.map((review) => [review.state, review.commitSha === current?.heads.at(-1)?.sha]),
              change === "close" ? [] : [["COMMENTED", true]],
              change
            )
          })
        )
      }
    })
  )
})
