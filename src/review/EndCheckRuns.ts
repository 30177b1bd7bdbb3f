/**
 * Ends the check runs of earlier jobs of a pull request that ended with nobody to tell: they were cancelled while they
 * waited, or their worker died. Each is looked at once, which a step of the job that looked remembers.
 */
import { Effect, Option } from "effect"
import type { CheckRunState, InstallationClient } from "../github/Github.ts"
import type { Job } from "../queue/Job.ts"
import { type Claimed, JobStore } from "../queue/JobStore.ts"
import { redacted } from "./CheckRun.ts"
import { cancelled, notReviewed } from "./Told.ts"

/** How many jobs to look back. A job that never ran has no check run. */
const farBack = 50

const truth = (job: Job): CheckRunState => {
  const reason = Option.getOrElse(job.errorMessage, () => "its reason is not known")
  return job.status === "failed" ? notReviewed(reason) : cancelled(reason)
}

const isOver = ({ epoch, status }: Job): boolean =>
  epoch > 0 && (status === "cancelled" || status === "failed")

const end = (client: InstallationClient, job: Job) =>
  Effect.gen(function* () {
    const runs = yield* client.listCheckRuns(job.subject, job.subject.commitSha)
    const open = runs.find((run) => run.externalId === String(job.id) && run.status !== "completed")
    if (open === undefined) return
    yield* client.updateCheckRun(job.subject, open.id, yield* redacted(truth(job)))
  }).pipe(
    // Without the permission there is nothing to end.
    Effect.catchTags({ Forbidden: () => Effect.void, NotFound: () => Effect.void })
  )

/** @param kind the kind of the jobs whose check runs are meant */
export const endCheckRuns = Effect.fn("Review.endCheckRuns")(function* (
  client: InstallationClient,
  { job, lease }: Claimed,
  kind: string
) {
  const store = yield* JobStore
  const { commitSha: _, ...pullRequest } = job.subject
  const earlier = yield* store.list({ pullRequest, before: job.id, limit: farBack })
  for (const one of earlier) {
    if (one.kind !== kind || !isOver(one)) continue
    const key = `check-run-ended:${one.id}:${one.epoch}`
    if (Option.isSome(yield* store.recallStep(pullRequest, key))) continue
    yield* end(client, one)
    yield* store.saveStep(lease, key, true)
  }
})
