/**
 * Runs one claimed job's handler until it ends.
 *
 * The handler has a fiber of its own, which waits for a permit before it begins. Once it was asked to stop it has a
 * bounded time: a handler that ignores its interruption can hold up neither a shutdown nor the truth about its job.
 */
import { Duration, Effect, Exit, Fiber, Option, Random } from "effect"
import { type Disposition, decide, type StopReason } from "./Disposition.ts"
import { unqualified } from "./Job.ts"
import { type JobError, Permanent } from "./JobError.ts"
import type { JobHandler, JobHandlers } from "./JobHandlers.ts"
import { monotonic, type Running } from "./RunningJobs.ts"

/** How long a handler may take to clean up after it was interrupted. */
const cleanupBound = Duration.seconds(2)

/** How long a job that was told to stop may take until it is settled. */
export const stopBound = Duration.sum(cleanupBound, Duration.seconds(3))

/** What a run came to. */
export interface Outcome {
  readonly disposition: Disposition
  readonly exit: Exit.Exit<void, JobError>
  readonly stop: Option.Option<StopReason>
  /** For how many nanoseconds the handler ran, if it ran. */
  readonly ran: Option.Option<bigint>
  /** The handler's fiber, if it is still alive: it ignored its interruption. */
  readonly outlives: Option.Option<Fiber.Fiber<void, JobError>>
}

export interface Options {
  readonly handlers: typeof JobHandlers.Service
  /** Lets the handler run once there are permits for it, and takes them back when it is over. */
  readonly withPermits: <A, E>(handle: Effect.Effect<A, E>) => Effect.Effect<A, E>
  /** What is done with the outcome, once. Not interrupted. */
  readonly onEnd: (outcome: Outcome) => Effect.Effect<void>
}

const unknownKind = (kind: string): JobHandler => {
  const message = `no handler is registered for jobs of kind "${kind}"`
  return () => new Permanent({ message })
}

const handlerOf = (handlers: typeof JobHandlers.Service, kind: string): JobHandler => {
  const own = (name: string) => (Object.hasOwn(handlers, name) ? handlers[name] : undefined)
  return own(kind) ?? own(unqualified(kind)) ?? unknownKind(kind)
}

/** Starts the job. From then on it is stopped through `RunningJobs.stop` only. */
export const start = (running: Running, { handlers, onEnd, withPermits }: Options): Effect.Effect<void> => {
  const { claimed } = running
  let hasEnded = false
  const end = (exit: Exit.Exit<void, JobError>, outlives: Outcome["outlives"]) =>
    Effect.suspend(() => {
      if (hasEnded) return Effect.void
      hasEnded = true
      const stop = running.stopReason
      return Effect.flatMap(Effect.zip(Random.next, monotonic), ([jitter, now]) => {
        const disposition = decide({ job: claimed.job, exit, stop, jitter })
        const ran = Option.map(running.startedAt, (startedAt) => now - startedAt)
        return onEnd({ disposition, exit, stop, ran, outlives })
      })
    })
  const handle = Effect.flatMap(monotonic, (now) => {
    running.startedAt = Option.some(now)
    return handlerOf(handlers, claimed.job.kind)(claimed)
  })
  // Its stack trace would be the same for each job, and cost more than all the rest of it.
  return withPermits(Effect.withSpan(handle, "Queue.runJob", { captureStackTrace: false })).pipe(
    Effect.interruptible,
    Effect.onExit((exit) => end(exit, Option.none())),
    Effect.forkDaemon,
    Effect.flatMap((fiber) => {
      running.onStop = Fiber.interruptFork(fiber).pipe(
        Effect.zipRight(Effect.sleep(cleanupBound)),
        Effect.zipRight(end(Exit.interrupt(fiber.id()), Option.some(fiber))),
        Effect.asVoid
      )
      // It may have been told to stop before there was anything to be stopped.
      return Option.isSome(running.stopReason)
        ? Effect.asVoid(Effect.forkDaemon(running.onStop))
        : Effect.void
    }),
    Effect.uninterruptible
  )
}
