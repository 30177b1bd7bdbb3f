/** How dispositions become what the function `holdfast_exchange` takes; see migrations/0004_queue_at_scale.sql. */
import { DateTime, Duration } from "effect"
import type { Settled } from "../../Disposition.ts"
import type { JobStatus } from "../../Job.ts"
import { LeaseLost } from "../../JobError.ts"
import type { Settlement } from "../../JobStore.ts"
import type { Lease } from "../../Lease.ts"
import { describe, type Reason } from "../../Transition.ts"

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

const because = (why: Reason) => ({ why, message: describe(why) })
const ended = { counted: 0, snoozed: 0, delay: 0 } as const
const putBack = (delay: number) => ({ outcome: "pending", counted: 0, snoozed: 0, delay }) as const

const written = (disposition: Settled, now: DateTime.Utc): Request => {
  const until = (time: DateTime.Utc) => Math.max(0, DateTime.distance(now, time)) / 1000
  switch (disposition._tag) {
    case "Complete":
      return { ...ended, outcome: "completed", why: { _tag: "Succeeded" }, message: null }
    case "Fail":
      return { ...ended, outcome: "failed", counted: 1, ...because(disposition.reason) }
    case "Cancel":
      return { ...ended, outcome: "cancelled", ...because(disposition.reason) }
    case "Retry":
      return { ...putBack(Duration.toSeconds(disposition.delay)), counted: 1, ...because(disposition.reason) }
    case "RetryAt":
      return { ...putBack(until(disposition.until)), counted: 1, ...because(disposition.reason) }
    case "Snooze":
      return { ...putBack(until(disposition.until)), snoozed: 1, ...because(disposition.reason) }
    case "Release":
      return { ...putBack(0), why: disposition.reason, message: null }
  }
}

/** @param now this process's own time: a time to wait for is as far from the store's now as it is from ours */
export const requestOf = ({ disposition, lease }: Settlement, now: DateTime.Utc) => ({
  id: lease.jobId,
  epoch: lease.epoch,
  ...written(disposition, now)
})

/** Whether other workers should look for the job at once. */
export const isDueNow = ({ disposition }: Settlement): boolean =>
  disposition._tag === "Release" ||
  (disposition._tag === "Retry" && Duration.toMillis(disposition.delay) === 0)
