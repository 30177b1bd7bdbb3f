/** What an audit can find. Every violation names the job and says in a sentence what is wrong with it. */
import { Schema } from "effect"
import { JobId } from "../Job.ts"

const ofJob = { jobId: JobId, message: Schema.String }

export const Violation = Schema.Union(
  /** The row, or a line of the ledger, is not what this version of Holdfast writes. */
  Schema.TaggedStruct("Unreadable", ofJob),
  /** The ledger has lines of a job that is not there. */
  Schema.TaggedStruct("NoRow", ofJob),
  /** The ledger is empty, or does not begin with the enqueueing. */
  Schema.TaggedStruct("NoBeginning", ofJob),
  /** The state diagram has no such arrow. */
  Schema.TaggedStruct("IllegalTransition", ofJob),
  /** A line does not begin where the one before it ended. */
  Schema.TaggedStruct("Gap", ofJob),
  /** A claim did not raise the epoch by one, or something else changed it. */
  Schema.TaggedStruct("WrongEpoch", ofJob),
  /** A line bears a worker that had no part in it, or lacks the one that had. */
  Schema.TaggedStruct("WrongWorker", ofJob),
  /** A claim was ended by somebody who did not hold it. */
  Schema.TaggedStruct("StaleSettlement", ofJob),
  /** One claim ended more than once. */
  Schema.TaggedStruct("SettledTwice", ofJob),
  /** Something happened to a job after its end, and it was no operator's retry. */
  Schema.TaggedStruct("NotTheEnd", ofJob),
  /** The reason does not belong to this arrow. */
  Schema.TaggedStruct("WrongReason", ofJob),
  /** A line is older than the one before it. */
  Schema.TaggedStruct("TimeWentBack", ofJob),
  /** The row says something else than its ledger. */
  Schema.TaggedStruct("RowDiffers", { ...ofJob, field: Schema.String }),
  /** Two jobs of one pull request were processing at once. */
  Schema.TaggedStruct("PullRequestTwice", { ...ofJob, other: JobId }),
  /** More jobs of one installation were processing at once than its cap allows. */
  Schema.TaggedStruct("OverCap", { ...ofJob, installationId: Schema.Int, running: Schema.Int })
)
export type Violation = typeof Violation.Type
