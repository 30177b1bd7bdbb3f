/**
 * The jobs that this process runs now: what the heartbeat extends, and what can be told to stop.
 *
 * Each entry knows until when its lease is certainly held, on this process's own monotonic clock, counted from before
 * the claim or the beat was sent. A worker that can't reach the database therefore stops its jobs before the database
 * lets anyone else have them.
 */
import { Clock, Context, Duration, Effect, Layer, Option } from "effect"
import type { StopReason } from "./Disposition.ts"
import type { JobId } from "./Job.ts"
import type { Claimed } from "./JobStore.ts"
import type { Lease } from "./Lease.ts"
import { QueueSettings } from "./QueueSettings.ts"

/** One running job. */
export interface Running {
  readonly claimed: Claimed
  /** The first reason to stop, once there is one. */
  stopReason: Option.Option<StopReason>
  /** What is done when there is one; none before the handler runs. */
  onStop: Effect.Effect<void>
  /** Monotonic nanoseconds when the claim was sent. */
  readonly askedAt: bigint
  /** Monotonic nanoseconds when the handler began; before that, the job waits for a permit. */
  startedAt: Option.Option<bigint>
  /** Monotonic nanoseconds until which the lease is certainly held. */
  heldUntil: bigint
}

export class RunningJobs extends Context.Tag("holdfast/RunningJobs")<
  RunningJobs,
  {
    /** How many jobs this process holds, from the claim until their outcome is written. */
    readonly size: Effect.Effect<number>
    /** Waits until there are none. */
    readonly idle: Effect.Effect<void>
    readonly leases: Effect.Effect<ReadonlyArray<Lease>>
    /** `askedAt`: when the claim was sent, from {@link monotonic}. */
    readonly add: (claimed: Claimed, askedAt: bigint) => Effect.Effect<Running>
    readonly remove: (running: Running) => Effect.Effect<void>
    /** Asks one job to stop, if this very claim runs here. The first reason stays. */
    readonly stop: (lease: Lease, reason: StopReason) => Effect.Effect<void>
    readonly stopAll: (reason: StopReason) => Effect.Effect<void>
    /** Asks those to stop that have not begun. */
    readonly stopWaiting: (reason: StopReason) => Effect.Effect<void>
    /** Those that have not begun and were asked for before the given time, in monotonic nanoseconds. */
    readonly waitingSince: (time: bigint) => Effect.Effect<ReadonlyArray<Lease>>
    /** Notes that the leases were extended by a beat that was sent at `askedAt`. */
    readonly extended: (leases: ReadonlyArray<Lease>, askedAt: bigint) => Effect.Effect<void>
    /** Those whose lease may have run out. */
    readonly expired: Effect.Effect<ReadonlyArray<Lease>>
  }
>() {}

/** The monotonic clock, in nanoseconds. */
export const monotonic: Effect.Effect<bigint> = Clock.currentTimeNanos

const make = Effect.gen(function* () {
  const settings = yield* QueueSettings
  const jobs = new Map<JobId, Running>()
  const isEmpty = yield* Effect.makeLatch(true)
  // Kept back for the time until the fence looks again, and for the time that stopping takes; of a short lease no more
  // than half, so that a beat each third of it can keep it.
  const reserve = Duration.min(
    Duration.max(Duration.times(settings.lease, 0.1), Duration.seconds(3)),
    Duration.times(settings.lease, 0.5)
  )
  const certain =
    BigInt(Math.floor(Duration.toMillis(Duration.subtract(settings.lease, reserve)))) * 1_000_000n

  const ofLease = (lease: Lease) =>
    Option.fromNullable(jobs.get(lease.jobId)).pipe(
      Option.filter((running) => running.claimed.lease.epoch === lease.epoch)
    )
  const stop = (running: Running, reason: StopReason) =>
    Effect.suspend(() => {
      if (Option.isSome(running.stopReason)) return Effect.void
      running.stopReason = Option.some(reason)
      return Effect.asVoid(Effect.forkDaemon(running.onStop))
    })

  const stopEach = (which: (running: Running) => boolean, reason: StopReason) =>
    Effect.suspend(() =>
      Effect.forEach([...jobs.values()].filter(which), (running) => stop(running, reason), { discard: true })
    )

  return RunningJobs.of({
    size: Effect.sync(() => jobs.size),
    idle: isEmpty.await,
    leases: Effect.sync(() => Array.from(jobs.values(), (running) => running.claimed.lease)),
    add: (claimed, askedAt) =>
      Effect.sync(() => {
        const running: Running = {
          claimed,
          stopReason: Option.none(),
          onStop: Effect.void,
          askedAt,
          startedAt: Option.none(),
          heldUntil: askedAt + certain
        }
        jobs.set(claimed.job.id, running)
        isEmpty.unsafeClose()
        return running
      }),
    remove: (running) =>
      Effect.sync(() => {
        if (jobs.get(running.claimed.job.id) === running) jobs.delete(running.claimed.job.id)
        if (jobs.size === 0) isEmpty.unsafeOpen()
      }),
    stop: (lease, reason) =>
      Option.match(ofLease(lease), {
        onNone: () => Effect.void,
        onSome: (running) => stop(running, reason)
      }),
    stopAll: (reason) => stopEach(() => true, reason),
    stopWaiting: (reason) => stopEach(({ startedAt }) => Option.isNone(startedAt), reason),
    waitingSince: (time) =>
      Effect.sync(() =>
        [...jobs.values()]
          .filter(({ askedAt, startedAt }) => Option.isNone(startedAt) && askedAt < time)
          .map(({ claimed }) => claimed.lease)
      ),
    extended: (leases, askedAt) =>
      Effect.sync(() => {
        for (const lease of leases) {
          Option.map(ofLease(lease), (running) => {
            running.heldUntil = askedAt + certain
          })
        }
      }),
    expired: Effect.map(monotonic, (now) =>
      [...jobs.values()].filter((running) => running.heldUntil < now).map((running) => running.claimed.lease)
    )
  })
})

export const layer: Layer.Layer<RunningJobs> = Layer.effect(RunningJobs, make)
