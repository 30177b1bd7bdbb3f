/** What operators may do to the model's jobs, and what they must be told. */
import { type JobId, priorityOf } from "../../../src/queue/Job.ts"
import { all, isSameWork, type ModelJob, put, type State, stop } from "./Model.ts"

export interface Told {
  readonly next: State
  readonly answer: string
}

export const cancel = (state: State, id: JobId): Told => {
  const job = state.jobs.get(id)
  if (job === undefined) return { next: state, answer: "NoSuchJob" }
  const { cancelled, next } = stop(state, (one) => one.id === id, null)
  if (cancelled.length > 0) return { next, answer: "cancelled" }
  return { next, answer: job.status === "processing" ? "asked" : "AlreadyFinished" }
}

/** The counters begin anew, the epoch goes on. */
export const retry = (state: State, id: JobId): Told => {
  const job = state.jobs.get(id)
  if (job === undefined) return { next: state, answer: "NoSuchJob" }
  if (job.status !== "failed" && job.status !== "cancelled") return { next: state, answer: "NotRetryable" }
  const generations = all(state)
    .filter((other) =>
      isSameWork(other.request, { ...job.request, generation: other.request.generation ?? 0 })
    )
    .map((other) => other.request.generation ?? 0)
  const retried: ModelJob = {
    ...job,
    request: { ...job.request, generation: Math.max(...generations) + 1 },
    status: "pending",
    attempts: 0,
    crashes: 0,
    snoozes: 0,
    priority: priorityOf("command"),
    runAt: state.now,
    stopAskedAt: null,
    supersededBy: null,
    endedAt: null
  }
  return { next: put(state, retried), answer: "retried" }
}
