/**
 * Runs one claimed job's handler until it ends.
 *
 * The handler gets a fiber of its own. The runner waits for its end, or, once it was asked to stop, for a bounded time
 * longer: a handler that ignores interruption can hold up neither a shutdown nor the truth about its job.
 */
import { Deferred, Duration, Effect, Exit, Fiber, Option, Random } from "effect"
import { type Disposition, decide, type StopReason } from "./Disposition.ts"
import { type JobError, Permanent } from "./JobError.ts"
import { JobHandlers } from "./JobHandlers.ts"
import type { Running } from "./RunningJobs.ts"

/** How long a handler may take to clean up after it was interrupted. */
const cleanupBound = Duration.seconds(2)

/** How long a job that was told to stop may take until it is settled. */
export const stopBound = Duration.sum(cleanupBound, Duration.seconds(3))

const unknownKind = (kind: string) =>
  new Permanent({
    message: `no handler is registered for jobs of kind "${kind}"`
  })

/** What a run came to. */
export interface Outcome {
  readonly disposition: Disposition
  readonly exit: Exit.Exit<void, JobError>
  readonly stop: Option.Option<StopReason>
  /** The handler's fiber, if it is still alive: it ignored its interruption. */
  readonly outlives: Option.Option<Fiber.Fiber<void, JobError>>
}

/** To be run uninterruptibly: it is stopped through `RunningJobs.stop` only. */
export const runJob = Effect.fn("Queue.runJob")(function* (running: Running) {
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
  running.onStop = Fiber.interruptFork(handler).pipe(
    Effect.zipRight(Effect.sleep(cleanupBound)),
    Effect.zipRight(Deferred.succeed(ended, Exit.interrupt(handler.id()))),
    Effect.asVoid
  )
  // It may have been told to stop before there was anything to be stopped.
  if (Option.isSome(running.stopReason)) yield* Effect.forkDaemon(running.onStop)
  const exit = yield* Deferred.await(ended)
  // A handler that ended by itself needs a moment until its fiber is over.
  yield* Effect.yieldNow()
  const outlives = Option.isNone(yield* Fiber.poll(handler)) ? Option.some(handler) : Option.none()
  const stop = running.stopReason
  const jitter = yield* Random.next
  return { disposition: decide({ job, exit, stop, jitter }), exit, stop, outlives } satisfies Outcome
})
