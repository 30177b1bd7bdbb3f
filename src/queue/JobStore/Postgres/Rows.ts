/** How rows become jobs and ledger lines. */
import { DateTime, Effect, Option, Schema } from "effect"
import { ArrayFormatter, type ParseError } from "effect/ParseResult"
import { Epoch, Job, JobId, JobStatus, type Subject, Trigger, WorkerId } from "../../Job.ts"
import { Reason, type Transition } from "../../Transition.ts"

// Of a column, the driver gives bigint as a string, timestamptz as a Date and jsonb parsed. Within a row as JSON a
// bigint is a number, and a time a text.
const Bigint = Schema.Union(Schema.Number, Schema.NumberFromString)
const Time = Schema.Union(Schema.ValidDateFromSelf, Schema.DateFromString.pipe(Schema.validDate()))

const JobRow = Schema.Struct({
  id: Bigint,
  installation_id: Bigint,
  owner: Schema.String,
  repo: Schema.String,
  pr_number: Schema.Number,
  pr_title: Schema.String,
  commit_sha: Schema.String,
  base_branch: Schema.String,
  kind: Schema.String,
  payload: Schema.Unknown,
  trigger: Trigger,
  generation: Schema.Number,
  priority: Schema.Number,
  run_at: Time,
  status: JobStatus,
  attempts: Schema.Number,
  max_attempts: Schema.Number,
  crashes: Schema.Number,
  snoozes: Schema.Number,
  error_message: Schema.NullOr(Schema.String),
  created_at: Time,
  started_at: Schema.NullOr(Time),
  completed_at: Schema.NullOr(Time),
  lease_epoch: Bigint,
  worker_id: Schema.NullOr(Bigint),
  lease_expires_at: Schema.NullOr(Time),
  cancel_requested_at: Schema.NullOr(Time),
  cancel_message: Schema.NullOr(Schema.String),
  superseded_by: Schema.NullOr(Bigint)
})

const time = (date: Date | null) => Option.map(Option.fromNullable(date), DateTime.unsafeFromDate)

/** What is wrong with a row, in a line: `ParseError.message` also prints all that would have been right. */
export const mistakesIn = (error: ParseError): string =>
  ArrayFormatter.formatErrorSync(error)
    .map(({ message, path }) => `${path.join(".")}: ${message.replaceAll(/\s+/g, " ")}`)
    .join("; ")

const decodeRow = Schema.decodeUnknown(JobRow)
const validate = Schema.validate(Job)

/** Decodes a whole row of `review_jobs`. */
export const decodeJob = (row: unknown): Effect.Effect<Job, ParseError> =>
  Effect.flatMap(decodeRow(row), (columns) =>
    validate({
      id: columns.id,
      kind: columns.kind,
      subject: {
        installationId: columns.installation_id,
        owner: columns.owner,
        repo: columns.repo,
        pullRequest: columns.pr_number,
        title: columns.pr_title,
        commitSha: columns.commit_sha,
        baseBranch: columns.base_branch
      } satisfies Subject,
      payload: columns.payload,
      trigger: columns.trigger,
      generation: columns.generation,
      status: columns.status,
      priority: columns.priority,
      runAt: DateTime.unsafeFromDate(columns.run_at),
      attempts: columns.attempts,
      maxAttempts: columns.max_attempts,
      crashes: columns.crashes,
      snoozes: columns.snoozes,
      epoch: columns.lease_epoch,
      workerId: Option.fromNullable(columns.worker_id),
      leaseExpiresAt: time(columns.lease_expires_at),
      cancelRequestedAt: time(columns.cancel_requested_at),
      cancelMessage: Option.fromNullable(columns.cancel_message),
      supersededBy: Option.fromNullable(columns.superseded_by),
      errorMessage: Option.fromNullable(columns.error_message),
      createdAt: DateTime.unsafeFromDate(columns.created_at),
      startedAt: time(columns.started_at),
      completedAt: time(columns.completed_at)
    })
  )

