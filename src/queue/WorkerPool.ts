/**
 * The pool: one loop exchanges with the store what has ended for what is to be done, as much as there are free permits,
 * and each job runs in a fiber of a supervised set.
 *
 * Closing the scope drains: no more claims, running jobs get the grace, what is left is interrupted and goes back to the
 * queue uncounted, and only then do the loop and the layers below (heartbeat, session, store) end.
 */
import {
  Cause,
  Context,
  Deferred,
  Duration,
  Effect,
  Exit,
  Fiber,
  FiberSet,
  Layer,
  Option,
  Ref,
  Schedule
} from "effect"
import { StopReason } from "./Disposition.ts"
import { Hurry } from "./Hurry.ts"
import type { StoreUnavailable } from "./JobError.ts"
import type { JobHandlers } from "./JobHandlers.ts"
import { type Claimed, type JobCounts, JobStore } from "./JobStore.ts"
import * as Outbox from "./Outbox.ts"
import * as Quarantine from "./Quarantine.ts"
import { QueueSettings } from "./QueueSettings.ts"
import { type Outcome, runJob, stopBound } from "./RunJob.ts"
import { monotonic, type Running, RunningJobs } from "./RunningJobs.ts"
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

const whatBecame: Record<Outbox.Written, string> = {
  written: "job ended",
  lost: "job ended, but its lease was lost: nothing was written",
  unknown: "job ended; whether that was written is not known, and if not, it will be rescued"
}

const log = ({ disposition, exit }: Outcome, written: Outbox.Written) => {
  const line = `${whatBecame[written]}: ${disposition._tag}`
  if (Exit.isFailure(exit) && Cause.isDie(exit.cause)) return Effect.logError(line, exit.cause)
  return written === "written" ? Effect.logInfo(line) : Effect.logWarning(line)
}

