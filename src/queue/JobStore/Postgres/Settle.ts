import type { Fragment } from "@effect/sql/Statement"
import { DateTime, Duration, Effect } from "effect"
import type { Disposition } from "../../Disposition.ts"
import { LeaseLost } from "../../JobError.ts"
import type { Lease } from "../../Lease.ts"
import { describe, type Reason } from "../../Transition.ts"
import { heldBy, hint, interval, operation, type Sql, stopRequest, storable, why } from "./Sql.ts"

export const leaseLost = (lease: Lease) =>
  new LeaseLost({ message: `job ${lease.jobId} is no longer held under epoch ${lease.epoch}` })

const text = (message: string | null) => (message === null ? null : storable(message))

/** Ends the job. */
const end = Effect.fnUntraced(function* (
  context: Sql,
  lease: Lease,
  options: {
    readonly to: "completed" | "failed" | "cancelled"
    readonly counted: 0 | 1
    readonly errorMessage: string | null
    readonly reason: Reason
  }
) {
  const { sql } = context
  const now = yield* context.now
  return yield* sql`
    with settled as (
      update review_jobs
      set status = ${options.to}, attempts = attempts + ${options.counted}, error_message = ${text(options.errorMessage)},
        completed_at = ${now}, worker_id = null, lease_expires_at = null,
        started_at = case when ${options.to}::text = 'failed' then null else started_at end
      where ${heldBy(context, lease)}
      returning id, lease_epoch, status, completed_at
    ), ledger as (
      insert into job_transitions (job_id, epoch, from_status, to_status, why, worker_id, at)
      select id, lease_epoch, 'processing', status, ${why(context, options.reason)}, ${lease.worker}, completed_at
      from settled
    )
    select id from settled`
})

/**
 * Puts the job back to `pending`. When somebody has asked it to stop it is cancelled instead, and nothing is counted;
 * when the failure counts and was the last, it is failed.
 */
const putBack = Effect.fnUntraced(function* (
  context: Sql,
  lease: Lease,
  options: {
    readonly runAt: Fragment
    readonly counted: 0 | 1
    readonly snoozed: 0 | 1
    /** Null leaves the message of an earlier failure standing. */
    readonly errorMessage: string | null
    readonly reason: Reason
  }
) {
  const { sql } = context
  const now = yield* context.now
  return yield* sql`
    with held as (
      select id,
        case
          when cancel_requested_at is not null then 'cancelled'
          when ${options.counted} = 1 and attempts + 1 >= max_attempts then 'failed'
          else 'pending'
        end as next,
        coalesce(${sql.literal(stopRequest.why)}, ${why(context, options.reason)}) as why,
        coalesce(${sql.literal(stopRequest.message)}, ${text(options.errorMessage)}::text, error_message) as message
      from review_jobs
      where ${heldBy(context, lease)}
      for update
    ), settled as (
      update review_jobs job
      set status = held.next,
        attempts = case when held.next = 'cancelled' then attempts else attempts + ${options.counted} end,
        snoozes = case when held.next = 'cancelled' then snoozes else snoozes + ${options.snoozed} end,
        error_message = held.message, worker_id = null, lease_expires_at = null,
        run_at = case when held.next = 'pending' then ${options.runAt} else run_at end,
        started_at = case when held.next = 'cancelled' then started_at end,
        completed_at = case when held.next = 'pending' then null else ${now} end
      from held
      where job.id = held.id
      returning job.id, job.lease_epoch, job.status, held.why
    ), ledger as (
      insert into job_transitions (job_id, epoch, from_status, to_status, why, worker_id, at)
      select id, lease_epoch, 'processing', status, why, ${lease.worker}, ${now} from settled
    )
    select id from settled`
})

const statement = Effect.fnUntraced(function* (
  context: Sql,
  lease: Lease,
  disposition: Exclude<Disposition, { readonly _tag: "Abandon" }>
) {
  const { sql } = context
  const now = yield* context.now
  // As long from the store's now as it is from ours: the two clocks may differ, and the store's decides.
  const localNow = yield* DateTime.now
  const at = (time: DateTime.Utc) =>
    sql`${now} + ${interval(context, Duration.millis(Math.max(0, DateTime.distance(localNow, time))))}`
  switch (disposition._tag) {
    case "Complete":
      return yield* end(context, lease, {
        to: "completed",
        counted: 0,
        errorMessage: null,
        reason: { _tag: "Succeeded" }
      })
    case "Fail":
      return yield* end(context, lease, {
        to: "failed",
        counted: 1,
        errorMessage: describe(disposition.reason),
        reason: disposition.reason
      })
    case "Cancel":
      return yield* end(context, lease, {
        to: "cancelled",
        counted: 0,
        errorMessage: describe(disposition.reason),
        reason: disposition.reason
      })
    case "Retry":
      return yield* putBack(context, lease, {
        runAt: sql`${now} + ${interval(context, disposition.delay)}`,
        counted: 1,
        snoozed: 0,
        errorMessage: describe(disposition.reason),
        reason: disposition.reason
      })
    case "RetryAt":
      return yield* putBack(context, lease, {
        runAt: at(disposition.until),
        counted: 1,
        snoozed: 0,
        errorMessage: describe(disposition.reason),
        reason: disposition.reason
      })
    case "Snooze":
      return yield* putBack(context, lease, {
        runAt: at(disposition.until),
        counted: 0,
        snoozed: 1,
        errorMessage: describe(disposition.reason),
        reason: disposition.reason
      })
    case "Release":
      return yield* putBack(context, lease, {
        runAt: now,
        counted: 0,
        snoozed: 0,
        errorMessage: null,
        reason: disposition.reason
      })
  }
})

/** Whether other workers should look for the job at once. */
const isDueNow = (disposition: Disposition): boolean =>
  disposition._tag === "Release" ||
  (disposition._tag === "Retry" && Duration.toMillis(disposition.delay) === 0)

export const settle = (context: Sql, lease: Lease, disposition: Disposition) =>
  disposition._tag === "Abandon"
    ? Effect.void
    : statement(context, lease, disposition).pipe(
        Effect.tap((rows) =>
          rows.length > 0 && isDueNow(disposition) ? Effect.ignore(hint(context)) : Effect.void
        ),
        operation("JobStore.settle"),
        Effect.flatMap((rows) => (rows.length > 0 ? Effect.void : leaseLost(lease)))
      )
