/** Whether a pull request still stands as its job found it. The head wins: a job for an older one gives way. */
import { DateTime, Duration, Effect, Schema } from "effect"
import type { InstallationClient, PullRequest } from "../github/Github.ts"
import type { Job } from "../queue/Job.ts"
import { Obsolete } from "../queue/JobError.ts"
import { JobStore } from "../queue/JobStore.ts"
import { latelyWaitedFor } from "./Snoozes.ts"

/**
 * GitHub says of the pull request what no webhook has said: it is closed, a draft, or at a head that was left behind.
 * Either the webhook is still on its way, or the reading came from a replica that lags. Worth another look.
 */
export class Contradicted extends Schema.TaggedError<Contradicted>()("Contradicted", {
  message: Schema.String,
  until: Schema.DateTimeUtcFromSelf
}) {}

/** How often, and after how long, another look is taken before GitHub's word is taken for true. */
const looks = 2
const pause = Duration.seconds(5)

/** Succeeds once GitHub has said so repeatedly. */
export const believe = (job: Job, message: string) =>
  Effect.gen(function* () {
    if ((yield* latelyWaitedFor(job, "another look")) >= looks) return
    return yield* new Contradicted({ message, until: DateTime.addDuration(yield* DateTime.now, pause) })
  })

const contradicted = (job: Job, message: string) =>
  Effect.zipRight(believe(job, message), new Obsolete({ message }))

/** Makes sure of a job for the true head; tells whether that came after ours. */
const giveWay = (job: Job, pullRequest: PullRequest) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    const { id } = yield* store.enqueue({
      subject: {
        ...job.subject,
        commitSha: pullRequest.headSha,
        title: pullRequest.title,
        baseBranch: pullRequest.baseBranch
      },
      kind: job.kind,
      trigger: "push",
      payload: { draft: pullRequest.draft }
    })
    return id > job.id
  })

/**
 * Reads the pull request. Fails with `Obsolete` when it is at another head; a job for that head is made sure of first,
 * because webhooks can arrive in the wrong order, and then the job for the true head may have been superseded by this
 * one. Fails with `Obsolete` also when it is closed, but only once GitHub has said so repeatedly.
 */
export const readStanding = Effect.fn("Review.readStanding")(function* (
  client: InstallationClient,
  job: Job
) {
  const pullRequest = yield* client.getPullRequest(job.subject)
  if (pullRequest.state === "closed") return yield* contradicted(job, "the pull request is closed")
  if (pullRequest.headSha !== job.subject.commitSha) {
    const message = `the head moved from ${job.subject.commitSha.slice(0, 7)} to ${pullRequest.headSha.slice(0, 7)}`
    const isNewer = yield* giveWay(job, pullRequest)
    return yield* isNewer ? new Obsolete({ message }) : contradicted(job, message)
  }
  return pullRequest
})