/** What a lease needs of a claimed row; readable even where the rest of the row is not. */
export const ClaimKey = Schema.Struct({
  id: Schema.compose(Bigint, JobId),
  lease_epoch: Schema.compose(Bigint, Epoch),
  lease_expires_at: Time
})

/** What `holdfast_exchange` answers; its jobs are rows as JSON, each to be read by itself. */
export const ExchangeRow = Schema.Struct({
  exchanged: Schema.Struct({
    written: Schema.Array(Schema.Struct({ id: JobId, epoch: Epoch })),
    jobs: Schema.Array(Schema.Unknown),
    quarantined: Schema.Boolean,
    /** For each priority, the time of its first waiting job. */
    found: Schema.Record({ key: Schema.String, value: Schema.String }),
    /** How many milliseconds a look from the very beginning took. */
    looked: Schema.Number
  })
})

const TransitionRow = Schema.Struct({
  job_id: Schema.compose(Bigint, JobId),
  epoch: Schema.compose(Bigint, Epoch),
  from_status: Schema.NullOr(JobStatus),
  to_status: JobStatus,
  why: Reason,
  worker_id: Schema.NullOr(Schema.compose(Bigint, WorkerId)),
  at: Time
})

/** Decodes a row of `job_transitions`. */
export const decodeTransition = (row: unknown): Effect.Effect<Transition, ParseError> =>
  Effect.map(
    Schema.decodeUnknown(TransitionRow)(row),
    (columns): Transition => ({
      jobId: columns.job_id,
      epoch: columns.epoch,
      from: columns.from_status,
      to: columns.to_status,
      why: columns.why,
      workerId: Option.fromNullable(columns.worker_id),
      at: DateTime.unsafeFromDate(columns.at)
    })
  )

/** A place in the ledger. */
export const CursorRow = Schema.Struct({ xid: Schema.String, id: Schema.String })

/** What a line of the ledger says of its place. */
export const LineRow = Schema.Struct({ id: Schema.String, after: Schema.String })

/** A row that carries only a job's id. */
export const IdRow = Schema.Struct({ id: Schema.compose(Bigint, JobId) })

/** What `holdfast_enqueue` answers for one request. */
export const EnqueuedRow = Schema.Struct({
  id: Schema.NullOr(Schema.compose(Bigint, JobId)),
  created: Schema.Boolean,
  superseded: Schema.Array(Schema.compose(Bigint, JobId))
})

/** What a beat gets back for each lease that it extended. */
export const HeldRow = Schema.Struct({
  id: Schema.compose(Bigint, JobId),
  lease_epoch: Schema.compose(Bigint, Epoch),
  cancel_requested_at: Schema.NullOr(Time),
  cancel_message: Schema.NullOr(Schema.String),
  superseded_by: Schema.NullOr(Schema.compose(Bigint, JobId))
})

export const RescuedRow = Schema.Struct({
  id: Schema.compose(Bigint, JobId),
  to_status: Schema.Literal("pending", "failed", "cancelled"),
  why: Reason
})

export const WorkerRow = Schema.Struct({ id: Schema.compose(Bigint, WorkerId) })

export const CountRow = Schema.Struct({ status: JobStatus, count: Bigint })

export const StepRow = Schema.Struct({ output: Schema.Unknown })

export const StepKeyRow = Schema.Struct({ key: Schema.String })

export const StatusRow = Schema.Struct({ status: JobStatus })

export const OldestRow = Schema.Struct({ oldest: Schema.NullOr(Time) })

export const WorkerStateRow = Schema.Struct({
  id: Schema.compose(Bigint, WorkerId),
  host: Schema.String,
  pid: Schema.Number,
  version: Schema.String,
  started_at: Time,
  last_beat_at: Time,
  draining: Schema.Boolean,
  running: Bigint
})

/** Which job a line of the ledger is about; readable even where the rest of the line is not. */
export const LineKey = Schema.Struct({ job_id: Schema.compose(Bigint, JobId) })

export const MovementRow = Schema.Struct({
  id: Bigint,
  job_id: Schema.compose(Bigint, JobId),
  begins: Schema.Boolean,
  installation_id: Bigint,
  pull_request: Schema.String
})
