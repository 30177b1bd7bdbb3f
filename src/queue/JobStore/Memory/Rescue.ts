import { DateTime, Duration, Option } from "effect"
import { applyDisposition, applyRescue } from "../../Applied.ts"
import type { JobId, WorkerId } from "../../Job.ts"
import type { Rescued } from "../../JobStore.ts"
import type { Lease } from "../../Lease.ts"
import { describe, type Reason } from "../../Transition.ts"
import type { Tables } from "./Tables.ts"

export const rescue = (tables: Tables, now: DateTime.Utc): ReadonlyArray<Rescued> => {
  const rescued: Array<Rescued> = []
  for (const job of tables.all()) {
    if (job.status === "pending" && job.attempts >= job.maxAttempts) {
      const reason: Reason = { _tag: "NoAttemptsLeft" }
      const errorMessage = Option.orElse(job.errorMessage, () => Option.some(describe(reason)))
      const failed = { ...job, status: "failed", completedAt: Option.some(now), errorMessage } as const
      tables.record(failed, "pending", reason, Option.none(), now)
      rescued.push({ id: job.id, to: "failed", reason })
    }
    const seenBy = job.status === "processing" ? tables.presence.deathOfHolder(job, now) : Option.none()
    if (Option.isNone(seenBy)) continue
    const reason: Reason = {
      _tag: "WorkerDied",
      worker: Option.getOrNull(job.workerId),
      seenBy: seenBy.value
    }
    const applied = applyRescue(job, tables.settings.maxCrashes, now, reason)
    tables.write(job, applied, now)
    rescued.push({ id: job.id, to: applied.to, reason: applied.reason })
  }
  return rescued
}

export const disown = (
  tables: Tables,
  worker: WorkerId,
  known: ReadonlyArray<Lease>,
  now: DateTime.Utc
): ReadonlyArray<JobId> =>
  tables
    .all()
    .filter(
      (job) =>
        job.status === "processing" &&
        Option.contains(job.workerId, worker) &&
        !known.some((lease) => lease.jobId === job.id && lease.epoch === job.epoch)
    )
    .map((job) => {
      Option.map(applyDisposition(job, { _tag: "Release", reason: { _tag: "ClaimLost" } }, now), (applied) =>
        tables.write(job, applied, now)
      )
      return job.id
    })

/** Unlike the database's, this batch has no bound. */
export const prune = (tables: Tables, now: DateTime.Utc): number => {
  const { retainCompleted, retainEnded } = tables.settings
  const old = tables.all().filter((job) => {
    if (Option.isNone(job.completedAt)) return false
    const retained = job.status === "completed" ? retainCompleted : retainEnded
    return Duration.greaterThan(DateTime.distanceDuration(job.completedAt.value, now), retained)
  })
  tables.remove(new Set(old.map((job) => job.id)))
  return old.length
}
