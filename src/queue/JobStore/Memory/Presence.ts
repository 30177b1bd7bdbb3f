/** Which workers there are, and which of them count as dead. */
import { DateTime, type Duration, Option } from "effect"
import { type Job, WorkerId } from "../../Job.ts"

interface Row {
  lastBeatAt: DateTime.Utc
  /** None until the first session stands. */
  session: Option.Option<"open" | "gone">
}

export class Presence {
  readonly #workers = new Map<WorkerId, Row>()
  readonly #deadAfter: Duration.Duration

  /** @param deadAfter how long a worker without its session may be silent */
  constructor(deadAfter: Duration.Duration) {
    this.#deadAfter = deadAfter
  }

  register(now: DateTime.Utc): WorkerId {
    const id = WorkerId.make(this.#workers.size + 1)
    this.#workers.set(id, { lastBeatAt: now, session: Option.none() })
    return id
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
