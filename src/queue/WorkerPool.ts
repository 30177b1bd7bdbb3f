/**
 * The pool: one loop exchanges with the store what has ended for what is to be done, as much as there are free permits,
 * and each job runs in a fiber of a supervised set.
 *
 * Closing the scope drains: no more claims, running jobs get the grace, what is left is interrupted and goes back to the
 * queue uncounted, and only then do the loop and the layers below (heartbeat, session, store) end.
 */
import { Cause, Context, Deferred, Duration, Effect, Exit, Fiber, Layer, Option, Schedule } from "effect"
import { StopReason } from "./Disposition.ts"
import { Hurry } from "./Hurry.ts"
import type { StoreUnavailable } from "./JobError.ts"
import { JobHandlers } from "./JobHandlers.ts"
import { type Claimed, type JobCounts, JobStore } from "./JobStore.ts"
import * as Outbox from "./Outbox.ts"
import * as Quarantine from "./Quarantine.ts"
import { QueueSettings } from "./QueueSettings.ts"
import * as ReadAhead from "./ReadAhead.ts"
import * as RunJob from "./RunJob.ts"
import { monotonic, type Running, RunningJobs } from "./RunningJobs.ts"
import { Wakeup } from "./Wakeup.ts"
import { Worker } from "./Worker.ts"

