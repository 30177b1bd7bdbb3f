/**
 * One beat for the whole worker: it extends every lease in one statement and learns which are lost and which jobs are
 * asked to stop. Beside it runs the fence: a job whose lease can't be extended in time is stopped here, before the
 * database gives it to somebody else.
 */
import { Clock, Duration, Effect, Layer, Schedule } from "effect"
import { StopReason } from "./Disposition.ts"
import { JobStore } from "./JobStore.ts"
import { QueueSettings } from "./QueueSettings.ts"
import { monotonic, RunningJobs } from "./RunningJobs.ts"
import { Worker } from "./Worker.ts"

/** Sends one beat, and stops what it must. */
const beat = Effect.fn("Heartbeat.beat")(function* (timeout: Duration.Duration) {
  const store = yield* JobStore
  const running = yield* RunningJobs
  const worker = yield* Worker
  const leases = yield* running.leases
  const askedAt = yield* monotonic
  const { cancelled, lost } = yield* store
    .beat(worker.id, leases)
    .pipe(Effect.disconnect, Effect.timeout(timeout))
  yield* running.extended(
    leases.filter((lease) => !lost.includes(lease)),
    askedAt
  )
  yield* Effect.forEach(lost, (lease) => running.stop(lease, StopReason.LeaseLost()), { discard: true })
  yield* Effect.forEach(
    cancelled,
    ({ lease, reason }) => running.stop(lease, StopReason.Cancel({ reason })),
    { discard: true }
  )
})

/** Stops the jobs whose lease may have run out. */
const fence = Effect.gen(function* () {
  const running = yield* RunningJobs
  const expired = yield* running.expired
  yield* Effect.forEach(
    expired,
    (lease) =>
      Effect.logWarning("a lease could not be extended in time; its job is stopped").pipe(
        Effect.annotateLogs({ job: lease.jobId, epoch: lease.epoch }),
        Effect.zipRight(running.stop(lease, StopReason.LeaseLost()))
      ),
    { discard: true }
  )
})

/** Beats for as long as the scope lives. Build it below the pool, so that it stops after the pool has drained. */
export const layer: Layer.Layer<never, never, JobStore | RunningJobs | Worker> = Layer.scopedDiscard(
  Effect.gen(function* () {
    const settings = yield* QueueSettings
    const running = yield* RunningJobs
    const every = Duration.min(settings.beatEvery, Duration.times(settings.lease, 1 / 3))
    const idleMillis = Duration.toMillis(settings.idleBeatEvery)
    let lastBeat = Number.NEGATIVE_INFINITY

    const tick = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const idle = (yield* running.size) === 0
      if (idle && now - lastBeat < idleMillis) return
      lastBeat = now
      yield* beat(Duration.times(settings.lease, 1 / 3))
    }).pipe(
      Effect.catchAllCause((cause) => Effect.logWarning("a beat failed; the next one is due shortly", cause))
    )

    yield* Effect.forkScoped(Effect.repeat(tick, Schedule.spaced(every)))
    yield* Effect.forkScoped(Effect.repeat(fence, Schedule.spaced(every)))
  })
)
