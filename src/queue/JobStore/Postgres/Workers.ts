import { DateTime, Effect, Option, Schema } from "effect"
import type { WorkerId } from "../../Job.ts"
import { Obsolete } from "../../JobError.ts"
import type { Beat, WorkerInfo } from "../../JobStore.ts"
import type { Lease } from "../../Lease.ts"
import type { QueueSettings } from "../../QueueSettings.ts"
import { stopRequest } from "../../StopRequest.ts"
import { describe } from "../../Transition.ts"
import { HeldRow, RescuedRow, WorkerRow } from "./Rows.ts"
import { leaseLost } from "./Settle.ts"
import { heldBy, hint, interval, operation, type Sql, stopRequest as stopRequestSql } from "./Sql.ts"

/**
 * The first key of the advisory lock that a worker's session holds; the second is the worker's id. It depends on the
 * schema, so that two queues in one database don't see each other's workers.
 */
export const lockClass = `hashtext('holdfast:worker:' || current_schema())`

export const register = (context: Sql, info: WorkerInfo) =>
  Effect.gen(function* () {
    const { sql } = context
    const now = yield* context.now
    const rows = yield* sql`
      insert into workers (host, pid, version, started_at, last_beat_at)
      values (${info.host}, ${info.pid}, ${info.version}, ${now}, ${now})
      returning id`
    const [{ id }] = yield* Effect.orDie(Schema.decodeUnknown(Schema.Tuple(WorkerRow))(rows))
    return id
  }).pipe(operation("JobStore.registerWorker"))

export const markDraining = ({ sql }: Sql, worker: WorkerId) =>
  sql`update workers set draining = true where id = ${worker}`.pipe(
    operation("JobStore.markDraining"),
    Effect.asVoid
  )

/** A worker that still holds a job stays known, so that the job's rescue can tell who died. */
export const retire = ({ sql }: Sql, worker: WorkerId) =>
  sql`
    delete from workers
    where id = ${worker}
      and not exists (select from review_jobs where status = 'processing' and worker_id = ${worker})`.pipe(
    operation("JobStore.retireWorker"),
    Effect.asVoid
  )

/** Extends all leases of a worker in one statement, in the order of their ids, so that two beats can't deadlock. */
export const beat = (
  context: Sql,
  worker: WorkerId,
  leases: ReadonlyArray<Lease>,
  settings: QueueSettings.Settings
) =>
  Effect.gen(function* () {
    const { sql } = context
    const now = yield* context.now
    const ids = `{${leases.map((lease) => lease.jobId).join(",")}}`
    const epochs = `{${leases.map((lease) => lease.epoch).join(",")}}`
    const rows = yield* sql`
      with alive as (
        update workers set last_beat_at = ${now} where id = ${worker}
      ), held as (
        select job.id
        from review_jobs job
        join unnest(${ids}::bigint[], ${epochs}::bigint[]) as lease (id, epoch)
          on job.id = lease.id and job.lease_epoch = lease.epoch
        where job.status = 'processing' and job.worker_id = ${worker}
        order by job.id
        for update of job
      )
      update review_jobs job
      set lease_expires_at = ${now} + ${interval(context, settings.lease)}
      from held
      where job.id = held.id
      returning job.id, job.cancel_requested_at, job.cancel_message, job.superseded_by`
    const held = yield* Effect.orDie(Schema.decodeUnknown(Schema.Array(HeldRow))(rows))
    const byId = new Map(held.map((row) => [row.id, row]))
    return {
      lost: leases.filter((lease) => !byId.has(lease.jobId)),
      cancelled: leases.flatMap((lease) =>
        Option.match(Option.flatMap(Option.fromNullable(byId.get(lease.jobId)), requestOf), {
          onNone: () => [],
          onSome: (reason) => [{ lease, reason }]
        })
      )
    } satisfies Beat
  }).pipe(operation("JobStore.beat"))

const requestOf = (row: typeof HeldRow.Type) =>
  stopRequest({
    // Only whether it is set matters here, and that is one question for both stores.
    cancelRequestedAt: Option.map(Option.fromNullable(row.cancel_requested_at), DateTime.unsafeFromDate),
    cancelMessage: Option.fromNullable(row.cancel_message),
    supersededBy: Option.fromNullable(row.superseded_by)
  })