const make = Effect.gen(function* () {
  const settings = yield* QueueSettings
  const store = yield* JobStore
  const worker = yield* Worker
  const running = yield* RunningJobs
  const wakeup = yield* Wakeup
  const context = yield* Effect.context<JobHandlers>()
  const semaphore = yield* Effect.makeSemaphore(settings.concurrency)
  const free = yield* Ref.make(settings.concurrency)
  const draining = yield* Ref.make(false)
  const fibers = yield* FiberSet.make<void>()
  const hurry = yield* Hurry
  const letGo = yield* Deferred.make<void>()
  const outbox = Outbox.make(settings.lease, wakeup.hint)
  const quarantine = yield* Quarantine.make(settings)
  // Whether the answer to a claim was lost, so that the store may count jobs as ours that we don't know of.
  const inDoubt = yield* Ref.make(false)

  // Only the loop takes permits, so it never waits for those that it has seen to be free.
  const takeFree = Ref.getAndSet(free, 0).pipe(Effect.tap((count) => semaphore.take(count)))
  const give = (n: number) =>
    Effect.zipRight(
      Ref.update(free, (count) => count + n),
      semaphore.release(n)
    )

  /** Runs the job and has its outcome written. Its permits pass to the outbox, unless the handler is still alive. */
  const run = (entry: Running, permits: number) =>
    Effect.gen(function* () {
      const { lease } = entry.claimed
      const outcome = yield* runJob(entry)
      const { disposition, outlives, stop } = outcome
      const passed = Option.isNone(outlives) ? permits : 0
      if (disposition._tag === "Abandon") {
        yield* log(outcome, "lost")
        yield* give(passed)
      } else {
        yield* log(outcome, yield* outbox.settle(lease, disposition, passed))
      }
      if (Option.isNone(outlives)) return
      // Except when the process is about to end anyway.
      if (!Option.exists(stop, (reason) => reason._tag === "Drain"))
        yield* Effect.raceFirst(
          Effect.interruptible(Fiber.await(outlives.value)),
          Effect.interruptible(Deferred.await(letGo))
        )
      yield* give(permits)
    }).pipe(
      Effect.ensuring(Effect.zipRight(running.remove(entry), wakeup.hint)),
      Effect.annotateLogs({
        job: entry.claimed.job.id,
        epoch: entry.claimed.lease.epoch,
        kind: entry.claimed.job.kind
      })
    )

  const start = (claimed: Claimed, askedAt: bigint, permits: number) =>
    running.add(claimed, askedAt).pipe(
      Effect.flatMap((entry) =>
        FiberSet.run(fibers, Effect.uninterruptible(Effect.provide(run(entry, permits), context)))
      ),
      Effect.asVoid
    )

  const patience = Duration.times(settings.lease, 1 / 3)

  /**
   * An answer within a third of the lease, or none. A claim without an answer leaves the worker in doubt.
   *
   * In a fiber of its own: a shutdown interrupts the loop and its children, but must wait for a claim's answer, to give
   * back what it brings.
   */
  const bounded = <A>(claims: boolean, ask: Effect.Effect<A, StoreUnavailable>) =>
    ask.pipe(
      Effect.timeout(patience),
      Effect.interruptible,
      Effect.forkDaemon,
      Effect.flatMap(Fiber.join),
      Effect.tapError(() => (claims ? Ref.set(inDoubt, true) : Effect.void))
    )

  /** Not through the outbox: the loop may be about to end, and then nobody would take it out. */
  const giveBack = (claimed: ReadonlyArray<Claimed>, permits: number) =>
    bounded(
      false,
      store.exchange(
        worker.id,
        claimed.map(({ lease }) => ({
          lease,
          disposition: { _tag: "Release", reason: { _tag: "Drained" } }
        })),
        0
      )
    ).pipe(
      Effect.catchAll((error) =>
        Effect.logWarning("could not give jobs back; they will be rescued", error.message)
      ),
      Effect.zipRight(give(permits * claimed.length))
    )

  /** Starts what was claimed, or gives it back when a shutdown began meanwhile. */
  const begin = (claimed: ReadonlyArray<Claimed>, askedAt: bigint, permits: number) =>
    Effect.gen(function* () {
      if (claimed.length === 0) return
      if (yield* Ref.get(draining)) return yield* giveBack(claimed, permits)
      yield* Effect.forEach(claimed, (one) => start(one, askedAt, permits), { discard: true })
    })

  const resolveDoubt = Effect.whenEffect(
    bounded(
      false,
      Effect.flatMap(running.leases, (leases) => store.disown(worker.id, leases))
    ).pipe(
      Effect.tap((disowned) =>
        disowned.length === 0
          ? Effect.void
          : Effect.logWarning(`gave back jobs whose claim was never answered: ${disowned.join(", ")}`)
      ),
      Effect.zipRight(Ref.set(inDoubt, false))
    ),
    Ref.get(inDoubt)
  )

  /** Runs a quarantined job with all permits. Tells whether there may be more to do. */
  const runAlone = (permits: number) =>
    Effect.gen(function* () {
      const askedAt = yield* monotonic
      const claimed = yield* bounded(true, store.claimQuarantined(worker.id)).pipe(
        Effect.onError(() => give(permits))
      )
      yield* quarantine.over
      if (Option.isNone(claimed)) yield* give(permits)
      yield* begin(Option.toArray(claimed), askedAt, permits)
      return true
    })

  /** Settles what has ended, and claims for all permits that are free then. Tells whether there may be more to do. */
  const exchange = (entries: ReadonlyArray<Outbox.Entry>, permits: number, limit: number) =>
    Effect.gen(function* () {
      const askedAt = yield* monotonic
      const { jobs, lost, quarantined } = yield* bounded(
        limit > 0,
        store.exchange(worker.id, entries, limit)
      ).pipe(Effect.onError(() => Effect.flatMap(outbox.putBack(entries), (given) => give(permits + given))))
      yield* Effect.forEach(
        entries,
        (entry) =>
          Effect.zipRight(
            running.forget(entry.lease),
            Deferred.succeed(entry.done, lost.includes(entry.lease) ? "lost" : "written")
          ),
        { discard: true }
      )
      if (limit > 0) yield* quarantine.seen(quarantined)
      yield* give(permits + entries.reduce((sum, entry) => sum + entry.permits, 0) - jobs.length)
      yield* begin(jobs, askedAt, 1)
      return jobs.length > 0 || entries.length > 0
    })

  const step = Effect.gen(function* () {
    yield* resolveDoubt
    const entries = yield* outbox.takeAll
    const permits = yield* takeFree
    const isDraining = yield* Ref.get(draining)
    const makesRoom = yield* quarantine.makesRoom(entries.length === 0 && permits === settings.concurrency)
    if (isDraining || makesRoom) {
      if (!isDraining && entries.length === 0 && permits === settings.concurrency)
        return yield* runAlone(permits)
      if (entries.length > 0) return yield* exchange(entries, permits, 0)
      return yield* Effect.as(give(permits), false)
    }
    const limit = permits + entries.reduce((sum, entry) => sum + entry.permits, 0)
    if (limit === 0 && entries.length === 0) return false
    return yield* exchange(entries, permits, limit)
  })

  const loop = Effect.uninterruptible(step).pipe(
    // Others that are about to end get their turn, so that they are settled in the same exchange.
    Effect.flatMap((more) => (more ? Effect.void : Effect.zipRight(wakeup.next, Effect.yieldNow()))),
    Effect.forever,
    Effect.tapErrorCause((cause) => Effect.logWarning("no exchange with the store; trying again", cause)),
    Effect.sandbox,
    Effect.retry(
      Schedule.exponential(Duration.millis(50)).pipe(
        Schedule.union(Schedule.spaced(Duration.seconds(1))),
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
    yield* Effect.zipRight(Deferred.succeed(letGo, undefined), outbox.close)
    yield* idle(Duration.seconds(1))
    yield* Effect.logInfo("drained")
  })

  // Ends last: what ends during the drain is written by the loop.
  yield* Effect.forkScoped(loop)
  yield* Effect.addFinalizer(() => drain)
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
