/**
 * Runs one claimed job from the claim to the settled state.
 *
 * The handler gets a fiber of its own. The runner waits for its end, or, once it was asked to stop, for a bounded time
 * longer: a handler that ignores interruption can hold up neither a shutdown nor the truth about its job.
 */
import { Cause, Deferred, Duration, Effect, Exit, Fiber, Option, Random, Schedule } from "effect"
import { type Disposition, decide, type StopReason } from "./Disposition.ts"
import { type JobError, Permanent } from "./JobError.ts"
import { JobHandlers } from "./JobHandlers.ts"
import { JobStore } from "./JobStore.ts"
import { QueueSettings } from "./QueueSettings.ts"
import type { Running } from "./RunningJobs.ts"

/** How long a handler may take to clean up after it was interrupted. */
const cleanupBound = Duration.seconds(2)

/** How long a job that was told to stop may take until it is settled. */
export const stopBound = Duration.sum(cleanupBound, Duration.seconds(3))

const unknownKind = (kind: string) =>
  new Permanent({
    message: `no handler is registered for jobs of kind "${kind}"`
  })

/** What a handler's run came to. */
interface Outcome {
  readonly exit: Exit.Exit<void, JobError>
  readonly stop: Option.Option<StopReason>
  /** The handler's fiber, which is still alive if it ignored the interruption. */
  readonly handler: Fiber.Fiber<void, JobError>
}

/** Runs the handler until it ends, or until it was asked to stop and had its time to clean up. */
const runHandler = Effect.fn("Queue.handle")(function* (running: Running) {
  const handlers = yield* JobHandlers
  const { job } = running.claimed
  const registered = Object.hasOwn(handlers, job.kind) ? handlers[job.kind] : undefined
  const handle = registered ?? (() => unknownKind(job.kind))
  const ended = yield* Deferred.make<Exit.Exit<void, JobError>>()

  const handler = yield* Effect.suspend(() => handle(running.claimed)).pipe(
    Effect.interruptible,
    Effect.onExit((exit) => Deferred.succeed(ended, exit)),
    Effect.forkDaemon
  )
  const stopper = yield* Deferred.await(running.stop).pipe(
    Effect.tap(() => Fiber.interruptFork(handler)),
    Effect.tap(() => Effect.sleep(cleanupBound)),
    Effect.tap(() => Deferred.succeed(ended, Exit.interrupt(handler.id()))),
    Effect.interruptible,
    Effect.forkDaemon
  )
  const exit = yield* Deferred.await(ended)
  yield* Fiber.interruptFork(stopper)
  const stop = yield* stopReason(running)
  return { exit, stop, handler } satisfies Outcome
})

const stopReason = (running: Running): Effect.Effect<Option.Option<StopReason>> =>
  Effect.flatMap(
    Deferred.poll(running.stop),
    Option.match({ onNone: () => Effect.succeedNone, onSome: Effect.option })
  )

/** Writes the disposition; tries again while the store can't be reached and the lease may still be held. */
const settle = Effect.fn("Queue.settle")(function* (running: Running, disposition: Disposition) {
  const store = yield* JobStore
  const settings = yield* QueueSettings
  const { lease } = running.claimed
  return yield* store.settle(lease, disposition).pipe(
    Effect.retry({
      while: (error) => error._tag === "StoreUnavailable",
      schedule: Schedule.exponential(Duration.millis(50)).pipe(
        Schedule.union(Schedule.spaced(Duration.seconds(1))),
        Schedule.jittered
      )
    }),
    Effect.interruptible,
    Effect.disconnect,
    Effect.timeout(settings.lease),
    Effect.as(true),
    Effect.catchAllCause((cause) =>
      Effect.as(
        Effect.logWarning(
          "whether the outcome was written is not known; if not, the job will be rescued",
          cause
        ),
        false
      )
    )
  )
})

const log = (disposition: Disposition, exit: Exit.Exit<void, JobError>) => {
  const line = `job ended: ${disposition._tag}`
  return Exit.isFailure(exit) && Cause.isDie(exit.cause)
    ? Effect.logError(line, exit.cause)
    : Effect.logInfo(line)
}

/** Waits for the effect, but no longer than until `letGo`, whatever the caller's interruptibility. */
const unless = <A>(letGo: Effect.Effect<void>, effect: Effect.Effect<A>) =>
  Effect.raceFirst(Effect.interruptible(effect), Effect.interruptible(letGo))

/**
 * Runs the job and settles it. To be run uninterruptibly: it is stopped through `running.stop` only.
 *
 * @param letGo completes when the process ends and nothing can be waited for any longer
 */
export const runJob = Effect.fn("Queue.runJob")(function* (running: Running, letGo: Effect.Effect<void>) {
  const { job, lease } = running.claimed
  yield* Effect.gen(function* () {
    const { exit, handler, stop } = yield* runHandler(running)
    const jitter = yield* Random.next
    const disposition = decide({ job, exit, stop, jitter })
    const context = yield* Effect.context<JobStore>()
    const written = Effect.provide(settle(running, disposition), context)
    if (disposition._tag !== "Abandon") yield* unless(letGo, written)
    yield* log(disposition, exit)
    // Its permit stays taken while the handler is alive, except when the process is about to end anyway.
    if (!Option.exists(stop, (reason) => reason._tag === "Drain")) yield* unless(letGo, Fiber.await(handler))
  }).pipe(Effect.annotateLogs({ job: job.id, epoch: lease.epoch, kind: job.kind }))
})
