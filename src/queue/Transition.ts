/**
 * The ledger's entries: each change of a job's state, with the reason as data, so that an offline checker can
 * audit what happened and an operator can read it.
 */
import { Schema } from "effect"
import { Epoch, JobId, JobStatus, Trigger, WorkerId } from "./Job.ts"

/** Why a job changed its state. Stored as JSON in `job_transitions.why`. */
export const Reason = Schema.Union(
  Schema.TaggedStruct("Enqueued", { trigger: Trigger }),
  Schema.TaggedStruct("Claimed", {}),
  Schema.TaggedStruct("Succeeded", {}),
  /** The handler failed with a typed error; `error` is its tag. */
  Schema.TaggedStruct("Failed", {
    error: Schema.String,
    message: Schema.String
  }),
  /** The handler died with something that is not in its error type: a bug. */
  Schema.TaggedStruct("Defect", { message: Schema.String }),
  /** The handler's fiber was interrupted, though nobody asked the job to stop. */
  Schema.TaggedStruct("Interrupted", {}),
  /** `waitsFor` is the handler's own word for why, where it has one. */
  Schema.TaggedStruct("Snoozed", {
    message: Schema.String,
    waitsFor: Schema.optionalWith(Schema.String, { exact: true })
  }),
  /** The worker shut down before the job was done. */
  Schema.TaggedStruct("Drained", {}),
  /** The worker claimed the job ahead, and then had no permit for it. */
  Schema.TaggedStruct("Busy", {}),
  /** The worker claimed the job, but never learned of it. */
  Schema.TaggedStruct("ClaimLost", {}),
  Schema.TaggedStruct("WorkerDied", {
    worker: Schema.NullOr(WorkerId),
    seenBy: Schema.Literal("lease", "session")
  }),
  Schema.TaggedStruct("Superseded", { by: JobId }),
  Schema.TaggedStruct("Obsolete", { message: Schema.String }),
  Schema.TaggedStruct("Cancelled", { message: Schema.String }),
  Schema.TaggedStruct("Undecodable", { message: Schema.String }),
  Schema.TaggedStruct("NoAttemptsLeft", {}),
  Schema.TaggedStruct("RetriedByOperator", {})
)
export type Reason = typeof Reason.Type

/** One line of the ledger. */
export const Transition = Schema.Struct({
  jobId: JobId,
  epoch: Epoch,
  from: Schema.NullOr(JobStatus),
  to: JobStatus,
  why: Reason,
  workerId: Schema.OptionFromSelf(WorkerId),
  at: Schema.DateTimeUtcFromSelf
})
export type Transition = typeof Transition.Type

/** The sentence that stands in `error_message` and in a check run. */
export const describe = (reason: Reason): string => {
  switch (reason._tag) {
    case "Enqueued":
      return `enqueued (${reason.trigger})`
    case "Claimed":
      return "claimed"
    case "Succeeded":
      return "succeeded"
    case "Failed":
      return reason.message
    case "Defect":
      return `unexpected error: ${reason.message}`
    case "Interrupted":
      return "interrupted without a request to stop"
    case "Snoozed":
      return reason.message
    case "Drained":
      return "given back because the worker shut down"
    case "Busy":
      return "given back because the worker was busy with others"
    case "ClaimLost":
      return "given back because the answer to its claim was lost"
    case "WorkerDied":
      return reason.worker === null
        ? "found processing without a worker"
        : `worker ${reason.worker} died (${reason.seenBy === "lease" ? "its lease ran out" : "its session ended"})`
    case "Superseded":
      return `superseded by job ${reason.by}`
    case "Obsolete":
      return reason.message
    case "Cancelled":
      return reason.message
    case "Undecodable":
      return `the row can't be read: ${reason.message}`
    case "NoAttemptsLeft":
      return "no attempts left"
    case "RetriedByOperator":
      return "retried by an operator"
  }
}
