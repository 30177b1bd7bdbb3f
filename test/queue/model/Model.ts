/**
 * The queue as it ought to be, in about a page: pure functions from one state to the next, written from the laws in
 * `JobStore.ts` alone and sharing no logic with a store.
 *
 * Each function is given what a store answered. Where the laws decide, the answer must be the one; where they leave a
 * choice (which ids; how many of the jobs that could be claimed), it must be an allowed one, and the model goes on from it.
 */
import { Duration } from "effect"
import type { Settled } from "../../../src/queue/Disposition.ts"
import { type JobId, type JobStatus, type NewJob, priorityOf, type WorkerId } from "../../../src/queue/Job.ts"
import type { Beat, Enqueued, PullRequestKey, Settlement } from "../../../src/queue/JobStore.ts"
import type { Lease } from "../../../src/queue/Lease.ts"
import type { QueueSettings } from "../../../src/queue/QueueSettings.ts"

/** A job, as far as the laws are about it. Times are milliseconds. */
export interface ModelJob {
  readonly id: JobId
  readonly request: NewJob
  readonly status: JobStatus
  readonly epoch: number
  readonly holder: WorkerId | null
  readonly leaseEnd: number | null
  readonly attempts: number
  readonly maxAttempts: number
  readonly crashes: number
  readonly snoozes: number
  readonly priority: number
  readonly runAt: number
  /** Since when it is asked to stop while it runs. */
  readonly stopAskedAt: number | null
  readonly supersededBy: JobId | null
  readonly endedAt: number | null
}

export interface State {
  readonly rules: QueueSettings.Settings
  readonly now: number
  readonly jobs: ReadonlyMap<JobId, ModelJob>
  /** The highest id that was ever handed out. */
  readonly lastId: number
  readonly workers: ReadonlyMap<
    WorkerId,
    { readonly beatAt: number; readonly session: "none" | "open" | "gone" }
  >
  readonly steps: ReadonlyMap<string, unknown>
}

/** The store did what the model does not allow. */
export class Disagreement extends Error {}

export const agree = (holds: boolean, otherwise: string): void => {
  if (!holds) throw new Disagreement(otherwise)
}

/** That the store says the same as the model. */
export const same = (what: string, store: unknown, model: unknown): void =>
  agree(
    JSON.stringify(store) === JSON.stringify(model),
    `${what}: ${JSON.stringify(store)}, but the model says ${JSON.stringify(model)}`
  )

export const initial = (rules: QueueSettings.Settings): State => ({
  rules,
  now: 0,
  jobs: new Map(),
  lastId: 0,
  workers: new Map(),
  steps: new Map()
})

export const put = (state: State, ...jobs: ReadonlyArray<ModelJob>): State => ({
  ...state,
  jobs: new Map([...state.jobs, ...jobs.map((job) => [job.id, job] as const)])
})

export const all = (state: State): ReadonlyArray<ModelJob> =>
  [...state.jobs.values()].sort((a, b) => a.id - b.id)

export const pull = ({ owner, pullRequest, repo }: PullRequestKey): string =>
  `${owner}/${repo}#${pullRequest}`

export const ids = (jobs: ReadonlyArray<ModelJob>) => jobs.map((job) => job.id)

export const ended = (job: ModelJob, status: JobStatus, now: number): ModelJob => ({
  ...job,
  status,
  holder: null,
  leaseEnd: null,
  endedAt: now
})

/** Put back to run again; but what was asked to stop is cancelled, and nothing is counted. */
export const putBack = (job: ModelJob, now: number, runAt: number, counted: Partial<ModelJob>): ModelJob =>
  job.stopAskedAt !== null
    ? ended(job, "cancelled", now)
    : { ...job, ...counted, status: "pending", holder: null, leaseEnd: null, runAt: Math.max(now, runAt) }

const failure = (job: ModelJob, now: number, runAt: number): ModelJob =>
  job.stopAskedAt === null && job.attempts + 1 >= job.maxAttempts
    ? ended({ ...job, attempts: job.attempts + 1 }, "failed", now)
    : putBack(job, now, runAt, { attempts: job.attempts + 1 })

const settled = (job: ModelJob, disposition: Settled, now: number): ModelJob => {
  switch (disposition._tag) {
    case "Complete":
      return ended(job, "completed", now)
    case "Cancel":
      return ended(job, "cancelled", now)
    case "Fail":
      return ended({ ...job, attempts: job.attempts + 1 }, "failed", now)
    case "Release":
      return putBack(job, now, now, {})
    case "Snooze":
      return putBack(job, now, disposition.until.epochMillis, { snoozes: job.snoozes + 1 })
    case "Retry":
      return failure(job, now, now + Duration.toMillis(disposition.delay))
    case "RetryAt":
      return failure(job, now, disposition.until.epochMillis)
  }
}

/** The job, if this lease still holds it. */
export const held = (state: State, lease: Lease): ModelJob | undefined => {
  const job = state.jobs.get(lease.jobId)
  return job?.status === "processing" && job.epoch === lease.epoch && job.holder === lease.worker
    ? job
    : undefined
}

/** What stops the jobs: pending ones are cancelled at once, a running one is asked. */
export const stop = (state: State, of: (job: ModelJob) => boolean, by: JobId | null) => {
  const concerned = all(state).filter(of)
  const cancelled = concerned.filter((job) => job.status === "pending")
  const asked = concerned.filter((job) => job.status === "processing" && job.stopAskedAt === null)
  const next = put(
    state,
    ...cancelled.map((job) => ({ ...ended(job, "cancelled", state.now), supersededBy: by })),
    ...asked.map((job) => ({ ...job, stopAskedAt: state.now, supersededBy: by }))
  )
  return { next, cancelled: ids(cancelled) }
}

