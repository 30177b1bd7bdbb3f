import { DateTime, Option } from "effect"
import { leaseUntil } from "../../Applied.ts"
import { Epoch, type Job, type WorkerId } from "../../Job.ts"
import type { Claimed, Claims } from "../../JobStore.ts"
import { grant } from "../grant.ts"
import { samePullRequest, type Tables } from "./Tables.ts"

const byUrgency = (a: Job, b: Job) =>
  a.priority - b.priority || DateTime.Order(a.runAt, b.runAt) || a.id - b.id

const isDue = (job: Job, now: DateTime.Utc) =>
  job.status === "pending" && job.attempts < job.maxAttempts && DateTime.lessThanOrEqualTo(job.runAt, now)

/** Whether nothing that runs keeps the job from running as well. */
const isFree = (job: Job, running: ReadonlyArray<Job>, perInstallation: number) =>
  !running.some((other) => samePullRequest(other.subject, job.subject)) &&
  running.filter((other) => other.subject.installationId === job.subject.installationId).length <
    perInstallation

const due = (tables: Tables, now: DateTime.Utc, quarantined: boolean) =>
  tables
    .all()
    .filter((job) => isDue(job, now) && job.crashes >= tables.settings.quarantineAfter === quarantined)
    .sort(byUrgency)

const runningIn = (tables: Tables) => tables.all().filter((job) => job.status === "processing")

const start = (tables: Tables, worker: WorkerId, job: Job, now: DateTime.Utc): Claimed => {
  const expiresAt = leaseUntil(now, tables.settings.lease)
  const started: Job = {
    ...job,
    status: "processing",
    epoch: Epoch.make(job.epoch + 1),
    workerId: Option.some(worker),
    leaseExpiresAt: Option.some(expiresAt),
    startedAt: Option.some(now)
  }
  tables.record(started, "pending", { _tag: "Claimed" }, started.workerId, now)
  tables.presence.beat(worker, now)
  return { job: started, lease: grant({ jobId: job.id, epoch: started.epoch, worker, expiresAt }) }
}

export const claim = (tables: Tables, worker: WorkerId, limit: number, now: DateTime.Utc): Claims => {
  const { perInstallation } = tables.settings
  const jobs: Array<Claimed> = []
  const running = runningIn(tables)
  for (const job of due(tables, now, false)) {
    if (jobs.length >= limit) break
    if (!isFree(job, [...running, ...jobs.map((one) => one.job)], perInstallation)) continue
    jobs.push(start(tables, worker, job, now))
  }
  const all = [...running, ...jobs.map((one) => one.job)]
  const quarantined = due(tables, now, true).some((job) => isFree(job, all, perInstallation))
  return { jobs, quarantined }
}

export const claimQuarantined = (
  tables: Tables,
  worker: WorkerId,
  now: DateTime.Utc
): Option.Option<Claimed> => {
  const running = runningIn(tables)
  const job = due(tables, now, true).find((one) => isFree(one, running, tables.settings.perInstallation))
  return Option.map(Option.fromNullable(job), (found) => start(tables, worker, found, now))
}
