/** Takes jobs back: from workers that died, and from a worker that does not know that it holds them. */
import { Effect, Schema } from "effect"
import type { WorkerId } from "../../Job.ts"
import type { Lease } from "../../Lease.ts"
import type { QueueSettings } from "../../QueueSettings.ts"
import { IdRow, RescuedRow } from "./Rows.ts"
import { hint, interval, operation, type Sql, stopRequest, why } from "./Sql.ts"
import { lockClass } from "./Workers.ts"

/**
 * Takes jobs back from dead workers. Dead is a worker whose lease ran out, or whose session's lock is gone while it has
 * not beaten for a while: one of the two alone may be a network's hiccup. After a restart of the server all sessions
 * are gone at once, so for a while only leases count.
 */
export const rescue = (context: Sql, settings: QueueSettings.Settings) =>
  Effect.gen(function* () {
    const { jobs, ledger, sql, workers } = context
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
        from ${jobs} job
        left join ${workers} worker on worker.id = job.worker_id
        where job.status = 'processing' and job.installation_id > 0 and (
          job.worker_id is null or job.lease_expires_at is null or job.lease_expires_at < ${now}
          or (
            worker.has_session and worker.last_beat_at < ${now} - ${patience}
            and pg_postmaster_start_time() < statement_timestamp() - ${patience}
            and not exists (
              select from pg_locks lock
              where lock.locktype = 'advisory' and lock.granted and lock.objsubid = 2
                and lock.database = (select oid from pg_database where datname = current_database())
                and lock.classid::bigint = (${lockClass(context)})::bigint & 4294967295
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
            ${sql.literal(stopRequest.why)},
            jsonb_build_object('_tag', 'WorkerDied', 'worker', dead_worker, 'seenBy', seen_by)
          ) as why,
          coalesce(
            ${sql.literal(stopRequest.message)},
            case
              when dead_worker is null then 'found processing without a worker'
              when seen_by = 'lease' then 'worker ' || dead_worker || ' died (its lease ran out)'
              else 'worker ' || dead_worker || ' died (its session ended)'
            end
          ) as message
        from dead
      ), rescued as (
        update ${jobs} job
        set status = judged.next, crashes = case when judged.next = 'cancelled' then crashes else crashes + 1 end,
          error_message = judged.message,
          worker_id = null, lease_expires_at = null, slot = null,
          run_at = case when judged.next = 'pending' then ${now} else run_at end,
          started_at = case when judged.next = 'cancelled' then started_at end,
          completed_at = case when judged.next = 'pending' then null else ${now} end
        from judged
        where job.id = judged.id
        returning job.id, job.lease_epoch as epoch, 'processing' as from_status, job.status as to_status,
          judged.why, judged.dead_worker as worker_id
      ), spent as (
        update ${jobs}
        set status = 'failed', completed_at = ${now}, error_message = coalesce(error_message, 'no attempts left')
        where id in (
          select id from ${jobs} where status = 'pending' and attempts >= max_attempts for update skip locked
        )
        returning id, lease_epoch as epoch, 'pending' as from_status, status as to_status,
          '{"_tag": "NoAttemptsLeft"}'::jsonb as why, null::bigint as worker_id
      ), settled as (
        select * from rescued union all select * from spent
      ), written as (
        insert into ${ledger} (job_id, epoch, from_status, to_status, why, worker_id, at)
        select id, epoch, from_status, to_status, why, worker_id, ${now} from settled
      )
      select id, to_status, why from settled order by id`
    const rescued = yield* Effect.orDie(Schema.decodeUnknown(Schema.Array(RescuedRow))(rows))
    if (rescued.some((row) => row.to_status === "pending")) yield* hint(context)
    return rescued.map((row) => ({ id: row.id, to: row.to_status, reason: row.why }))
  }).pipe(operation("JobStore.rescue"))

/** Gives back what the worker holds under none of the known leases. */
export const disown = (context: Sql, worker: WorkerId, known: ReadonlyArray<Lease>) =>
  Effect.gen(function* () {
    const { jobs, ledger, sql } = context
    const now = yield* context.now
    const ids = `{${known.map((lease) => lease.jobId).join(",")}}`
    const epochs = `{${known.map((lease) => lease.epoch).join(",")}}`
    const rows = yield* sql`
      with unknown as (
        select id,
          case when cancel_requested_at is null then 'pending' else 'cancelled' end as next,
          coalesce(${sql.literal(stopRequest.why)}, ${why(context, { _tag: "ClaimLost" })}) as why,
          coalesce(${sql.literal(stopRequest.message)}, error_message) as message
        from ${jobs} job
        where status = 'processing' and installation_id > 0 and worker_id = ${worker} and not exists (
          select from unnest(${ids}::bigint[], ${epochs}::bigint[]) as lease (id, epoch)
          where lease.id = job.id and lease.epoch = job.lease_epoch
        )
        for update of job
      ), disowned as (
        update ${jobs} job
        set status = unknown.next, error_message = unknown.message, worker_id = null, lease_expires_at = null,
          slot = null, run_at = case when unknown.next = 'pending' then ${now} else run_at end,
          started_at = case when unknown.next = 'cancelled' then started_at end,
          completed_at = case when unknown.next = 'cancelled' then ${now} end
        from unknown
        where job.id = unknown.id
        returning job.id, job.lease_epoch, job.status, unknown.why
      ), written as (
        insert into ${ledger} (job_id, epoch, from_status, to_status, why, worker_id, at)
        select id, lease_epoch, 'processing', status, why, ${worker}, ${now} from disowned
      )
      select id from disowned order by id`
    const given = yield* Effect.orDie(Schema.decodeUnknown(Schema.Array(IdRow))(rows))
    if (given.length > 0) yield* hint(context)
    return given.map(({ id }) => id)
  }).pipe(operation("JobStore.disown"))
