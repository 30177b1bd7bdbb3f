/** Shutdowns that random histories hardly ever meet. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Deferred, Duration, Effect, Exit, Layer, Option, Scope, TestClock } from "effect"
import { Hurry } from "../../src/queue/Hurry.ts"
import { type JobHandler, JobHandlers } from "../../src/queue/JobHandlers.ts"
import * as Memory from "../../src/queue/JobStore/Memory.ts"
import { JobStore } from "../../src/queue/JobStore.ts"
import * as Queue from "../../src/queue/Queue.ts"
import { QueueSettings } from "../../src/queue/QueueSettings.ts"
import { withVirtualTime } from "../support/VirtualTime.ts"

const subject = {
  installationId: 1,
  owner: "acme",
  repo: "shop",
  pullRequest: 1,
  title: "",
  commitSha: "a",
  baseBranch: "main"
}

/** A worker with one running job; `shutdown` tells how long the end of its scope takes, in virtual milliseconds. */
const running = (handle: JobHandler, hurry: Effect.Effect<void> = Effect.never) =>
  Effect.gen(function* () {
    const started = yield* Deferred.make<void>()
    const store = Context.get(yield* Layer.build(Memory.layer), JobStore)
    const scope = yield* Scope.make()
    yield* Layer.buildWithScope(
      Queue.worker({ host: "test", pid: 1, version: "0" }).pipe(
        Layer.provide(
          Layer.succeed(JobHandlers, {
            review: (claimed) => Effect.zipRight(Deferred.succeed(started, undefined), handle(claimed))
          })
        ),
        Layer.provide(Layer.succeed(JobStore, store))
      ),
      scope
    ).pipe(Effect.provideService(Hurry, hurry))
    const { id } = yield* store.enqueue({ subject, trigger: "opened" })
    yield* Deferred.await(started)
    const shutdown = Effect.gen(function* () {
      const began = yield* Clock.currentTimeMillis
      const over = yield* Deferred.make<number>()
      yield* Scope.close(scope, Exit.void).pipe(
        Effect.zipRight(Clock.currentTimeMillis),
        Effect.flatMap((now) => Deferred.succeed(over, now - began)),
        Effect.forkDaemon
      )
      yield* TestClock.adjust("10 minutes")
      assert.isTrue(yield* Deferred.isDone(over), "the shutdown hangs")
      return yield* Deferred.await(over)
    })
    return { id, store, shutdown }
  })

const grace = Duration.toMillis(QueueSettings.defaults.shutdownGrace)

describe("a shutdown", () => {
  it.scoped("gives back a job that ignores its interruption, a bounded time after the grace", () =>
    Effect.gen(function* () {
      const { shutdown, store } = yield* running(() => Effect.uninterruptible(Effect.sleep("1 hour")))
      assert.isAtMost(yield* shutdown, grace + 6_000)
      const { pending, processing } = yield* store.counts
      assert.deepStrictEqual({ pending, processing }, { pending: 1, processing: 0 })
    }).pipe(withVirtualTime)
  )

  it.scoped("does not wait for a job that was cancelled before and ignores it", () =>
    Effect.gen(function* () {
      const { shutdown, store } = yield* running(() => Effect.uninterruptible(Effect.sleep("1 hour")))
      yield* store.cancelPullRequest(subject, "closed")
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* store.counts).cancelled, 1)
      assert.isAtMost(yield* shutdown, grace + 7_000)
    }).pipe(withVirtualTime)
  )

  it.scoped("cuts the grace short when it is told to hurry", () =>
    Effect.gen(function* () {
      const hurry = yield* Deferred.make<void>()
      const { shutdown, store } = yield* running(() => Effect.never, Deferred.await(hurry))
      yield* Effect.forkDaemon(Effect.zipRight(Effect.sleep("1 second"), Deferred.succeed(hurry, undefined)))
      assert.isAtMost(yield* shutdown, 2_000)
      assert.strictEqual((yield* store.counts).pending, 1)
    }).pipe(withVirtualTime)
  )

  it.scoped("waits for a claim that is under way, and gives back uncounted what it brings", () =>
    Effect.gen(function* () {
      const asked = yield* Deferred.make<void>()
      const store = Context.get(yield* Layer.build(Memory.layer), JobStore)
      const { id } = yield* store.enqueue({ subject, trigger: "opened" })
      const scope = yield* Scope.make()
      yield* Layer.buildWithScope(
        Queue.worker({ host: "test", pid: 1, version: "0" }).pipe(
          Layer.provide(Layer.succeed(JobHandlers, { review: () => Effect.die("it has started") })),
          Layer.provide(
            Layer.succeed(JobStore, {
              ...store,
              // As in a database, what was sent is done, whoever waits for it.
              exchange: (worker, settlements, limit) =>
                Deferred.succeed(asked, undefined).pipe(
                  Effect.zipRight(Effect.sleep("4 seconds")),
                  Effect.zipRight(store.exchange(worker, settlements, limit)),
                  Effect.uninterruptible,
                  Effect.disconnect
                )
            })
          )
        ),
        scope
      )
      yield* Deferred.await(asked)
      const closed = yield* Effect.forkDaemon(Scope.close(scope, Exit.void))
      yield* TestClock.adjust("20 seconds")
      assert.isNotNull(closed.unsafePoll(), "the shutdown hangs")
      const job = Option.getOrThrow(yield* store.find(id))
      assert.deepStrictEqual([job.status, job.crashes], ["pending", 0])
      const reasons = Array.from(yield* store.transitions(id), ({ why }) => why._tag)
      assert.deepStrictEqual(reasons, ["Enqueued", "Claimed", "Drained"])
    }).pipe(withVirtualTime)
  )
})
