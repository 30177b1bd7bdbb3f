/** "Re-run" on checks, and the button on a check run: who may, which pull request is meant, and that it happens once. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { checksOver, commandsOver, faulty, jobsLike, make, reviewsOf, type Served } from "./Served.ts"

const patience = 120_000

/** An open pull request, from a fork if that is named, whose head is reviewed; and its check run. */
const reviewed = (fork?: string) =>
  Effect.gen(function* () {
    const served = yield* make()
    yield* served.serve
    const pull = yield* Effect.orDie(served.sandbox.pulls.open({ content: faulty("one"), fork }))
    const [check] = yield* checksOver(served, pull, pull.headSha)
    return { served, pull, check: check?.id ?? 0 }
  })

const generations = (served: Served) =>
  Effect.map(jobsLike(served, "review"), (jobs) => jobs.map(({ generation }) => generation))

describe("a check run's", () => {
  for (const fork of [undefined, "mona"]) {
    const from = fork === undefined ? "" : " of a pull request from a fork"
    it.scopedLive(
      `button${from} makes one full review, however often its webhook comes`,
      () =>
        Effect.gen(function* () {
          const { check, pull, served } = yield* reviewed(fork)
          const { delivery } = yield* Effect.orDie(
            served.sandbox.pulls.pressAction(pull, check, "review-full", "ann")
          )
          yield* reviewsOf(served, pull, 2)
          yield* commandsOver(served, 1)
          yield* Effect.orDie(served.sandbox.webhooks.redeliver(delivery?.guid ?? ""))
          yield* commandsOver(served, 1)
          assert.deepStrictEqual(yield* generations(served), [0, 1])
          assert.lengthOf(yield* served.sandbox.view.allReviews(pull), 2)
          assert.isEmpty(yield* served.sandbox.view.comments(pull))
        }),
      patience
    )

    it.scopedLive(
      `re-run${from} reviews the head that there is now`,
      () =>
        Effect.gen(function* () {
          const { check, pull, served } = yield* reviewed(fork)
          const pushed = yield* Effect.orDie(
            served.sandbox.pulls.push(pull, { content: { edit: { "src/b.ts": "const WRONG_two = 2\n" } } })
          )
          yield* checksOver(served, pull, pushed.headSha)
          yield* Effect.orDie(served.sandbox.pulls.rerunCheck(pull, check, "ann"))
          const reviews = yield* reviewsOf(served, pull, 3)
          assert.deepStrictEqual(
            reviews.map(({ commitSha }) => commitSha),
            [pull.headSha, pushed.headSha, pushed.headSha]
          )
        }),
      patience
    )

    it.scopedLive(
      `suite${from} is run again as a whole`,
      () =>
        Effect.gen(function* () {
          const { pull, served } = yield* reviewed(fork)
          yield* Effect.orDie(served.sandbox.pulls.rerunChecks(pull, pull.headSha, "ann"))
          yield* reviewsOf(served, pull, 2)
          assert.deepStrictEqual(yield* generations(served), [0, 1])
        }),
      patience
    )
  }

  it.scopedLive(
    "re-run by somebody without write access does nothing",
    () =>
      Effect.gen(function* () {
        const { check, pull, served } = yield* reviewed()
        yield* Effect.orDie(served.sandbox.pulls.rerunCheck(pull, check, "eve"))
        yield* Effect.orDie(served.sandbox.pulls.rerunChecks(pull, pull.headSha, "eve"))
        const commands = yield* commandsOver(served, 2)
        assert.deepStrictEqual(
          commands.map(({ status }) => status),
          ["cancelled", "cancelled"]
        )
        assert.deepStrictEqual(yield* generations(served), [0])
      }),
    patience
  )
})
