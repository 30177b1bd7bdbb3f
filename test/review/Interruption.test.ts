/** A review whose worker is lost before each of its operations in turn: requests, statements and questions. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Option } from "effect"
import { ModelSandbox } from "../../src/sandbox/ModelSandbox.ts"
import { settingsFor } from "../model/Asked.ts"
import { begin, type Watch } from "./Reviewing.ts"

const line = (file: number, at: number) =>
  `export const value${file}_${at} = compute(${at}, "${"x".repeat(60)}")`

/** Two parts, and something for the rules to find. */
const files = {
  before: { "src/a.ts": "export const a = 1\n" },
  after: {
    "src/a.ts": "export const a = 1\ndebugger\n",
    ...Object.fromEntries(
      [0, 1].map((file) => [
        `src/part${file}.ts`,
        `${Array.from({ length: 260 }, (_, at) => line(file, at)).join("\n")}\n`
      ])
    )
  }
}

/** Stops for ever at the nth operation, and says when it has come to that. */
const stopAt = (nth: number, reached: Deferred.Deferred<void>): Watch => {
  let count = 0
  return (operation) =>
    Effect.suspend(() =>
      ++count === nth ? Effect.zipRight(Deferred.succeed(reached, undefined), Effect.never) : operation
    )
}

/** Loses the worker before the nth operation; tells whether there was one. */
const loseAt = (nth: number) =>
  Effect.gen(function* () {
    const models = yield* ModelSandbox.make()
    const reached = yield* Deferred.make<void>()
    const reviewing = yield* begin(
      files,
      settingsFor("openai-compatible", models, { concurrency: 1 }),
      stopAt(nth, reached)
    )
    const claimed = Option.getOrThrow(yield* reviewing.claim)
    const attempt = yield* Effect.fork(reviewing.run(claimed))
    const wasLost = yield* Effect.race(
      Effect.as(Deferred.await(reached), true),
      Effect.as(Fiber.await(attempt), false)
    )
    yield* Fiber.interrupt(attempt)
    if (wasLost) yield* reviewing.bury(claimed)
    yield* reviewing.finish

    const at = `operation ${nth}`
    const reviews = yield* reviewing.sandbox.view.allReviews(reviewing.pull)
    assert.deepStrictEqual(
      reviews.map(({ comments, state }) => [state, comments.length]),
      [["COMMENTED", 1]],
      at
    )
    const checks = yield* reviewing.sandbox.view.checkRuns(reviewing.pull)
    assert.deepStrictEqual(
      checks.map(({ conclusion, status }) => [status, conclusion]),
      [["completed", "neutral"]],
      at
    )
    const job = Option.getOrThrow(yield* reviewing.store.find(claimed.job.id))
    assert.deepInclude(job, { status: "completed", attempts: 0, crashes: wasLost ? 1 : 0 }, at)
    const prompts = (yield* models.journal.entries).map(({ question }) => question?.prompt)
    const kept = (yield* reviewing.store.stepKeys(claimed.job.id)).filter((key) => key.startsWith("answer:"))
    assert.lengthOf(kept, 2, at)
    // One can have been answered when the worker was lost before it was kept; no other is bought twice.
    assert.strictEqual(new Set(prompts).size, 2, at)
    assert.isAtMost(prompts.length, wasLost ? 3 : 2, at)
    return wasLost
  }).pipe(Effect.scoped)

describe("a review that loses its worker", () => {
  it.scopedLive(
    "before any of its operations is published once, and nothing that was kept is bought again",
    () =>
      Effect.gen(function* () {
        let operations = 0
        while (yield* loseAt(operations + 1)) operations++
        yield* Effect.logInfo(`lost at each of ${operations} operations`)
        assert.isAbove(operations, 30)
      }),
    400_000
  )
})
