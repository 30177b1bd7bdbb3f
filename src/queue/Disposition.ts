/**
 * What becomes of a job when its handler ends. Pure: (job, exit, why it was stopped) → what to write.
 *
 * The match over error tags is exhaustive: a new `JobError` without a policy here does not compile.
 */
import { Cause, Data, type DateTime, Duration, Exit, Match, Option } from "effect"
import type { Job } from "./Job.ts"
import type { JobError } from "./JobError.ts"
import type { Reason } from "./Transition.ts"

/** What to write about a job that was processing. */
export type Disposition = Data.TaggedEnum<{
  /** Done: `completed`. */
  Complete: Record<never, never>
  /** Counted; `pending` again after the delay, or `failed` when no attempt is left. */
  Retry: { readonly reason: Reason; readonly delay: Duration.Duration }
  /** Counted; `pending` again at the given time, or `failed` when no attempt is left. */
  RetryAt: { readonly reason: Reason; readonly until: DateTime.Utc }
  /** Not counted; `pending` again at the given time. */
  Snooze: { readonly reason: Reason; readonly until: DateTime.Utc }
  /** Not counted; `pending` again at once. */
  Release: { readonly reason: Reason }
  /** Counted; `failed` at once. */
  Fail: { readonly reason: Reason }
  /** `cancelled`. */
  Cancel: { readonly reason: Reason }
  /** The lease is gone, so there is nothing to write. */
  Abandon: Record<never, never>
}>
export const Disposition = Data.taggedEnum<Disposition>()

/** A disposition that writes something. */
export type Settled = Exclude<Disposition, { readonly _tag: "Abandon" }>

/** Why the worker itself interrupted a handler. */
export type StopReason = Data.TaggedEnum<{
  /** The worker shuts down and the grace is over. */
  Drain: Record<never, never>
  /** The job was claimed ahead, and all permits stay taken. */
  Busy: Record<never, never>
  /** The job was cancelled or superseded while it ran. */
  Cancel: { readonly reason: Reason }
  /** The lease is lost, or can't be extended in time. */
  LeaseLost: Record<never, never>
}>
export const StopReason = Data.taggedEnum<StopReason>()

const backoffBase = Duration.seconds(5)
const backoffCap = Duration.minutes(15)

/**
 * Exponential backoff with full jitter: uniform between zero and base × 2^attempts, capped. Full jitter spreads
 * retries of jobs that failed together best (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015).
 *
 * @param attempts failures counted before this one
 * @param jitter uniform in [0, 1)
 */
export const backoff = (attempts: number, jitter: number): Duration.Duration =>
  Duration.millis(
    Math.floor(
      Math.min(Duration.toMillis(backoffCap), Duration.toMillis(backoffBase) * 2 ** Math.min(attempts, 30)) *
        jitter
    )
  )

const ofError = (job: Job, jitter: number): ((error: JobError) => Disposition) =>
  Match.typeTags<JobError>()({
    Transient: (error) =>
      Disposition.Retry({
        reason: failed(error),
        delay: backoff(job.attempts, jitter)
      }),
    RetryAfter: (error) => Disposition.RetryAt({ reason: failed(error), until: error.until }),
    Snooze: (error) =>
      Disposition.Snooze({
        reason: {
          _tag: "Snoozed",
          message: error.message,
          ...(error.waitsFor === undefined ? {} : { waitsFor: error.waitsFor })
        },
        until: error.until
      }),
    Permanent: (error) => Disposition.Fail({ reason: failed(error) }),
    Obsolete: (error) =>
      Disposition.Cancel({
        reason: { _tag: "Obsolete", message: error.message }
      }),
    LeaseLost: () => Disposition.Abandon()
  })

const failed = (error: JobError): Reason => ({
  _tag: "Failed",
  error: error._tag,
  message: error.message
})

const ofStop: (stop: StopReason) => Disposition = StopReason.$match({
  Drain: () => Disposition.Release({ reason: { _tag: "Drained" } }),
  Busy: () => Disposition.Release({ reason: { _tag: "Busy" } }),
  Cancel: ({ reason }) => Disposition.Cancel({ reason }),
  LeaseLost: () => Disposition.Abandon()
})

/**
 * Decides what to write.
 *
 * A handler that ended by itself is judged by how it ended, even if it had been asked to stop: work that is done is
 * done. A handler that was interrupted is judged by who interrupted it, and if that was nobody we know, the
 * interruption counts like any failure, so that a job that interrupts itself can't run for ever.
 */
export const decide = (options: {
  readonly job: Job
  readonly exit: Exit.Exit<void, JobError>
  readonly stop: Option.Option<StopReason>
  /** Uniform in [0, 1). */
  readonly jitter: number
}): Disposition => {
  const { exit, job, jitter, stop } = options
  if (Exit.isSuccess(exit)) return Disposition.Complete()
  const failure = Cause.failureOption(exit.cause)
  if (Option.isSome(failure)) return ofError(job, jitter)(failure.value)
  const defect = Cause.dieOption(exit.cause)
  if (Option.isNone(defect)) {
    return Option.match(stop, {
      onSome: ofStop,
      onNone: () =>
        Disposition.Retry({
          reason: { _tag: "Interrupted" },
          delay: backoff(job.attempts, jitter)
        })
    })
  }
  return Disposition.Retry({
    reason: { _tag: "Defect", message: messageOf(defect.value) },
    delay: backoff(job.attempts, jitter)
  })
}

const messageOf = (defect: unknown): string => (defect instanceof Error ? defect.message : String(defect))
