/** The model's jobs that leave their worker without its doing, and those that are over for so long that they are deleted. */
import { Duration } from "effect"
import type { JobId, WorkerId } from "../../../src/queue/Job.ts"
import type { Rescued } from "../../../src/queue/JobStore.ts"
import type { Lease } from "../../../src/queue/Lease.ts"
import { all, ended, ids, type ModelJob, put, putBack, type State, same, stopTag } from "./Model.ts"

const seenDeadBy = (state: State, job: ModelJob): "lease" | "session" | undefined => {
  if (job.status !== "processing" || job.holder === null || job.leaseEnd === null) return undefined
  if (job.leaseEnd < state.now) return "lease"
  const worker = state.workers.get(job.holder)
  const silent = worker !== undefined && worker.beatAt + Duration.toMillis(state.rules.deadAfter) < state.now
  return silent && worker.session === "gone" ? "session" : undefined
}

export const rescue = (state: State, answer: ReadonlyArray<Rescued>): State => {
  const dead = all(state).filter((job) => seenDeadBy(state, job) !== undefined)
  const spent = all(state).filter((job) => job.status === "pending" && job.attempts >= job.maxAttempts)
  const taken = dead.map((job) =>
    job.stopAskedAt === null && job.crashes + 1 >= state.rules.maxCrashes
      ? ended({ ...job, crashes: job.crashes + 1 }, "failed", state.now)
      : putBack(job, state.now, state.now, { crashes: job.crashes + 1 })
  )
  const failed = spent.map((job) => ended(job, "failed", state.now))
  const expected = [
    ...dead.map(
      (job, index) =>
        `${job.id} ${taken[index]?.status} ${job.stopAskedAt === null ? `WorkerDied ${job.holder} ${seenDeadBy(state, job)}` : stopTag(job)}`
    ),
    ...failed.map((job) => `${job.id} failed NoAttemptsLeft`)
  ]
  const reason = ({ reason }: Rescued) =>
    reason._tag === "WorkerDied" ? `WorkerDied ${reason.worker} ${reason.seenBy}` : reason._tag
  same("rescued", answer.map((one) => `${one.id} ${one.to} ${reason(one)}`).sort(), expected.sort())
  return put(state, ...taken, ...failed)
}

export const disown = (
  state: State,
  worker: WorkerId,
  known: ReadonlyArray<Lease>,
  answer: ReadonlyArray<JobId>
): State => {
  const unknown = all(state).filter(
    (job) =>
      job.status === "processing" &&
      job.holder === worker &&
      !known.some((lease) => lease.jobId === job.id && lease.epoch === job.epoch)
  )
  same("disowned", [...answer].sort(), ids(unknown).sort())
  return put(state, ...unknown.map((job) => putBack(job, state.now, state.now, {})))
}

export const prune = (state: State, answer: number): State => {
  const { retainCompleted, retainEnded } = state.rules
  const isKept = (job: ModelJob) =>
    job.endedAt === null ||
    job.endedAt + Duration.toMillis(job.status === "completed" ? retainCompleted : retainEnded) >= state.now
  const kept = all(state).filter(isKept)
  same("deleted", answer, state.jobs.size - kept.length)
  const isOfKept = (key: string) => kept.some((job) => key.startsWith(`${job.id}:`))
  return {
    ...state,
    jobs: new Map(kept.map((job) => [job.id, job])),
    steps: new Map([...state.steps].filter(([key]) => isOfKept(key)))
  }
}
