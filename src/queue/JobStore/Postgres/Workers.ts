import type { Fragment } from "@effect/sql/Statement"
import { DateTime, Effect, Option, Schema } from "effect"
import type { WorkerId } from "../../Job.ts"
import { Obsolete } from "../../JobError.ts"
import type { Beat, WorkerInfo } from "../../JobStore.ts"
import type { Lease } from "../../Lease.ts"
import type { QueueSettings } from "../../QueueSettings.ts"
import { stopRequest } from "../../StopRequest.ts"
import { describe } from "../../Transition.ts"
import { HeldRow, WorkerRow } from "./Rows.ts"
import { leaseLost } from "./Settle.ts"
import { heldBy, interval, operation, type Sql } from "./Sql.ts"

/**
 * The first key of the advisory lock that a worker's session holds; the second is the worker's id. It depends on the
 * schema, so that two queues in one database don't see each other's workers.
 */
export const lockClass = ({ schema, sql }: Sql): Fragment => sql`hashtext('holdfast:worker:' || ${schema})`

export const register = (context: Sql, info: WorkerInfo) =>
  Effect.gen(function* () {
    const { sql, workers } = context
    const now = yield* context.now
    const rows = yield* sql`
      insert into ${workers} (host, pid, version, started_at, last_beat_at)
      values (${info.host}, ${info.pid}, ${info.version}, ${now}, ${now})
      returning id`
    const [{ id }] = yield* Effect.orDie(Schema.decodeUnknown(Schema.Tuple(WorkerRow))(rows))
    return id
  }).pipe(operation("JobStore.registerWorker"))

export const markDraining = ({ sql, workers }: Sql, worker: WorkerId) =>
  sql`update ${workers} set draining = true where id = ${worker}`.pipe(
    operation("JobStore.markDraining"),
    Effect.asVoid
  )

/** A worker that still holds a job stays known, so that the job's rescue can tell who died. */
export const retire = ({ jobs, sql, workers }: Sql, worker: WorkerId) =>
  sql`
    delete from ${workers}
    where id = ${worker}
      and not exists (select from ${jobs} where status = 'processing' and installation_id > 0 and worker_id = ${worker})`.pipe(
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
    const { jobs, sql, workers } = context
    const now = yield* context.now
    const ids = `{${leases.map((lease) => lease.jobId).join(",")}}`
    const epochs = `{${leases.map((lease) => lease.epoch).join(",")}}`
    const rows = yield* sql`
      with alive as (
        update ${workers} set last_beat_at = ${now} where id = ${worker}
      ), held as (
        select job.id
        from ${jobs} job
        join unnest(${ids}::bigint[], ${epochs}::bigint[]) as lease (id, epoch)
          on job.id = lease.id and job.lease_epoch = lease.epoch
        where job.status = 'processing' and job.installation_id > 0 and job.worker_id = ${worker}
        order by job.id
        for update of job
      )
      update ${jobs} job
      set lease_expires_at = ${now} + ${interval(context, settings.lease)}
      from held
      where job.id = held.id
      returning job.id, job.lease_epoch, job.cancel_requested_at, job.cancel_message, job.superseded_by`
    const held = yield* Effect.orDie(Schema.decodeUnknown(Schema.Array(HeldRow))(rows))
    // A worker that has claimed its own job again can ask for both claims.
    const rowOf = (lease: Lease) =>
      Option.fromNullable(held.find((row) => row.id === lease.jobId && row.lease_epoch === lease.epoch))
    return {
      lost: leases.filter((lease) => Option.isNone(rowOf(lease))),
      cancelled: leases.flatMap((lease) =>
        Option.match(Option.flatMap(rowOf(lease), requestOf), {
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
    const { jobs, sql } = context
    const rows = yield* sql`
      select id, lease_epoch, cancel_requested_at, cancel_message, superseded_by from ${jobs} where ${heldBy(context, lease)}`
    const [row] = yield* Effect.orDie(Schema.decodeUnknown(Schema.Array(HeldRow))(rows))
    if (row === undefined) return yield* leaseLost(lease)
    const stop = requestOf(row)
    if (Option.isSome(stop)) return yield* new Obsolete({ message: describe(stop.value) })
  }).pipe(operation("JobStore.check"))
