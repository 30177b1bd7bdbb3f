/**
 * A job: one piece of durable work about one pull request.
 *
 * This module knows ids, states and the legal transitions between states, and nothing of how they are stored.
 */
import { Schema } from "effect"

/** Identifies a job for ever. A positive integer, handed out by the store in the order of enqueueing. */
export const JobId = Schema.Int.pipe(Schema.positive(), Schema.brand("JobId"))
export type JobId = typeof JobId.Type

/** Identifies one run of one worker process. A restarted worker is a new worker with a new id. */
export const WorkerId = Schema.Int.pipe(Schema.positive(), Schema.brand("WorkerId"))
export type WorkerId = typeof WorkerId.Type

/**
 * Counts the claims of one job, starting at 0 before the first claim. Each claim adds one, so an epoch names one
 * claim, and every write made under a claim is fenced by it.
 */
export const Epoch = Schema.Int.pipe(Schema.nonNegative(), Schema.brand("Epoch"))
export type Epoch = typeof Epoch.Type

/** The states of a job. `completed`, `failed` and `cancelled` are terminal. */
export const JobStatus = Schema.Literal("pending", "processing", "completed", "failed", "cancelled")
export type JobStatus = typeof JobStatus.Type

/**
 * What made the job exist. It decides the default priority: a person's wish runs before an opened pull request,
 * that before a push, and that before what a sweep found.
 */
export const Trigger = Schema.Literal("command", "opened", "push", "sweep")
export type Trigger = typeof Trigger.Type

/** Smaller runs first. */
export const priorityOf = (trigger: Trigger): number => {
  switch (trigger) {
    case "command":
      return 0
    case "opened":
      return 10
    case "push":
      return 20
    case "sweep":
      return 30
  }
}

/** The pull request, at one commit, that a job is about. */
export const Subject = Schema.Struct({
  installationId: Schema.Int.pipe(Schema.positive()),
  owner: Schema.NonEmptyString,
  repo: Schema.NonEmptyString,
  pullRequest: Schema.Int.pipe(Schema.positive()),
  title: Schema.String,
  /** The head commit that is to be reviewed, as 40 (or, with SHA-256 repositories, 64) hex digits. */
  commitSha: Schema.NonEmptyString,
  baseBranch: Schema.NonEmptyString
})
export type Subject = typeof Subject.Type

/**
 * A kind may have a qualifier after a slash, as in `deploy/canary`. The handler of what stands before it runs the job,
 * unless the whole has one of its own. A job of such a kind stands for itself: `cancelPullRequest` leaves it alone.
 */
export const unqualified = (kind: string): string => kind.split("/", 1)[0] ?? kind
export const isQualified = (kind: string): boolean => kind.includes("/")

/** What is handed to {@link JobStore.enqueue}. */
export interface NewJob {
  readonly subject: Subject
  readonly trigger: Trigger
  /** Which handler runs the job, see {@link unqualified}. Default `review`. */
  readonly kind?: string
  /** Free data for the handler, stored as JSON. Default `{}`. */
  readonly payload?: unknown
  /** Distinguishes deliberate repetitions of the same work, such as a re-run. Default 0. */
  readonly generation?: number
  /** Smaller runs first. Default: {@link priorityOf} the trigger. */
  readonly priority?: number
  /** Milliseconds from now before which the job is not claimed. Default 0. */
  readonly delayMillis?: number
  /** How many counted attempts the job has. Default: the store's setting. */
  readonly maxAttempts?: number
}

/** A job as it is stored. Times are UTC. */
export const Job = Schema.Struct({
  id: JobId,
  kind: Schema.String,
  subject: Subject,
  payload: Schema.Unknown,
  trigger: Trigger,
  generation: Schema.Int,
  status: JobStatus,
  priority: Schema.Int,
  /** The job is not claimed before this time. */
  runAt: Schema.DateTimeUtcFromSelf,
  /** Failures counted so far. A drain, a snooze or the death of a worker does not count. */
  attempts: Schema.Int,
  maxAttempts: Schema.Int,
  /** How many workers died while they held the job. */
  crashes: Schema.Int,
  /** How many times the job was put off without a count. */
  snoozes: Schema.Int,
  epoch: Epoch,
  workerId: Schema.OptionFromSelf(WorkerId),
  leaseExpiresAt: Schema.OptionFromSelf(Schema.DateTimeUtcFromSelf),
  /** When somebody asked the job to stop; the running worker learns of it with its next beat. */
  cancelRequestedAt: Schema.OptionFromSelf(Schema.DateTimeUtcFromSelf),
  cancelMessage: Schema.OptionFromSelf(Schema.String),
  supersededBy: Schema.OptionFromSelf(JobId),
  errorMessage: Schema.OptionFromSelf(Schema.String),
  createdAt: Schema.DateTimeUtcFromSelf,
  startedAt: Schema.OptionFromSelf(Schema.DateTimeUtcFromSelf),
  completedAt: Schema.OptionFromSelf(Schema.DateTimeUtcFromSelf)
})
export type Job = typeof Job.Type

/** Every arrow of the state diagram in the architecture page; `null` stands for "before the job existed". */
const legalTransitions: ReadonlyArray<readonly [from: JobStatus | null, to: JobStatus]> = [
  [null, "pending"],
  ["pending", "processing"],
  ["pending", "cancelled"],
  ["pending", "failed"],
  ["processing", "completed"],
  ["processing", "pending"],
  ["processing", "failed"],
  ["processing", "cancelled"],
  ["failed", "pending"],
  ["cancelled", "pending"]
]

/** Whether the state diagram has this arrow. */
export const isLegal = (from: JobStatus | null, to: JobStatus): boolean =>
  legalTransitions.some(([source, target]) => source === from && target === to)
