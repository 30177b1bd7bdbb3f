/** Whether the store's rows are what the model says. */
import { DateTime, Option } from "effect"
import type { Job } from "../../../src/queue/Job.ts"
import { agree, all, type ModelJob, type State, same } from "./Model.ts"

type Row = ReadonlyArray<readonly [field: string, value: unknown]>

const rowOf = (job: ModelJob): Row => [
  ["status", job.status],
  ["epoch", job.epoch],
  ["workerId", job.holder],
  ["leaseExpiresAt", job.leaseEnd],
  ["attempts", job.attempts],
  ["maxAttempts", job.maxAttempts],
  ["crashes", job.crashes],
  ["snoozes", job.snoozes],
  ["priority", job.priority],
  ["generation", job.request.generation ?? 0],
  ["runAt", job.runAt],
  ["cancelRequestedAt", job.stopAskedAt],
  ["supersededBy", job.supersededBy],
  ["completedAt", job.endedAt]
]

const valueOf = (job: Job, field: string): unknown => {
  const value: unknown = Object.entries(job).find(([name]) => name === field)?.[1]
  const inner = Option.isOption(value) ? Option.getOrNull(value) : value
  return DateTime.isDateTime(inner) ? inner.epochMillis : inner
}

const compareJob = (job: Job, model: ModelJob) => {
  for (const [field, value] of rowOf(model)) same(`job ${job.id}, ${field}`, valueOf(job, field), value)
  const tellsWhy = Option.isSome(job.errorMessage)
  if (job.status === "failed" || job.status === "cancelled")
    agree(tellsWhy, `job ${job.id} is ${job.status} without a message`)
  if (job.status === "completed") agree(!tellsWhy, `job ${job.id} is completed and has an error's message`)
  if (job.status === "pending")
    agree(Option.isNone(job.startedAt), `job ${job.id} is pending and has a time of its start`)
  if (job.status === "processing")
    agree(Option.isSome(job.startedAt), `job ${job.id} runs, and nobody knows since when`)
}

/** @param jobs all that there are, by id */
export const compare = (state: State, jobs: ReadonlyArray<Job>): void => {
  const models = all(state)
  same(
    "the jobs that there are",
    jobs.map((job) => job.id),
    models.map((job) => job.id)
  )
  for (const job of jobs) {
    const model = state.jobs.get(job.id)
    if (model !== undefined) compareJob(job, model)
  }
}
