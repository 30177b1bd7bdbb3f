/** The tables of the memory store, and the few ways to change them. Every method is one synchronous step. */
import type { DateTime } from "effect"
import { Option } from "effect"
import type { Applied } from "../../Applied.ts"
import type { Job, JobId } from "../../Job.ts"
import type { PullRequestKey } from "../../JobStore.ts"
import type { Lease } from "../../Lease.ts"
import type { QueueSettings } from "../../QueueSettings.ts"
import type { Reason, Transition } from "../../Transition.ts"
import { Presence } from "./Presence.ts"

export const samePullRequest = (a: PullRequestKey, b: PullRequestKey): boolean =>
  a.owner === b.owner && a.repo === b.repo && a.pullRequest === b.pullRequest

export class Tables {
  readonly jobs = new Map<JobId, Job>()
  readonly steps = new Map<string, unknown>()
  readonly settings: QueueSettings.Settings
  readonly presence: Presence
  ledger: Array<Transition> = []
  /** How many jobs there have ever been. */
  enqueued = 0
  readonly #written: (line: Transition) => void

  /** @param written is told of each new line of the ledger */
  constructor(settings: QueueSettings.Settings, written: (line: Transition) => void) {
    this.settings = settings
    this.presence = new Presence(settings.deadAfter)
    this.#written = written
  }

  all(): ReadonlyArray<Job> {
    return [...this.jobs.values()]
  }

  /** Changes a job's state, and writes its line in the ledger. */
  record(job: Job, from: Transition["from"], why: Reason, workerId: Job["workerId"], at: DateTime.Utc): void {
    const line: Transition = { jobId: job.id, epoch: job.epoch, from, to: job.status, why, workerId, at }
    this.ledger.push(line)
    this.jobs.set(job.id, job)
    this.#written(line)
  }

  write(before: Job, applied: Applied, at: DateTime.Utc): void {
    this.record(applied.job, before.status, applied.reason, before.workerId, at)
  }

  /** The job, if it is still processing under exactly this claim. */
  held(lease: Lease): Option.Option<Job> {
    return Option.fromNullable(this.jobs.get(lease.jobId)).pipe(
      Option.filter(
        (job) =>
          job.status === "processing" &&
          job.epoch === lease.epoch &&
          Option.contains(job.workerId, lease.worker)
      )
    )
  }

  /** Changes what is no change of state. */
  touch(job: Job, changes: Partial<Job>): void {
    this.jobs.set(job.id, { ...job, ...changes })
  }

  remove(ids: ReadonlySet<JobId>): void {
    for (const id of ids) {
      this.jobs.delete(id)
      for (const key of this.steps.keys()) if (key.startsWith(`${id}:`)) this.steps.delete(key)
    }
    this.ledger = this.ledger.filter((line) => !ids.has(line.jobId))
  }
}
