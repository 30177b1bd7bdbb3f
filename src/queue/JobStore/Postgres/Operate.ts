/** What operators see and do. */
import { SqlError } from "@effect/sql/SqlError"
import { Array as Arr, DateTime, Duration, Effect, Either, Option, Schema } from "effect"
import { sqlState } from "../../../database/DatabaseError.ts"
import { type Job, type JobId, priorityOf } from "../../Job.ts"
import type { JobFilter, QueueStats, WorkerState } from "../../JobStore.ts"
import type { QueueSettings } from "../../QueueSettings.ts"
import { alreadyFinished, isRetryable, noSuchJob, notRetryable, unreadable } from "../../Refusal.ts"
import { counts } from "./Reads.ts"
import { decodeJob, IdRow, mistakesIn, OldestRow, StatusRow, WorkerStateRow } from "./Rows.ts"
import { hint, interval, operation, type Sql, storable, why } from "./Sql.ts"

export const list = ({ jobs, sql }: Sql, filter: JobFilter) =>
  Effect.gen(function* () {
    const { before, installationId, pullRequest, repository, status } = filter
    const rows = yield* sql`
      select * from ${jobs}
      where ${sql.and([
        sql`true`,
        ...(status === undefined ? [] : [sql`status = ${status}`]),
        ...(repository === undefined
          ? []
          : [sql`repo_full_name = ${`${repository.owner}/${repository.repo}`}`]),
        ...(pullRequest === undefined
          ? []
          : [
              sql`repo_full_name = ${`${pullRequest.owner}/${pullRequest.repo}`} and pr_number = ${pullRequest.pullRequest}`
            ]),
        ...(installationId === undefined ? [] : [sql`installation_id = ${installationId}`]),
        ...(before === undefined ? [] : [sql`id < ${before}`])
      ])}
      order by id desc
      limit ${filter.limit}`
    return Arr.getSomes(yield* Effect.forEach(rows, readable))
  }).pipe(operation("JobStore.list"))

const readable = (row: unknown) =>
  decodeJob(row).pipe(
    Effect.tapError((error) =>
      Effect.flatMap(Effect.orDie(Schema.decodeUnknown(IdRow)(row)), ({ id }) =>
        Effect.logWarning(`the row of job ${id} can't be read and is left out: ${mistakesIn(error)}`)
      )
    ),
    Effect.option
  )

/** Since nothing removes the row of a worker that was killed, only those that have beaten lately are told. */
export const stats = (context: Sql, settings: QueueSettings.Settings) =>
  Effect.gen(function* () {
    const { jobs, sql, workers } = context
    const now = yield* context.now
    const oldest = yield* sql`select min(created_at) as oldest from ${jobs} where status = 'pending'`
    const [{ oldest: oldestPendingAt }] = yield* Effect.orDie(
      Schema.decodeUnknown(Schema.Tuple(OldestRow))(oldest)
    )
    const alive = yield* sql`
      select worker.*,
        (select count(*) from ${jobs} job where job.status = 'processing' and job.installation_id > 0 and job.worker_id = worker.id) as running
      from ${workers} worker
      where last_beat_at > ${now} - ${interval(context, Duration.times(settings.idleBeatEvery, 3))}
      order by id`
    const decoded = yield* Effect.orDie(Schema.decodeUnknown(Schema.Array(WorkerStateRow))(alive))
    return {
      counts: yield* counts(context),
      oldestPendingAt: Option.map(Option.fromNullable(oldestPendingAt), DateTime.unsafeFromDate),
      workers: decoded.map(
        ({ last_beat_at, started_at, ...row }): WorkerState => ({
          ...row,
          startedAt: DateTime.unsafeFromDate(started_at),
          lastBeatAt: DateTime.unsafeFromDate(last_beat_at)
        })
      )
    } satisfies QueueStats
  }).pipe(operation("JobStore.stats"))

const uniqueViolation = "23505"

/**
 * The generation is taken in the statement that uses it. What enqueues or retries the same work in the same moment can
 * take the same one; they meet at index review_jobs_same_work, and the later one sees the other's.
 */
