/** Which workers there are, and which of them count as dead. */
import { DateTime, type Duration, Option } from "effect"
import { type Job, WorkerId } from "../../Job.ts"
import type { WorkerInfo, WorkerState } from "../../JobStore.ts"

interface Row {
  readonly info: WorkerInfo
  readonly startedAt: DateTime.Utc
  draining: boolean
  lastBeatAt: DateTime.Utc
  /** None until the first session stands. */
  session: Option.Option<"open" | "gone">
}

export class Presence {
  readonly #workers = new Map<WorkerId, Row>()
  #registered = 0
  readonly #deadAfter: Duration.Duration

  /** @param deadAfter how long a worker without its session may be silent */
  constructor(deadAfter: Duration.Duration) {
    this.#deadAfter = deadAfter
  }

  register(info: WorkerInfo, now: DateTime.Utc): WorkerId {
    const id = WorkerId.make(++this.#registered)
    this.#workers.set(id, { info, startedAt: now, draining: false, lastBeatAt: now, session: Option.none() })
    return id
  }

  drain(worker: WorkerId): void {
    const row = this.#workers.get(worker)
    if (row !== undefined) row.draining = true
  }

  /** A worker that still holds a job stays known, so that the job's rescue can tell who died. */
  retire(worker: WorkerId, held: (worker: WorkerId) => number): void {
    if (held(worker) === 0) this.#workers.delete(worker)
  }

  /** Those that have beaten since the given time. */
  alive(since: DateTime.Utc, held: (worker: WorkerId) => number): ReadonlyArray<WorkerState> {
    return [...this.#workers]
      .filter(([, row]) => DateTime.greaterThan(row.lastBeatAt, since))
      .map(([id, { draining, info, lastBeatAt, startedAt }]) => ({
        ...info,
        id,
        startedAt,
        lastBeatAt,
        draining,
        running: held(id)
      }))
  }

  beat(worker: WorkerId, now: DateTime.Utc): void {
    const row = this.#workers.get(worker)
    if (row !== undefined) row.lastBeatAt = now
  }

  setSession(worker: WorkerId, session: "open" | "gone"): void {
    const row = this.#workers.get(worker)
    if (row !== undefined) row.session = Option.some(session)
  }

  /** By what the worker that holds the job is seen to be dead; none while it counts as alive. */
  deathOfHolder(job: Job, now: DateTime.Utc): Option.Option<"lease" | "session"> {
    if (Option.isNone(job.workerId) || Option.isNone(job.leaseExpiresAt)) return Option.some("lease")
    if (DateTime.lessThan(job.leaseExpiresAt.value, now)) return Option.some("lease")
    const worker = this.#workers.get(job.workerId.value)
    const isDead =
      worker !== undefined &&
      Option.contains(worker.session, "gone") &&
      DateTime.lessThan(DateTime.addDuration(worker.lastBeatAt, this.#deadAfter), now)
    return isDead ? Option.some("session") : Option.none()
  }
}
