/** What an operator is told when a wish can't be fulfilled: one sentence, whichever store says it. */
import type { JobId, JobStatus } from "./Job.ts"
import { AlreadyFinished, NoSuchJob, NotRetryable } from "./JobError.ts"

export const noSuchJob = (jobId: JobId) =>
  new NoSuchJob({
    jobId,
    message: `There is no job ${jobId}. It never was, or it was deleted once its time was over.`
  })

export const isRetryable = (status: JobStatus): boolean => status === "failed" || status === "cancelled"

export const notRetryable = (jobId: JobId, status: JobStatus) =>
  new NotRetryable({ jobId, message: `Job ${jobId} can't be retried: ${whyNot[status]}.` })

const whyNot: { readonly [Status in JobStatus]: string } = {
  pending: "it is pending, and runs when it is due",
  processing: "it is running; cancel it first",
  completed: "it is completed, and only a failed or cancelled job runs again",
  failed: "it changed at this moment",
  cancelled: "it changed at this moment"
}

export const unreadable = (jobId: JobId, problem: string) =>
  new NotRetryable({
    jobId,
    message: `Job ${jobId} can't be retried: its row can't be read, and so it would fail again (${problem}).`
  })

export const alreadyFinished = (jobId: JobId, status: JobStatus) =>
  new AlreadyFinished({ jobId, message: `Job ${jobId} can't be cancelled: it is ${status} already.` })
