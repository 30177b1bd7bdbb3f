/**
 * What a disposition does to a job's state, as arithmetic: the memory store runs it, the SQL statements say the same,
 * and the conformance suite holds the two together.
 */
import { DateTime, type Duration, Option } from "effect"
import type { Disposition } from "./Disposition.ts"
import { Epoch, type Job, type JobId, type JobStatus, type NewJob, priorityOf } from "./Job.ts"
import { stopRequest } from "./StopRequest.ts"
import { describe, type Reason } from "./Transition.ts"

/** A job's next state, and the reason for the ledger. */
export interface Applied<To extends JobStatus = JobStatus> {
  readonly job: Job
  readonly to: To
  readonly reason: Reason
}

const released = {
  workerId: Option.none(),
  leaseExpiresAt: Option.none()
} as const

/**
 * Puts the job back, unless somebody has asked it to stop meanwhile: then it is cancelled instead, and nothing is counted.
 */
const pending = (
  job: Job,
  now: DateTime.Utc,
  runAt: DateTime.Utc,
  reason: Reason,
  counters: Partial<Job>
): Applied<"pending" | "cancelled"> =>
  Option.match(stopRequest(job), {
    onSome: (stop) => ended(job, "cancelled", now, stop, { errorMessage: Option.some(describe(stop)) }),
    onNone: () => ({
      job: { ...job, ...released, ...counters, status: "pending", runAt, startedAt: Option.none() },
      to: "pending",
      reason
    })
  })

const ended = <To extends "completed" | "failed" | "cancelled">(
  job: Job,
  to: To,
  now: DateTime.Utc,
  reason: Reason,
  counters: Partial<Job> = {}
): Applied<To> => ({
  job: {
    ...job,
    ...released,
    ...counters,
    status: to,
    completedAt: Option.some(now)
  },
  to,
  reason
})

const counted = (job: Job, now: DateTime.Utc, runAt: DateTime.Utc, reason: Reason): Applied => {
  const attempts = job.attempts + 1
  const errorMessage = Option.some(describe(reason))
  return attempts >= job.maxAttempts && Option.isNone(stopRequest(job))
    ? ended(job, "failed", now, reason, {
        attempts,
        errorMessage,
        startedAt: Option.none()
      })
    : pending(job, now, runAt, reason, { attempts, errorMessage })
}

/** Applies a disposition to a processing job; none when there is nothing to write. */
export const applyDisposition = (
  job: Job,
  disposition: Disposition,
  now: DateTime.Utc
): Option.Option<Applied> => {
  switch (disposition._tag) {
    case "Complete":
      return Option.some(ended(job, "completed", now, { _tag: "Succeeded" }, { errorMessage: Option.none() }))
    case "Retry":
      return Option.some(counted(job, now, DateTime.addDuration(now, disposition.delay), disposition.reason))
    case "RetryAt":
      return Option.some(counted(job, now, DateTime.max(now, disposition.until), disposition.reason))
    case "Snooze":
      return Option.some(
        pending(job, now, DateTime.max(now, disposition.until), disposition.reason, {
          snoozes: job.snoozes + 1,
          errorMessage: Option.some(describe(disposition.reason))
        })
      )
    case "Release":
      return Option.some(pending(job, now, now, disposition.reason, {}))
    case "Fail":
      return Option.some(
        ended(job, "failed", now, disposition.reason, {
          attempts: job.attempts + 1,
          errorMessage: Option.some(describe(disposition.reason)),
          startedAt: Option.none()
        })
      )
    case "Cancel":
      return Option.some(
        ended(job, "cancelled", now, disposition.reason, {
          errorMessage: Option.some(describe(disposition.reason))
        })
      )
    case "Abandon":
      return Option.none()
  }
}

/** Takes a job back from a dead worker: `pending` at once, or `failed` when its workers died too often. */
export const applyRescue = (
  job: Job,
  maxCrashes: number,
  now: DateTime.Utc,
  reason: Reason
): Applied<"pending" | "failed" | "cancelled"> => {
  const crashes = job.crashes + 1
  const errorMessage = Option.some(describe(reason))
  return crashes >= maxCrashes && Option.isNone(stopRequest(job))
    ? ended(job, "failed", now, reason, {
        crashes,
        errorMessage,
        startedAt: Option.none()
      })
    : pending(job, now, now, reason, { crashes, errorMessage })
}

/** When a lease granted or extended now runs out. */
export const leaseUntil = (now: DateTime.Utc, lease: Duration.Duration): DateTime.Utc =>
  DateTime.addDuration(now, lease)

/** The job that an enqueue makes. */
export const newJob = (id: JobId, request: NewJob, maxAttempts: number, now: DateTime.Utc): Job => ({
  id,
  kind: request.kind ?? "review",
  subject: request.subject,
  payload: request.payload ?? {},
  trigger: request.trigger,
  generation: request.generation ?? 0,
  status: "pending",
  priority: request.priority ?? priorityOf(request.trigger),
  runAt: DateTime.add(now, { millis: request.delayMillis ?? 0 }),
  attempts: 0,
  maxAttempts: request.maxAttempts ?? maxAttempts,
  crashes: 0,
  snoozes: 0,
  epoch: Epoch.make(0),
  workerId: Option.none(),
  leaseExpiresAt: Option.none(),
  cancelRequestedAt: Option.none(),
  cancelMessage: Option.none(),
  supersededBy: Option.none(),
  errorMessage: Option.none(),
  createdAt: now,
  startedAt: Option.none(),
  completedAt: Option.none()
})
