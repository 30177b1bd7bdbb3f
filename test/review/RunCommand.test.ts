/** `review full` and the death of the process that carries it out, at any operation. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Option } from "effect"
import { commandJob, reviewFull } from "../../src/github/Command.ts"
import { oneFinding } from "../e2e/Installed.ts"
import { begin, type Reviewing, type Watch } from "./Reviewing.ts"

const plain = {
  ...oneFinding,
  before: { ...oneFinding.before, ".github/holdfast.yml": "version: 1\n" },
  after: { ...oneFinding.after, ".github/holdfast.yml": "version: 1\n" }
}

/** The first review is made, and a button asks for another. */
const asked = (reviewing: Reviewing) =>
  Effect.gen(function* () {
    yield* reviewing.finish
    const { owner } = reviewing.subject
    yield* reviewing.store.enqueue(
      commandJob(reviewing.subject, "check-1", { login: owner, command: reviewFull, comment: null })
    )
    return Option.getOrThrow(yield* reviewing.claim)
  })

const generations = (reviewing: Reviewing) =>
  Effect.gen(function* () {
    const jobs = yield* reviewing.store.list({ pullRequest: reviewing.subject, limit: 50 })
    const reviews = yield* reviewing.sandbox.view.allReviews(reviewing.pull)
    return {
      jobs: jobs.filter(({ kind }) => kind === "review").map(({ generation }) => generation),
      reviews: reviews.map(({ state }) => state)
    }
  })

const once = { jobs: [1, 0], reviews: ["COMMENTED", "COMMENTED"] }

describe("a command whose worker dies", () => {
  it.scopedLive("between enqueueing and settling makes one review", () =>
    Effect.gen(function* () {
      const reviewing = yield* begin(plain)
      const claimed = yield* asked(reviewing)
      yield* reviewing.attempt(claimed)
      yield* reviewing.bury(claimed)
      yield* reviewing.finish
      assert.deepStrictEqual(yield* generations(reviewing), once)
    })
  )

  it.scopedLive(
    "before any of its operations makes one review",
    () =>
      Effect.gen(function* () {
        for (let at = 1; ; at++) {
          let left = Number.POSITIVE_INFINITY
          const reached = yield* Deferred.make<void>()
          const watch: Watch = (operation) =>
            Effect.suspend(() =>
              --left === 0 ? Effect.zipRight(Deferred.succeed(reached, undefined), Effect.never) : operation
            )
          const reviewing = yield* begin(plain, {}, watch)
          const claimed = yield* asked(reviewing)
          left = at
          const attempt = yield* Effect.fork(reviewing.attempt(claimed))
          const died = yield* Effect.raceFirst(
            Effect.as(Deferred.await(reached), true),
            Effect.as(Fiber.await(attempt), false)
          )
          left = Number.POSITIVE_INFINITY
          yield* Fiber.interrupt(attempt)
          if (!died) {
            assert.isAbove(at, 5)
            return
          }
          yield* reviewing.bury(claimed)
          yield* reviewing.finish
          assert.deepStrictEqual(yield* generations(reviewing), once, `before operation ${at}`)
        }
      }),
    120_000
  )
})
