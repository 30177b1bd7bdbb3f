/** How dispositions become parameters, and the part of the exchange's statement that writes them. */
import type { Fragment } from "@effect/sql/Statement"
import { DateTime, Duration } from "effect"
import type { Settled } from "../../Disposition.ts"
import type { JobStatus, WorkerId } from "../../Job.ts"
import { LeaseLost } from "../../JobError.ts"
import type { Settlement } from "../../JobStore.ts"
import type { Lease } from "../../Lease.ts"
import { describe, type Reason } from "../../Transition.ts"
import { json, type Sql, stopRequest } from "./Sql.ts"

export const leaseLost = (lease: Lease) =>
  new LeaseLost({ message: `job ${lease.jobId} is no longer held under epoch ${lease.epoch}` })

/** What a settlement asks to be written; what it comes to can depend on the row. */
interface Request {
  readonly outcome: JobStatus
  readonly counted: 0 | 1
  readonly snoozed: 0 | 1
  /** In seconds, for an outcome of `pending`. */
  readonly delay: number
  readonly why: Reason
  /** Null leaves the message of an earlier failure standing. */
  readonly message: string | null
}

/** @param now this process's own time: a time to wait for is as far from the store's now as it is from ours */
const requestOf = (disposition: Settled, now: DateTime.Utc): Request => {
  const ended = { counted: 0, snoozed: 0, delay: 0 } as const
  const until = (time: DateTime.Utc) => Math.max(0, DateTime.distance(now, time)) / 1000
  switch (disposition._tag) {
    case "Complete":
      return { ...ended, outcome: "completed", why: { _tag: "Succeeded" }, message: null }
    case "Fail":
      return { ...ended, outcome: "failed", counted: 1, ...because(disposition.reason) }
    case "Cancel":
      return { ...ended, outcome: "cancelled", ...because(disposition.reason) }
    case "Retry":
      return { ...pending(Duration.toSeconds(disposition.delay)), counted: 1, ...because(disposition.reason) }
    case "RetryAt":
      return { ...pending(until(disposition.until)), counted: 1, ...because(disposition.reason) }
    case "Snooze":
      return { ...pending(until(disposition.until)), snoozed: 1, ...because(disposition.reason) }
    case "Release":
      return { ...pending(0), why: disposition.reason, message: null }
  }
}

const because = (why: Reason) => ({ why, message: describe(why) })
const pending = (delay: number) => ({ outcome: "pending", counted: 0, snoozed: 0, delay }) as const

/** Whether other workers should look for the job at once. */
export const isDueNow = ({ disposition }: Settlement): boolean =>
  disposition._tag === "Release" ||
  (disposition._tag === "Retry" && Duration.toMillis(disposition.delay) === 0)

/**
 * The CTE `settled`: every row that is still held as the settlement says, in its new state. A job that is put back is
 * cancelled instead when somebody has asked it to stop, and then nothing is counted; it is failed when the failure counts
 * and was the last.
 */
export const settling = (
  context: Sql,
  worker: WorkerId,
  settlements: ReadonlyArray<Settlement>,
  now: Fragment,
  localNow: DateTime.Utc
): Fragment => {
  const { jobs, sql } = context
  const requests = settlements.map(({ disposition, lease }) => ({
    id: lease.jobId,
    epoch: lease.epoch,
    ...requestOf(disposition, localNow)
  }))
  return sql`
    request as (
      select * from jsonb_to_recordset(${json(context, requests)}) as request (
        id bigint, epoch bigint, outcome text, counted integer, snoozed integer, delay double precision,
        why jsonb, message text
      )
    ), held as (
      select job.id, request.counted, request.snoozed, request.delay,
        case
          when request.outcome <> 'pending' then request.outcome
          when job.cancel_requested_at is not null then 'cancelled'
          when request.counted = 1 and job.attempts + 1 >= job.max_attempts then 'failed'
          else 'pending'
        end as next,
        case
          when request.outcome = 'pending' then coalesce(${sql.literal(stopRequest.why)}, request.why)
          else request.why
        end as why,
        case
          when request.outcome = 'completed' then null
          when request.outcome = 'pending'
            then coalesce(${sql.literal(stopRequest.message)}, request.message, job.error_message)
          else coalesce(request.message, job.error_message)
        end as message
      from request
      join ${jobs} job on job.id = request.id and job.lease_epoch = request.epoch
      where job.status = 'processing' and job.worker_id = ${worker}
      -- As a beat does, so that the two can't wait for each other.
      order by job.id
      for update of job
    ), settled as (
      update ${jobs} job
      set status = held.next,
        attempts = case when held.next = 'cancelled' then attempts else attempts + held.counted end,
        snoozes = case when held.next = 'cancelled' then snoozes else snoozes + held.snoozed end,
        error_message = held.message, worker_id = null, lease_expires_at = null, slot = null,
        run_at = case
          when held.next = 'pending' then ${now} + make_interval(secs => held.delay) else run_at end,
        started_at = case when held.next in ('completed', 'cancelled') then started_at end,
        completed_at = case when held.next = 'pending' then null else ${now} end
      from held
      where job.id = held.id
      returning job.id, job.lease_epoch as epoch, job.status, held.why
    )`
}
