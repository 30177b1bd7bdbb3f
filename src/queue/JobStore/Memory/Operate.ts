/** What operators see and do, on the tables of the memory store. Every function is one synchronous step. */
import { DateTime, Duration, Either, Option } from "effect"
import { applyDisposition } from "../../Applied.ts"
import * as Audit from "../../Audit.ts"
import { type Job, type JobId, priorityOf, type WorkerId } from "../../Job.ts"
import type { AlreadyFinished, NoSuchJob, NotRetryable } from "../../JobError.ts"
import type { JobCounts, JobFilter, QueueStats } from "../../JobStore.ts"
import { alreadyFinished, isRetryable, noSuchJob, notRetryable } from "../../Refusal.ts"
import { samePullRequest, type Tables } from "./Tables.ts"

const sameRepository = (job: Job, key: { readonly owner: string; readonly repo: string }) =>
  job.subject.owner === key.owner && job.subject.repo === key.repo

export const list = (tables: Tables, filter: JobFilter): ReadonlyArray<Job> =>
  tables
    .all()
    .filter(
      (job) =>
        (filter.status === undefined || job.status === filter.status) &&
        (filter.repository === undefined || sameRepository(job, filter.repository)) &&
        (filter.pullRequest === undefined || samePullRequest(job.subject, filter.pullRequest)) &&
        (filter.installationId === undefined || job.subject.installationId === filter.installationId) &&
        (filter.before === undefined || job.id < filter.before)
    )
    .sort((a, b) => b.id - a.id)
    .slice(0, filter.limit)

export const counts = (tables: Tables): JobCounts => {
  const counted = { pending: 0, processing: 0, completed: 0, failed: 0, cancelled: 0 }
  for (const job of tables.jobs.values()) counted[job.status]++
  return counted
}

/** How many jobs a worker holds. */
export const heldBy =
  (tables: Tables) =>
  (worker: WorkerId): number =>
    tables.all().filter((job) => Option.contains(job.workerId, worker)).length

export const stepKeys = (tables: Tables, id: JobId): ReadonlyArray<string> => {
  const prefix = `${id}:`
  return [...tables.steps.keys()]
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
}

export const stats = (tables: Tables, now: DateTime.Utc): QueueStats => {
  const waiting = tables.all().filter((job) => job.status === "pending")
  const since = DateTime.subtractDuration(now, Duration.times(tables.settings.idleBeatEvery, 3))
  return {
    counts: counts(tables),
    oldestPendingAt: Option.fromNullable(waiting.map((job) => job.createdAt).sort(DateTime.Order)[0]),
    workers: tables.presence.alive(since, heldBy(tables))
  }
}

const isSameWork = (a: Job, b: Job) =>
  samePullRequest(a.subject, b.subject) && a.subject.commitSha === b.subject.commitSha && a.kind === b.kind

export const retry = (
  tables: Tables,
  id: JobId,
  now: DateTime.Utc
): Either.Either<Job, NoSuchJob | NotRetryable> => {
  const job = tables.jobs.get(id)
  if (job === undefined) return Either.left(noSuchJob(id))
  if (!isRetryable(job.status)) return Either.left(notRetryable(id, job.status))
  const generations = tables
    .all()
    .filter((other) => isSameWork(other, job))
    .map((other) => other.generation)
  const retried: Job = {
    ...job,
    status: "pending",
    generation: Math.max(...generations) + 1,
    attempts: 0,
    crashes: 0,
    snoozes: 0,
    priority: priorityOf("command"),
    runAt: now,
    errorMessage: Option.none(),
    startedAt: Option.none(),
    completedAt: Option.none(),
    cancelRequestedAt: Option.none(),
    cancelMessage: Option.none(),
    supersededBy: Option.none()
  }
  tables.record(retried, job.status, { _tag: "RetriedByOperator" }, Option.none(), now)
  return Either.right(retried)
}

export const cancel = (
  tables: Tables,
  id: JobId,
  message: string,
  now: DateTime.Utc
): Either.Either<"cancelled" | "asked", NoSuchJob | AlreadyFinished> => {
  const job = tables.jobs.get(id)
  if (job === undefined) return Either.left(noSuchJob(id))
  if (job.status === "pending") {
    Option.map(
      applyDisposition(job, { _tag: "Cancel", reason: { _tag: "Cancelled", message } }, now),
      (applied) => tables.record(applied.job, job.status, applied.reason, Option.none(), now)
    )
    return Either.right("cancelled")
  }
  if (job.status !== "processing") return Either.left(alreadyFinished(id, job.status))
  // The first wish to stop stays.
  if (Option.isNone(job.cancelRequestedAt)) {
    const asked = { cancelRequestedAt: Option.some(now), cancelMessage: Option.some(message) }
    tables.touch(job, asked)
  }
  return Either.right("asked")
}

const auditLedgers = (tables: Tables): ReadonlyArray<Audit.Violation> =>
  tables.all().flatMap((job) =>
    Audit.auditJob(
      job,
      tables.ledger.filter((line) => line.jobId === job.id)
    )
  )

const auditTogether = (tables: Tables, perInstallation: number | undefined) => {
  const step = Audit.auditOverlaps({ perInstallation })
  let running = Audit.nothingRuns
  return tables.ledger.flatMap((line): ReadonlyArray<Audit.Violation> => {
    const job = tables.jobs.get(line.jobId)
    if (job === undefined || (line.from !== "processing" && line.to !== "processing")) return []
    const { installationId, owner, pullRequest, repo } = job.subject
    const [next, found] = step(running, {
      jobId: job.id,
      begins: line.to === "processing",
      installationId,
      pullRequest: `${owner}/${repo}#${pullRequest}`
    })
    running = next
    return found
  })
}

export const audit = (
  tables: Tables,
  options: { readonly perInstallation?: number | undefined } = {}
): ReadonlyArray<Audit.Violation> => [
  ...auditLedgers(tables),
  ...auditTogether(tables, options.perInstallation)
]
