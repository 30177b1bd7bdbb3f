/**
 * The pool: one loop claims as many jobs as there are free permits, and each runs in a fiber of a supervised set.
 *
 * Closing the scope drains: the loop stops first, running jobs get the grace, what is left is interrupted and goes back
 * to the queue uncounted, and only then do the layers below (heartbeat, session, store) end.
 */
import { Context, Deferred, Duration, Effect, FiberSet, Layer, Ref, Schedule } from "effect"
import { StopReason } from "./Disposition.ts"
import { Hurry } from "./Hurry.ts"
import type { StoreUnavailable } from "./JobError.ts"
import type { JobHandlers } from "./JobHandlers.ts"
import { type Claimed, type JobCounts, JobStore } from "./JobStore.ts"
import { QueueSettings } from "./QueueSettings.ts"
import { runJob, stopBound } from "./RunJob.ts"
import { monotonic, RunningJobs } from "./RunningJobs.ts"
import { Wakeup } from "./Wakeup.ts"
import { Worker } from "./Worker.ts"

export class WorkerPool extends Context.Tag("holdfast/WorkerPool")<
  WorkerPool,
  {
    /** How many jobs run in this process now. */
    readonly active: Effect.Effect<number>
    /** How many jobs there are in each state, and how many run in this process. */
    readonly stats: Effect.Effect<JobCounts & { readonly active: number }, StoreUnavailable>
    /** Whether a shutdown has begun. */
    readonly draining: Effect.Effect<boolean>
  }
>() {}

const make = Effect.gen(function* () {
  const settings = yield* QueueSettings
  const store = yield* JobStore
  const worker = yield* Worker
  const running = yield* RunningJobs
  const wakeup = yield* Wakeup
  const context = yield* Effect.context<JobHandlers | JobStore>()
  const semaphore = yield* Effect.makeSemaphore(settings.concurrency)
  const free = yield* Ref.make(settings.concurrency)
  const draining = yield* Ref.make(false)
  const fibers = yield* FiberSet.make<void>()
  const hurry = yield* Hurry
  const letGo = yield* Deferred.make<void>()

  // Only the loop takes permits, so a number of free ones that it has read can only have grown.
  const take = (n: number) =>
    Effect.zipRight(
      semaphore.take(n),
      Ref.update(free, (count) => count - n)
    )
  const give = (n: number) =>
    Effect.zipRight(
      Ref.update(free, (count) => count + n),
      semaphore.release(n)
    )

  const giveBack = (claimed: Claimed) =>
    store.settle(claimed.lease, { _tag: "Release", reason: { _tag: "Drained" } }).pipe(
      Effect.interruptible,
      Effect.timeout(Duration.seconds(3)),
      Effect.catchAllCause((cause) =>
        Effect.logWarning("could not give a job back; it will be rescued", cause)
      )
    )

  // Its end may have made another job of its pull request claimable, which no NOTIFY tells.
  const start = (claimed: Claimed, askedAt: bigint) =>
    Effect.gen(function* () {
      const entry = yield* running.add(claimed, askedAt)
      yield* runJob(entry, Deferred.await(letGo)).pipe(
        Effect.ensuring(Effect.all([running.remove(entry), give(1), wakeup.hint], { discard: true })),
        Effect.provide(context),
        Effect.uninterruptible,
        FiberSet.run(fibers)
      )
    })

  /**
   * Claims for all free permits; tells whether there may be more to claim. A claim can bring fewer jobs than it asked for
   * while others are due: of each pull request it takes one.
   */
  const claim = Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      yield* restore(semaphore.take(1))
      yield* Ref.update(free, (count) => count - 1)
      const more = yield* Ref.get(free)
      yield* take(more)
      const asked = more + 1
      if (yield* Ref.get(draining)) return yield* Effect.as(give(asked), false)
      const askedAt = yield* monotonic
      const claimed = yield* store.claim(worker.id, asked).pipe(Effect.onError(() => give(asked)))
      yield* give(asked - claimed.length)
      if (yield* Ref.get(draining)) {
        yield* Effect.forEach(claimed, giveBack, { discard: true, concurrency: "unbounded" })
        return yield* Effect.as(give(claimed.length), false)
      }
      yield* Effect.forEach(claimed, (one) => start(one, askedAt), {
        discard: true
      })
      return claimed.length > 0
    })
  )

  const loop = claim.pipe(
    Effect.flatMap((more) => (more ? Effect.void : wakeup.next)),
    Effect.forever,
    Effect.tapErrorCause((cause) => Effect.logWarning("claiming failed; trying again", cause)),
    Effect.sandbox,
    Effect.retry(
      Schedule.exponential(Duration.millis(100)).pipe(
        Schedule.union(Schedule.spaced(Duration.seconds(5))),
        Schedule.jittered,
        Schedule.resetAfter(Duration.minutes(1))
      )
    )
  )

  const idle = (bound: Duration.Duration) =>
    FiberSet.awaitEmpty(fibers).pipe(Effect.interruptible, Effect.timeoutOption(bound))

  const drain = Effect.gen(function* () {
    const left = yield* running.size
    yield* Effect.logInfo(`draining: ${left} running`)
    yield* idle(settings.shutdownGrace).pipe(Effect.raceFirst(Effect.interruptible(hurry)))
    yield* running.stopAll(StopReason.Drain())
    yield* idle(stopBound)
    // What is still not over ignores its interruption, or the store does not answer: leases cover it.
    yield* Deferred.succeed(letGo, undefined)
    yield* idle(Duration.seconds(1))
    yield* Effect.logInfo("drained")
  })

  yield* Effect.addFinalizer(() => drain)
  yield* Effect.forkScoped(loop)
  yield* Effect.addFinalizer(() =>
    Ref.set(draining, true).pipe(
      Effect.zipRight(store.markDraining(worker.id)),
      Effect.interruptible,
      Effect.timeout(Duration.seconds(1)),
      Effect.ignore
    )
  )

  return WorkerPool.of({
    active: running.size,
    stats: Effect.zipWith(store.counts, running.size, (counts, active) => ({ ...counts, active })),
    draining: Ref.get(draining)
  })
})

/** Runs jobs for as long as the scope lives. */
export const layer: Layer.Layer<WorkerPool, never, JobHandlers | JobStore | RunningJobs | Wakeup | Worker> =
  Layer.scoped(WorkerPool, make)
