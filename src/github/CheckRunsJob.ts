/**
 * The job that ends check runs: a job that ends without a worker has nobody to say so on the pull request. It runs where
 * there is no next review of the pull request to do that.
 */
import type { Job, NewJob, Subject } from "../queue/Job.ts"
import { checkRunsKind } from "./Github.ts"

/** GitHub may be away for a quarter of an hour, or longer. */
const maxAttempts = 10

/**
 * Its kind is qualified: a closed pull request, or a newer head, must not cancel it.
 *
 * @param occasion what it was made for; there is one such job for each
 */
export const checkRunsJob = (subject: Subject, occasion: string): NewJob => ({
  kind: `${checkRunsKind}/${occasion}`,
  subject,
  trigger: "command",
  maxAttempts
})

/** The occasion that this job ended. One that was run again since can end again. */
export const endOf = ({ epoch, id }: Pick<Job, "epoch" | "id">): string => `${id}-${epoch}`