export const check = (context: Sql, lease: Lease) =>
  Effect.gen(function* () {
    const { sql } = context
    const rows = yield* sql`
      select id, cancel_requested_at, cancel_message, superseded_by from review_jobs where ${heldBy(context, lease)}`
    const [row] = yield* Effect.orDie(Schema.decodeUnknown(Schema.Array(HeldRow))(rows))
    if (row === undefined) return yield* leaseLost(lease)
    const stop = requestOf(row)
    if (Option.isSome(stop)) return yield* new Obsolete({ message: describe(stop.value) })
  }).pipe(operation("JobStore.check"))

/**
 * Takes jobs back from dead workers. Dead is a worker whose lease ran out, or whose session's lock is gone while it has
 * not beaten for a while: one of the two alone may be a network's hiccup. After a restart of the server all sessions
 * are gone at once, so for a while only leases count.
 */
export const rescue = (context: Sql, settings: QueueSettings.Settings) =>
  Effect.gen(function* () {
    const { sql } = context
    const now = yield* context.now
    const patience = interval(context, settings.deadAfter)
    const rows = yield* sql`
      with dead as (
        select job.id, job.worker_id as dead_worker, job.crashes, job.cancel_requested_at, job.cancel_message,
          job.superseded_by,
          case
            when job.worker_id is null or job.lease_expires_at is null or job.lease_expires_at < ${now} then 'lease'
            else 'session'
          end as seen_by
        from review_jobs job
        left join workers worker on worker.id = job.worker_id
        where job.status = 'processing' and (
          job.worker_id is null or job.lease_expires_at is null or job.lease_expires_at < ${now}
          or (
            worker.has_session and worker.last_beat_at < ${now} - ${patience}
            and pg_postmaster_start_time() < statement_timestamp() - ${patience}
            and not exists (
              select from pg_locks lock
              where lock.locktype = 'advisory' and lock.granted and lock.objsubid = 2
                and lock.database = (select oid from pg_database where datname = current_database())
                and lock.classid::bigint = (${sql.literal(lockClass)})::bigint & 4294967295
                and lock.objid::bigint = worker.id
            )
          )
        )
        order by job.id
        for update of job skip locked
      ), judged as (
        select id, dead_worker,
          case
            when cancel_requested_at is not null then 'cancelled'
            when crashes + 1 >= ${settings.maxCrashes} then 'failed'
            else 'pending'
          end as next,
          coalesce(
            ${sql.literal(stopRequestSql.why)},
            jsonb_build_object('_tag', 'WorkerDied', 'worker', dead_worker, 'seenBy', seen_by)
          ) as why,
          coalesce(
            ${sql.literal(stopRequestSql.message)},
            case
              when dead_worker is null then 'found processing without a worker'
              when seen_by = 'lease' then 'worker ' || dead_worker || ' died (its lease ran out)'
              else 'worker ' || dead_worker || ' died (its session ended)'
            end
          ) as message
        from dead
      ), rescued as (
        update review_jobs job
        set status = judged.next, crashes = case when judged.next = 'cancelled' then crashes else crashes + 1 end,
          error_message = judged.message,
          worker_id = null, lease_expires_at = null,
          run_at = case when judged.next = 'pending' then ${now} else run_at end,
          started_at = case when judged.next = 'cancelled' then started_at end,
          completed_at = case when judged.next = 'pending' then null else ${now} end
        from judged
        where job.id = judged.id
        returning job.id, job.lease_epoch as epoch, 'processing' as from_status, job.status as to_status,
          judged.why, judged.dead_worker as worker_id
      ), spent as (
        update review_jobs
        set status = 'failed', completed_at = ${now}, error_message = coalesce(error_message, 'no attempts left')
        where id in (
          select id from review_jobs where status = 'pending' and attempts >= max_attempts for update skip locked
        )
        returning id, lease_epoch as epoch, 'pending' as from_status, status as to_status,
          '{"_tag": "NoAttemptsLeft"}'::jsonb as why, null::bigint as worker_id
      ), settled as (
        select * from rescued union all select * from spent
      ), ledger as (
        insert into job_transitions (job_id, epoch, from_status, to_status, why, worker_id, at)
        select id, epoch, from_status, to_status, why, worker_id, ${now} from settled
      )
      select id, to_status, why from settled order by id`
    const rescued = yield* Effect.orDie(Schema.decodeUnknown(Schema.Array(RescuedRow))(rows))
    if (rescued.some((row) => row.to_status === "pending")) yield* hint(context)
    return rescued.map((row) => ({ id: row.id, to: row.to_status, reason: row.why }))
  }).pipe(operation("JobStore.rescue"))
