import type { DateTime } from "effect"
import { Option } from "effect"
import { applyDisposition, newJob } from "../../Applied.ts"
import { type Job, JobId, type NewJob } from "../../Job.ts"
import type { Enqueued } from "../../JobStore.ts"
import type { Reason } from "../../Transition.ts"
import { samePullRequest, type Tables } from "./Tables.ts"

/** Cancels what is pending and asks what runs to stop; tells what was cancelled. */
export const stopAll = (
  tables: Tables,
  matching: (job: Job) => boolean,
  reason: Reason,
  changes: Partial<Job>,
  now: DateTime.Utc
): ReadonlyArray<JobId> => {
  const cancelled: Array<JobId> = []
  for (const job of tables.all().filter(matching)) {
    if (job.status === "pending") {
      Option.map(applyDisposition(job, { _tag: "Cancel", reason }, now), (applied) =>
        tables.write(job, { ...applied, job: { ...applied.job, ...changes } }, now)
      )
      cancelled.push(job.id)
    } else if (job.status === "processing" && Option.isNone(job.cancelRequestedAt)) {
      tables.touch(job, { ...changes, cancelRequestedAt: Option.some(now) })
    }
  }
  return cancelled
}

export const enqueue = (tables: Tables, request: NewJob, now: DateTime.Utc): Enqueued => {
  const job = newJob(JobId.make(tables.enqueued + 1), request, tables.settings.maxAttempts, now)
  const same = tables
    .all()
    .find(
      (other) =>
        samePullRequest(other.subject, job.subject) &&
        other.subject.commitSha === job.subject.commitSha &&
        other.kind === job.kind &&
        other.generation === job.generation &&
        other.status !== "failed" &&
        other.status !== "cancelled" &&
        Option.isNone(other.cancelRequestedAt)
    )
  if (same !== undefined) return { id: same.id, created: false, superseded: [] }
  tables.enqueued++
  tables.record(job, null, { _tag: "Enqueued", trigger: job.trigger }, Option.none(), now)
  const superseded = stopAll(
    tables,
    (other) =>
      other.id !== job.id &&
      other.kind === job.kind &&
      samePullRequest(other.subject, job.subject) &&
      other.subject.commitSha !== job.subject.commitSha,
    { _tag: "Superseded", by: job.id },
    { supersededBy: Option.some(job.id) },
    now
  )
  return { id: job.id, created: true, superseded }
}