const putBack = (context: Sql, id: JobId) =>
  Effect.gen(function* () {
    const { jobs, ledger, sql } = context
    const now = yield* context.now
    return yield* sql`
      with over as (
        select id, status from ${jobs} where id = ${id} and status in ('failed', 'cancelled') for update
      ), retried as (
        update ${jobs} job
        set status = 'pending', attempts = 0, crashes = 0, snoozes = 0, error_message = null,
          generation = (
            select max(generation) + 1 from ${jobs} same
            where same.repo_full_name = job.repo_full_name and same.pr_number = job.pr_number
              and same.commit_sha = job.commit_sha and same.kind = job.kind
          ),
          priority = ${priorityOf("command")}, run_at = ${now}, started_at = null, completed_at = null,
          cancel_requested_at = null, cancel_message = null, superseded_by = null
        from over
        where job.id = over.id
        returning job.*
      ), ledger as (
        insert into ${ledger} (job_id, epoch, from_status, to_status, why, at)
        select id, lease_epoch, over.status, 'pending', ${why(context, { _tag: "RetriedByOperator" })}, ${now}
        from retried join over using (id)
      )
      select * from retried`
  }).pipe(
    Effect.retry({
      times: 10,
      while: (error) => error instanceof SqlError && Option.contains(sqlState(error), uniqueViolation)
    })
  )

/** Looks first, to be able to say why not; the statement that changes the state looks again for itself. */
export const retry = (context: Sql, id: JobId) =>
  Effect.gen(function* () {
    const { jobs, sql } = context
    const [found] = yield* sql`select * from ${jobs} where id = ${id}`
    if (found === undefined) return yield* noSuchJob(id)
    const before = yield* Effect.either(decodeJob(found))
    if (Either.isLeft(before)) return yield* unreadable(id, mistakesIn(before.left))
    if (!isRetryable(before.right.status)) return yield* notRetryable(id, before.right.status)
    const [retried] = yield* putBack(context, id)
    if (retried === undefined) return Option.none()
    yield* Effect.ignore(hint(context))
    return Option.some(yield* Effect.orDie(decodeJob(retried)))
  }).pipe(
    Effect.repeat({ until: (retried): retried is Option.Some<Job> => Option.isSome(retried) }),
    Effect.map((retried) => retried.value),
    operation("JobStore.retry")
  )

/** One UPDATE for both states: a row that a worker claims or puts back at this moment is judged by its new state. */
const stop = (context: Sql, id: JobId, message: string) =>
  Effect.gen(function* () {
    const { jobs, ledger, sql } = context
    const now = yield* context.now
    return yield* sql`
      with stopped as (
        update ${jobs}
        set status = case status when 'pending' then 'cancelled' else status end,
          completed_at = case status when 'pending' then ${now} else completed_at end,
          error_message = case status when 'pending' then ${storable(message)} else error_message end,
          -- The first wish to stop stays.
          cancel_message = case
            when status = 'processing' and cancel_requested_at is null then ${storable(message)}
            else cancel_message
          end,
          cancel_requested_at = case status when 'processing' then coalesce(cancel_requested_at, ${now}) end
        where id = ${id} and status in ('pending', 'processing')
        returning id, lease_epoch, status
      ), ledger as (
        insert into ${ledger} (job_id, epoch, from_status, to_status, why, at)
        select id, lease_epoch, 'pending', status, ${why(context, { _tag: "Cancelled", message })}, ${now}
        from stopped where status = 'cancelled'
      )
      select status from stopped`
  })

const decodeStatus = Schema.decodeUnknown(Schema.Array(StatusRow))

export const cancel = (context: Sql, id: JobId, message: string) =>
  Effect.gen(function* () {
    const { jobs, sql } = context
    const [stopped] = yield* Effect.orDie(decodeStatus(yield* stop(context, id, message)))
    if (stopped !== undefined)
      return Option.some(stopped.status === "cancelled" ? ("cancelled" as const) : ("asked" as const))
    const [found] = yield* Effect.orDie(decodeStatus(yield* sql`select status from ${jobs} where id = ${id}`))
    if (found === undefined) return yield* noSuchJob(id)
    // It can have been retried in the moment between the two statements.
    if (found.status === "pending" || found.status === "processing") return Option.none()
    return yield* alreadyFinished(id, found.status)
  }).pipe(
    Effect.repeat({ until: (answer): answer is Option.Some<"cancelled" | "asked"> => Option.isSome(answer) }),
    Effect.map((answer) => answer.value),
    operation("JobStore.cancel")
  )