export const isSameWork = (a: NewJob, b: NewJob) =>
  pull(a.subject) === pull(b.subject) &&
  a.subject.commitSha === b.subject.commitSha &&
  (a.kind ?? "review") === (b.kind ?? "review") &&
  (a.generation ?? 0) === (b.generation ?? 0)

export const enqueue = (state: State, request: NewJob, answer: Enqueued | undefined): State => {
  if (answer === undefined) throw new Disagreement("a request got no answer")
  const { now } = state
  const standing = all(state).find(
    (job) =>
      isSameWork(job.request, request) &&
      ["pending", "processing", "completed"].includes(job.status) &&
      job.stopAskedAt === null
  )
  if (standing !== undefined) {
    same("the answer", answer, { id: standing.id, created: false, superseded: [] })
    return state
  }
  agree(answer.created && !state.jobs.has(answer.id), `job ${answer.id} is not new`)
  const { cancelled, next } = stop(
    state,
    (job) =>
      pull(job.request.subject) === pull(request.subject) &&
      (job.request.kind ?? "review") === (request.kind ?? "review") &&
      job.request.subject.commitSha !== request.subject.commitSha,
    answer.id
  )
  same("superseded", [...answer.superseded].sort(), [...cancelled].sort())
  const job: ModelJob = {
    id: answer.id,
    request,
    status: "pending",
    epoch: 0,
    holder: null,
    leaseEnd: null,
    attempts: 0,
    maxAttempts: request.maxAttempts ?? state.rules.maxAttempts,
    crashes: 0,
    snoozes: 0,
    priority: request.priority ?? priorityOf(request.trigger),
    runAt: now + (request.delayMillis ?? 0),
    stopAskedAt: null,
    supersededBy: null,
    endedAt: null
  }
  return put({ ...next, lastId: Math.max(next.lastId, job.id) }, job)
}

/** As so many enqueues; all ids are newer than any before the batch. */
export const enqueueAll = (
  state: State,
  requests: ReadonlyArray<NewJob>,
  answers: ReadonlyArray<Enqueued>
): State => {
  for (const { created, id } of answers) agree(!created || id > state.lastId, `job ${id} has an old id`)
  return requests.reduce((before, request, index) => enqueue(before, request, answers[index]), state)
}

export const cancelPullRequest = (state: State, key: PullRequestKey, answer: ReadonlyArray<JobId>): State => {
  const { cancelled, next } = stop(state, (job) => pull(job.request.subject) === pull(key), null)
  same("cancelled at once", [...answer].sort(), [...cancelled].sort())
  return next
}

/** The worker has shown a sign of life. */
export const isAlive = (state: State, worker: WorkerId): State => {
  const presence = state.workers.get(worker)
  if (presence === undefined) return state
  return { ...state, workers: new Map([...state.workers, [worker, { ...presence, beatAt: state.now }]]) }
}

export const beat = (state: State, worker: WorkerId, leases: ReadonlyArray<Lease>, answer: Beat): State => {
  const lost = leases.filter((lease) => held(state, lease) === undefined)
  const extended = leases.flatMap((lease) => held(state, lease) ?? [])
  const name = (lease: Lease) => `${lease.jobId}@${lease.epoch}`
  same("lost", answer.lost.map(name).sort(), lost.map(name).sort())
  same(
    "asked to stop",
    answer.cancelled.map(({ lease, reason }) => `${name(lease)} ${reason._tag}`).sort(),
    extended
      .filter((job) => job.stopAskedAt !== null)
      .map((job) => `${job.id}@${job.epoch} ${stopTag(job)}`)
      .sort()
  )
  const leaseEnd = state.now + Duration.toMillis(state.rules.lease)
  return put(isAlive(state, worker), ...extended.map((job) => ({ ...job, leaseEnd })))
}

export const stopTag = (job: ModelJob) => (job.supersededBy === null ? "Cancelled" : "Superseded")

/** What a check must say. */
export const check = (state: State, lease: Lease): "held" | "LeaseLost" | "Obsolete" => {
  const job = held(state, lease)
  if (job === undefined) return "LeaseLost"
  return job.stopAskedAt === null ? "held" : "Obsolete"
}

/** Settles what is held, and tells which leases were not. */
export const settle = (
  state: State,
  settlements: ReadonlyArray<Settlement>
): { readonly next: State; readonly lost: ReadonlyArray<Lease> } =>
  settlements.reduce<{ readonly next: State; readonly lost: ReadonlyArray<Lease> }>(
    ({ lost, next }, { disposition, lease }) => {
      const job = held(next, lease)
      return job === undefined
        ? { next, lost: [...lost, lease] }
        : { next: put(next, settled(job, disposition, next.now)), lost }
    },
    { next: state, lost: [] }
  )

/** The first output saved for a step stays. */
export const saveStep = (state: State, lease: Lease, key: string, output: unknown): State => {
  const name = `${lease.jobId}:${key}`
  if (held(state, lease) === undefined || state.steps.has(name)) return state
  return { ...state, steps: new Map([...state.steps, [name, output]]) }
}

export const register = (state: State, worker: WorkerId): State => ({
  ...state,
  workers: new Map([...state.workers, [worker, { beatAt: state.now, session: "none" }]])
})

export const passes = (state: State, millis: number): State => ({ ...state, now: state.now + millis })

export const setSession = (state: State, worker: WorkerId, session: "open" | "gone"): State => {
  const presence = state.workers.get(worker) ?? { beatAt: state.now, session: "none" }
  return { ...state, workers: new Map([...state.workers, [worker, { ...presence, session }]]) }
}
