/** What the model allows a claim to bring. */
import { Duration, Option } from "effect"
import type { WorkerId } from "../../../src/queue/Job.ts"
import type { Claimed, Claims, Exchanged, Settlement } from "../../../src/queue/JobStore.ts"
import {
  agree,
  all,
  Disagreement,
  isAlive,
  type ModelJob,
  pull,
  put,
  type State,
  same,
  settle
} from "./Model.ts"

const isRunning = (job: ModelJob) => job.status === "processing"

/** Due jobs, most urgent first. */
const due = (state: State, quarantined: boolean) =>
  all(state)
    .filter((job) => job.status === "pending" && job.attempts < job.maxAttempts && job.runAt <= state.now)
    .filter((job) => job.crashes >= state.rules.quarantineAfter === quarantined)
    .sort((a, b) => a.priority - b.priority || a.runAt - b.runAt || a.id - b.id)

const isFree = (state: State, job: ModelJob, running: ReadonlyArray<ModelJob>) =>
  running.every((other) => pull(other.request.subject) !== pull(job.request.subject)) &&
  running.filter((other) => other.request.subject.installationId === job.request.subject.installationId)
    .length < state.rules.perInstallation

/** As many of the candidates, in their order, as may run beside one another and beside what runs. */
const together = (
  state: State,
  candidates: ReadonlyArray<ModelJob>,
  running: ReadonlyArray<ModelJob>,
  limit: number
) =>
  candidates.reduce<ReadonlyArray<ModelJob>>(
    (chosen, job) =>
      chosen.length < limit && isFree(state, job, running.concat(chosen)) ? chosen.concat(job) : chosen,
    []
  )

const adopt = (state: State, worker: WorkerId, claimed: ReadonlyArray<Claimed>): State => {
  const leaseEnd = state.now + Duration.toMillis(state.rules.lease)
  const jobs = claimed.map(({ job, lease }) => {
    const before = state.jobs.get(job.id)
    same(
      `the claim of job ${job.id}`,
      [job.status, lease.jobId, lease.epoch, job.epoch, lease.worker, lease.expiresAt.epochMillis],
      ["processing", job.id, (before?.epoch ?? 0) + 1, (before?.epoch ?? 0) + 1, worker, leaseEnd]
    )
    return before === undefined
      ? []
      : [{ ...before, status: "processing" as const, epoch: before.epoch + 1, holder: worker, leaseEnd }]
  })
  return put(claimed.length > 0 ? isAlive(state, worker) : state, ...jobs.flat())
}

/**
 * The queue's order decides which jobs a claim brings, but not how many of them: at least one if there is any, and at
 * least those that can run together among the first `limit` that nothing running stands in the way of.
 *
 * @param before the state that the claim saw, where something was settled at the same time
 */
export const claim = (
  state: State,
  worker: WorkerId,
  limit: number,
  answer: Claims,
  before: State = state
): State => {
  const running = all(before).filter(isRunning)
  const free = due(before, false).filter((job) => isFree(before, job, running))
  const most = together(before, free, running, limit)
  const least = together(before, free.slice(0, limit), running, limit)
  const brought = answer.jobs.map((one) => one.job.id)
  agree(brought.length >= least.length, `too few were claimed: ${brought.length}, of ${most.length}`)
  same(
    "claimed",
    brought,
    most.slice(0, brought.length).map((job) => job.id)
  )
  const alone = due(before, true)
  const isSure = limit > 0 && alone.some((job) => isFree(before, job, [...running, ...most]))
  const isPossible = alone.some((job) => isFree(before, job, running))
  agree(
    answer.quarantined ? isPossible : !isSure,
    `that a quarantined job is due was ${answer.quarantined ? "said" : "not said"}`
  )
  return adopt(state, worker, answer.jobs)
}

/** The most urgent quarantined job that nothing running stands in the way of. */
export const claimQuarantined = (state: State, worker: WorkerId, answer: Option.Option<Claimed>): State => {
  const running = all(state).filter(isRunning)
  const expected = due(state, true).find((job) => isFree(state, job, running))
  same(
    "claimed from quarantine",
    Option.getOrNull(Option.map(answer, (one) => one.job.id)),
    expected?.id ?? null
  )
  return adopt(state, worker, Option.toArray(answer))
}

/** The claim may have seen what the settlements freed and put back, or not. */
export const exchange = (
  state: State,
  worker: WorkerId,
  settlements: ReadonlyArray<Settlement>,
  limit: number,
  answer: Exchanged
): State => {
  const { lost, next } = settle(state, settlements)
  same(
    "lost",
    answer.lost.map((lease) => `${lease.jobId}@${lease.epoch}`).sort(),
    lost.map((lease) => `${lease.jobId}@${lease.epoch}`).sort()
  )
  try {
    return claim(next, worker, limit, answer, state)
  } catch (error) {
    if (!(error instanceof Disagreement)) throw error
    return claim(next, worker, limit, answer)
  }
}

/**
 * Claims that raced with one another may divide the jobs as they like. Together they bring nothing that may not run
 * together, and something if there was anything.
 */
export const race = (
  state: State,
  claims: ReadonlyArray<{ readonly worker: WorkerId; readonly limit: number; readonly answer: Claims }>
): State => {
  const running = all(state).filter(isRunning)
  const free = due(state, false).filter((job) => isFree(state, job, running))
  const brought = claims.flatMap(({ answer }) => answer.jobs.map((one) => one.job.id))
  const chosen = free.filter((job) => brought.includes(job.id))
  same("claimed, each once and when it was due", [...brought].sort(), chosen.map((job) => job.id).sort())
  same(
    "claimed, and may run together",
    chosen.map((job) => job.id),
    together(state, chosen, running, chosen.length).map((job) => job.id)
  )
  agree(chosen.length > 0 || free.length === 0, "nothing was claimed, though something was due")
  return claims.reduce((before, { answer, limit, worker }) => {
    agree(answer.jobs.length <= limit, "more were claimed than asked for")
    return adopt(before, worker, answer.jobs)
  }, state)
}
