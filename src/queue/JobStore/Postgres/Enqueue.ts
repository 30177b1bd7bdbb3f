import { Effect, Option, Schema } from "effect"
import { type JobId, type NewJob, priorityOf } from "../../Job.ts"
import type { Enqueued, PullRequestKey } from "../../JobStore.ts"
import { describe, type Reason } from "../../Transition.ts"
import { IdRow } from "./Rows.ts"
import { atomicOperation, hint, json, lockPullRequest, type Sql, storable, why } from "./Sql.ts"

const fullName = ({ owner, repo }: PullRequestKey) => `${owner}/${repo}`
const decodeIds = Schema.decodeUnknown(Schema.Array(IdRow))
const ids = (rows: unknown) =>
  Effect.map(Effect.orDie(decodeIds(rows)), (decoded) => decoded.map((row) => row.id))

/** Inserts the job and its first ledger line, unless a job for the same work stands (index review_jobs_same_work). */
const insert = Effect.fnUntraced(function* (context: Sql, job: NewJob, maxAttempts: number) {
  const { sql } = context
  const { subject } = job
  const now = yield* context.now
  const rows = yield* sql`
    with enqueued as (
      insert into review_jobs (
        installation_id, repo_full_name, owner, repo, pr_number, pr_title, commit_sha, base_branch,
        kind, payload, trigger, generation, priority, max_attempts, created_at, run_at
      ) values (
        ${subject.installationId}, ${fullName(subject)}, ${subject.owner}, ${subject.repo}, ${subject.pullRequest},
        ${storable(subject.title)}, ${subject.commitSha}, ${subject.baseBranch},
        ${job.kind ?? "review"}, ${json(context, job.payload ?? {})}, ${job.trigger}, ${job.generation ?? 0},
        ${job.priority ?? priorityOf(job.trigger)}, ${job.maxAttempts ?? maxAttempts},
        ${now}, ${now} + make_interval(secs => ${(job.delayMillis ?? 0) / 1000}::double precision)
      )
      on conflict (repo_full_name, pr_number, commit_sha, kind, generation)
        where status in ('pending', 'processing', 'completed') and cancel_requested_at is null
        do nothing
      returning id, created_at
    ), ledger as (
      insert into job_transitions (job_id, epoch, from_status, to_status, why, at)
      select id, 0, null, 'pending', ${why(context, { _tag: "Enqueued", trigger: job.trigger })}, created_at
      from enqueued
    )
    select id from enqueued`
  return Option.fromNullable((yield* ids(rows))[0])
})

const findSameWork = Effect.fnUntraced(function* ({ sql }: Sql, job: NewJob) {
  const { subject } = job
  const rows = yield* sql`
    select id from review_jobs
    where repo_full_name = ${fullName(subject)} and pr_number = ${subject.pullRequest}
      and commit_sha = ${subject.commitSha} and kind = ${job.kind ?? "review"}
      and generation = ${job.generation ?? 0} and status in ('pending', 'processing', 'completed')
      and cancel_requested_at is null`
  return Option.fromNullable((yield* ids(rows))[0])
})

/** Cancels what is pending and asks what runs to stop; tells what was cancelled. */
const stopOthers = Effect.fnUntraced(function* (
  context: Sql,
  key: PullRequestKey,
  reason: Reason,
  changes: {
    readonly supersededBy: Option.Option<JobId>
    readonly among: Option.Option<{ readonly kind: string; readonly notCommit: string }>
  }
) {
  const { sql } = context
  const now = yield* context.now
  const supersededBy = Option.getOrNull(changes.supersededBy)
  const message = storable(describe(reason))
  const among = Option.match(changes.among, {
    onNone: () => sql`true`,
    onSome: ({ kind, notCommit }) => sql`kind = ${kind} and commit_sha <> ${notCommit}`
  })
  // One UPDATE for both states: a row that a worker claims or puts back at this moment is judged by its new state.
  const rows = yield* sql`
    with stopped as (
      update review_jobs
      set status = case status when 'pending' then 'cancelled' else status end,
        completed_at = case status when 'pending' then ${now} else completed_at end,
        error_message = case status when 'pending' then ${message} else error_message end,
        cancel_requested_at = case status when 'processing' then ${now} end,
        cancel_message = case status when 'processing' then ${message} end,
        superseded_by = ${supersededBy}
      where repo_full_name = ${fullName(key)} and pr_number = ${key.pullRequest}
        and status in ('pending', 'processing') and cancel_requested_at is null and ${among}
      returning id, lease_epoch, status, completed_at
    ), ledger as (
      insert into job_transitions (job_id, epoch, from_status, to_status, why, at)
      select id, lease_epoch, 'pending', 'cancelled', ${why(context, reason)}, completed_at
      from stopped where status = 'cancelled'
    )
    select id from stopped where status = 'cancelled' order by id`
  return yield* ids(rows)
})

/**
 * What concerns one pull request is serialised, so that of two heads that arrive at once one supersedes the other.
 */
export const enqueue = (context: Sql, job: NewJob, maxAttempts: number) =>
  Effect.gen(function* () {
    const { subject } = job
    yield* lockPullRequest(context, fullName(subject), subject.pullRequest)
    const id = yield* insert(context, job, maxAttempts)
    if (Option.isNone(id)) {
      const same = yield* findSameWork(context, job)
      // It can have failed in the moment between the two statements: a worker's settlement takes no lock here.
      return Option.map(same, (id): Enqueued => ({ id, created: false, superseded: [] }))
    }
    const superseded = yield* stopOthers(
      context,
      subject,
      { _tag: "Superseded", by: id.value },
      { supersededBy: id, among: Option.some({ kind: job.kind ?? "review", notCommit: subject.commitSha }) }
    )
    yield* hint(context)
    return Option.some<Enqueued>({ id: id.value, created: true, superseded })
  }).pipe(
    Effect.repeat({ until: (made): made is Option.Some<Enqueued> => Option.isSome(made) }),
    Effect.map((enqueued) => enqueued.value),
    atomicOperation("JobStore.enqueue", context)
  )

export const cancelPullRequest = (context: Sql, key: PullRequestKey, message: string) =>
  lockPullRequest(context, fullName(key), key.pullRequest).pipe(
    Effect.zipRight(
      stopOthers(
        context,
        key,
        { _tag: "Cancelled", message },
        { supersededBy: Option.none(), among: Option.none() }
      )
    ),
    atomicOperation("JobStore.cancelPullRequest", context)
  )
