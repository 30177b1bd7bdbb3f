/**
 * Ends the check runs of earlier jobs of a pull request that ended with nobody to tell: they were cancelled while they
 * waited, or their worker died. Each is looked at once, which a step remembers: of the job that looked, or of the job
 * itself where its own worker told.
 */
import { Array as Arr, Effect, Option } from "effect"
import type { CheckRun, CheckRunState, InstallationClient } from "../github/Github.ts"
import type { Job } from "../queue/Job.ts"
import { type Claimed, JobStore } from "../queue/JobStore.ts"
import type { Reason } from "../queue/Transition.ts"
import { ready } from "./CheckRun.ts"
import { cancelled, notReviewed, say } from "./Told.ts"

/** How many jobs to look back. A job that never ran has no check run. */
const farBack = 50

/** The key of the step that remembers it; `Untold.ts` looks for it. */
export const endedKey = "check-run-ended"

/** Remembers that the check run says how the job ended, so far as there is one. */
export const rememberEnded = ({ lease }: Claimed, { epoch, id }: Job) =>
  Effect.flatMap(JobStore, (store) => store.saveStep(lease, `${endedKey}:${id}:${epoch}`, true))

const isRemembered = ({ epoch, id, subject }: Job) =>
  Effect.flatMap(JobStore, (store) =>
    Effect.map(store.recallStep(subject, `${endedKey}:${id}:${epoch}`), Option.isSome)
  )

const whyGivenUp = ({ crashes, id }: Job, reason: Reason): string =>
  reason._tag === "WorkerDied"
    ? `the process that reviewed it died, ${crashes} times; whoever runs Holdfast is told more by \`holdfast jobs show ${id}\`.`
    : say(reason)

const truth = (job: Job, last: Option.Option<Reason>): CheckRunState => {
  const why = (words: (reason: Reason) => string) =>
    Option.match(last, { onNone: () => "its reason is not known", onSome: words })
  return job.status === "failed" ? notReviewed(why((reason) => whyGivenUp(job, reason))) : cancelled(why(say))
}

const isOver = ({ epoch, status }: Job): boolean =>
  epoch > 0 && (status === "cancelled" || status === "failed")

const isOf =
  ({ id }: Job) =>
  ({ externalId }: CheckRun): boolean =>
    externalId === String(id)

/** Whether a later job has spoken of the same commit. */
const isSpokenFor = ({ id }: Job, runs: ReadonlyArray<CheckRun>): boolean =>
  runs.some(({ externalId }) => Number(externalId) > id)

const publish = (client: InstallationClient, job: Job, run: CheckRun | undefined) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    const { commitSha, ...repository } = job.subject
    const last = Option.map(Arr.last(yield* store.transitions(job.id)), ({ why }) => why)
    const state = yield* ready(truth(job, last), job.id)
    if (run !== undefined) return yield* client.updateCheckRun(repository, run.id, state)
    yield* client.createCheckRun(repository, { ...state, commitSha, externalId: String(job.id) })
  })

const end = (client: InstallationClient, job: Job) =>
  Effect.gen(function* () {
    const runs = yield* client.listCheckRuns(job.subject, job.subject.commitSha)
    const run = runs.find(isOf(job))
    if (run?.status === "completed") return
    // One that was given up before it had a check run gets one; a cancelled one has nothing to take back.
    if (run === undefined && (job.status === "cancelled" || isSpokenFor(job, runs))) return
    yield* publish(client, job, run)
  }).pipe(
    // Without the permission, or the commit, there is nothing to end.
    Effect.catchTags({
      Forbidden: () => Effect.void,
      NotFound: () => Effect.void,
      ValidationFailed: ({ message }) => Effect.logWarning(`job ${job.id} has no check run: ${message}`)
    })
  )

/** @param kind the kind of the jobs whose check runs are meant */
export const endCheckRuns = Effect.fn("Review.endCheckRuns")(function* (
  client: InstallationClient,
  claimed: Claimed,
  kind: string
) {
  const store = yield* JobStore
  const { commitSha: _, ...pullRequest } = claimed.job.subject
  const earlier = yield* store.list({ pullRequest, before: claimed.job.id, limit: farBack })
  for (const one of earlier) {
    if (one.kind !== kind || !isOver(one) || (yield* isRemembered(one))) continue
    yield* end(client, one)
    yield* rememberEnded(claimed, one)
  }
})