export class WorkerPool extends Context.Tag("holdfast/WorkerPool")<
  WorkerPool,
  {
    /** How many jobs this process holds now, from the claim until their outcome is written. */
    readonly active: Effect.Effect<number>
    /** How many jobs there are in each state, and how many this process holds. */
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

const say = ({ disposition, exit }: RunJob.Outcome, written: Outbox.Written) => {
  const line = `${whatBecame[written]}: ${disposition._tag}`
  if (Exit.isFailure(exit) && Cause.isDie(exit.cause)) return Effect.logError(line, exit.cause)
  return written === "written" ? Effect.logInfo(line) : Effect.logWarning(line)
}

const log = ({ claimed: { job, lease } }: Running, outcome: RunJob.Outcome, written: Outbox.Written) =>
  Effect.annotateLogs(say(outcome, written), { job: job.id, epoch: lease.epoch, kind: job.kind })

/** How long a job that was claimed ahead may wait for a permit, in nanoseconds. */
const aheadBound = 100_000_000n

const make = Effect.gen(function* () {
  const settings = yield* QueueSettings
  const store = yield* JobStore
  const worker = yield* Worker
  const running = yield* RunningJobs
  const wakeup = yield* Wakeup
  const handlers = yield* JobHandlers
  const hurry = yield* Hurry
  const semaphore = yield* Effect.makeSemaphore(settings.concurrency)
  const readAhead = ReadAhead.make(settings.concurrency)
  const quarantine = yield* Quarantine.make(settings)
  const letGo = yield* Deferred.make<void>()
  // How many permits are held by jobs, or wanted by those that wait for one.
  let taken = 0
  const excess = () => taken - settings.concurrency
  const outbox = Outbox.make(settings.lease, wakeup.hint)
  let isDraining = false
  // Whether the answer to a claim was lost, so that the store may count jobs as ours that we don't know of.
  let inDoubt = false

  const give = (permits: number) =>
    Effect.suspend(() => {
      taken -= permits
      return wakeup.hint
    })

  /** What is known at the end of a job's time here. */
  const ended = (entry: Running, outcome: RunJob.Outcome, written: Outbox.Written) =>
    Effect.zipRight(running.remove(entry), log(entry, outcome, written))

  /** Has the outcome written. A job's permits come free when its handler is over, which may be later. */
  const onEnd = (entry: Running, permits: number) => (outcome: RunJob.Outcome) =>
    Effect.gen(function* () {
      const { lease } = entry.claimed
      const { disposition, outlives, ran, stop } = outcome
      if (Option.isSome(ran)) readAhead.ran(ran.value)
      if (Option.isNone(outlives)) taken -= permits
      if (disposition._tag === "Abandon") yield* Effect.zipRight(ended(entry, outcome, "lost"), wakeup.hint)
      else yield* outbox.put({ lease, disposition, ended: (written) => ended(entry, outcome, written) })
      // Except when the process is about to end anyway.
      if (Option.isSome(outlives) && !Option.exists(stop, (reason) => reason._tag === "Drain"))
        yield* Fiber.await(outlives.value).pipe(
          Effect.raceFirst(Deferred.await(letGo)),
          Effect.interruptible,
          Effect.zipRight(give(permits)),
          Effect.forkDaemon
        )
    })

  const start = (claimed: Claimed, askedAt: bigint, permits: number) =>
    Effect.flatMap(running.add(claimed, askedAt), (entry) => {
      taken += permits
      return RunJob.start(entry, {
        handlers,
        withPermits: semaphore.withPermits(permits),
        onEnd: onEnd(entry, permits)
      })
    })

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
      Effect.tapError(() =>
        Effect.sync(() => {
          if (claims) inDoubt = true
        })
      )
    )

  /** Not through the outbox: the loop may be about to end, and then nobody would take it out. */
  const giveBack = (claimed: ReadonlyArray<Claimed>) =>
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
      Effect.asVoid
    )

  /** Starts what was claimed, or gives it back when a shutdown began meanwhile. */
  const begin = (claimed: ReadonlyArray<Claimed>, askedAt: bigint, permits: number) =>
    Effect.suspend(() => {
      if (claimed.length === 0) return Effect.void
      if (isDraining) return giveBack(claimed)
      return Effect.forEach(claimed, (one) => start(one, askedAt, permits), { discard: true })
    })

  const resolveDoubt = Effect.gen(function* () {
    const leases = yield* running.leases
    const disowned = yield* bounded(false, store.disown(worker.id, leases))
    if (disowned.length > 0)
      yield* Effect.logWarning(`gave back jobs whose claim was never answered: ${disowned.join(", ")}`)
    inDoubt = false
  })

  /** Runs a quarantined job with all permits. Tells whether there may be more to do. */
  const runAlone = Effect.gen(function* () {
    const askedAt = yield* monotonic
    const claimed = yield* bounded(true, store.claimQuarantined(worker.id))
    yield* quarantine.over
    yield* begin(Option.toArray(claimed), askedAt, settings.concurrency)
    return true
  })

  /** Settles what has ended, and claims as much as is wanted. Tells whether there may be more to do. */
  const exchange = (waiting: ReadonlyArray<Outbox.Waiting>, wanted: number) =>
    Effect.gen(function* () {
      const askedAt = yield* monotonic
      const entries = waiting.map(({ entry }) => entry)
      const { jobs, lost, quarantined } = yield* bounded(
        wanted > 0,
        store.exchange(worker.id, entries, wanted)
      ).pipe(Effect.onError(() => outbox.putBack(waiting)))
      for (const entry of entries) yield* entry.ended(lost.includes(entry.lease) ? "lost" : "written")
      if (wanted > 0) {
        readAhead.answered((yield* monotonic) - askedAt, jobs.length === wanted)
        yield* quarantine.seen(quarantined)
      }
      yield* begin(jobs, askedAt, 1)
      return jobs.length > 0 || entries.length > 0
    })

  /** Others may have free permits for what was claimed ahead of jobs that are not over soon after all. */
  const giveUpWaiting = Effect.gen(function* () {
    const late = yield* running.waitingSince((yield* monotonic) - aheadBound)
    if (late.length === 0) return
    readAhead.stop()
    yield* Effect.forEach(late, (lease) => running.stop(lease, StopReason.Busy()), { discard: true })
  })

  const step = Effect.gen(function* () {
    if (inDoubt) yield* resolveDoubt
    if (excess() > 0) yield* giveUpWaiting
    const waiting = yield* outbox.takeAll
    const isFree = waiting.length === 0 && taken === 0
    const makesRoom = yield* quarantine.makesRoom(isFree)
    if (isDraining || makesRoom) {
      if (!isDraining && isFree) return yield* runAlone
      return waiting.length > 0 && (yield* exchange(waiting, 0))
    }
    const wanted = Math.max(0, readAhead.allowance() - excess())
    return (wanted > 0 || waiting.length > 0) && (yield* exchange(waiting, wanted))
  })

  const rest = Effect.suspend(() =>
    excess() > 0 ? Effect.timeoutOption(wakeup.next, Duration.nanos(aheadBound)) : wakeup.next
  )

  const loop = Effect.uninterruptible(step).pipe(
    // Others that are about to end get their turn, so that they are settled in the same exchange.
    Effect.flatMap((more) => (more ? Effect.void : Effect.zipRight(rest, Effect.yieldNow()))),
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
    running.idle.pipe(Effect.interruptible, Effect.timeoutOption(bound))

  const drain = Effect.gen(function* () {
    yield* running.stopWaiting(StopReason.Drain())
    const left = yield* running.size
    yield* Effect.logInfo(`draining: ${left} running`)
    yield* idle(settings.shutdownGrace).pipe(Effect.raceFirst(Effect.interruptible(hurry)))
    yield* running.stopAll(StopReason.Drain())
    yield* idle(RunJob.stopBound)
    // What is still not over ignores its interruption, or the store does not answer: leases cover it.
    yield* Effect.zipRight(Deferred.succeed(letGo, undefined), outbox.close)
    yield* idle(Duration.seconds(1))
    yield* Effect.logInfo("drained")
  })

  // Ends last: what ends during the drain is written by the loop.
  yield* Effect.forkScoped(loop)
  yield* Effect.addFinalizer(() => drain)
  yield* Effect.addFinalizer(() =>
    Effect.suspend(() => {
      isDraining = true
      return store.markDraining(worker.id)
    }).pipe(Effect.interruptible, Effect.timeout(Duration.seconds(1)), Effect.ignore)
  )

  return WorkerPool.of({
    active: running.size,
    stats: Effect.zipWith(store.counts, running.size, (counts, active) => ({ ...counts, active })),
    draining: Effect.sync(() => isDraining)
  })
})

/** Runs jobs for as long as the scope lives. */
export const layer: Layer.Layer<WorkerPool, never, JobHandlers | JobStore | RunningJobs | Wakeup | Worker> =
  Layer.scoped(WorkerPool, make)
