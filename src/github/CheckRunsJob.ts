/**
 * The job that ends check runs: a job that is cancelled while it waits has no worker to say so on the pull request.
 * It runs where there is no next review of the pull request to do that.
 */
import type { JobId, NewJob, Subject } from "../queue/Job.ts"
import { checkRunsKind } from "./Github.ts"

/** The largest that the store's column takes. */
const largest = 2 ** 31 - 1

/** @param ended the jobs that ended in silence; at least one */
export const checkRunsJob = (subject: Subject, ended: ReadonlyArray<JobId>): NewJob => ({
  kind: checkRunsKind,
  subject,
  trigger: "command",
  // The same commit can be closed and cancelled again: other jobs, so other work.
  generation: Math.max(0, ...ended) % largest
})
