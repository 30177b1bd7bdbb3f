/**
 * How a handler says what went wrong. The type of the error, not its text, decides what becomes of the job; the
 * policy for each stands in `Disposition.ts`, and a new tag without a policy does not compile.
 */
import { Schema } from "effect"
import { JobId } from "./Job.ts"

/** Worth another try: counted, and run again after a backoff. */
export class Transient extends Schema.TaggedError<Transient>()("Transient", {
  message: Schema.String
}) {}

/** Worth another try at the time the other side named: counted, and run again then. */
export class RetryAfter extends Schema.TaggedError<RetryAfter>()("RetryAfter", {
  message: Schema.String,
  until: Schema.DateTimeUtcFromSelf
}) {}

/** Not the job's fault, such as a rate limit: put off until the given time, with nothing counted. */
export class Snooze extends Schema.TaggedError<Snooze>()("Snooze", {
  message: Schema.String,
  until: Schema.DateTimeUtcFromSelf,
  /** A word of the handler's own, by which it can tell its snoozes apart in the ledger. */
  waitsFor: Schema.optional(Schema.String)
}) {}

/** No further try can help: the job fails at once. */
export class Permanent extends Schema.TaggedError<Permanent>()("Permanent", {
  message: Schema.String
}) {}

/** The work is no longer wanted, such as when the head has moved on: the job is cancelled. */
export class Obsolete extends Schema.TaggedError<Obsolete>()("Obsolete", {
  message: Schema.String
}) {}

/** The lease is gone: another worker may hold the job. There is nothing left to write. */
export class LeaseLost extends Schema.TaggedError<LeaseLost>()("LeaseLost", {
  message: Schema.String
}) {}

/** What a job handler may fail with. */
export type JobError = Transient | RetryAfter | Snooze | Permanent | Obsolete | LeaseLost

/** The queue's storage can't be reached or refused the statement. Worth a retry; the message says what failed. */
export class StoreUnavailable extends Schema.TaggedError<StoreUnavailable>()("StoreUnavailable", {
  operation: Schema.String,
  message: Schema.String,
  cause: Schema.Defect
}) {}

/** What an operator asked for concerns a job that is not, or no longer, there. */
export class NoSuchJob extends Schema.TaggedError<NoSuchJob>()("NoSuchJob", {
  jobId: JobId,
  message: Schema.String
}) {}

/** Only a failed or a cancelled job can be retried; the message says how this one stands. */
export class NotRetryable extends Schema.TaggedError<NotRetryable>()("NotRetryable", {
  jobId: JobId,
  message: Schema.String
}) {}

/** A job that is over can't be cancelled. */
export class AlreadyFinished extends Schema.TaggedError<AlreadyFinished>()("AlreadyFinished", {
  jobId: JobId,
  message: Schema.String
}) {}
