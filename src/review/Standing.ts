/** Whether a pull request still stands as its job found it. The head wins: a job for an older one gives way. */
import { Effect } from "effect"
import type { InstallationClient, PullRequest } from "../github/Github.ts"
import type { GithubError } from "../github/GithubError.ts"
import type { Job } from "../queue/Job.ts"
import { Obsolete, type StoreUnavailable } from "../queue/JobError.ts"
import { JobStore } from "../queue/JobStore.ts"

/**
 * Reads the pull request. Fails with `Obsolete` when it is closed, a draft, or at another head. In the last case a job
 * for that head is made sure of first: webhooks can arrive in the wrong order, and then the job for the true head may
 * have been superseded by this one.
 */
export const readStanding = (
  client: InstallationClient,
  job: Job
): Effect.Effect<PullRequest, GithubError | Obsolete | StoreUnavailable, JobStore> =>
  Effect.gen(function* () {
    const { subject } = job
    const pullRequest = yield* client.getPullRequest(subject)
    if (pullRequest.state === "closed") {
      return yield* new Obsolete({ message: "the pull request is closed" })
    }
    if (pullRequest.draft) {
      return yield* new Obsolete({ message: "the pull request is a draft" })
    }
    if (pullRequest.headSha !== subject.commitSha) {
      const store = yield* JobStore
      yield* store.enqueue({
        subject: {
          ...subject,
          commitSha: pullRequest.headSha,
          title: pullRequest.title,
          baseBranch: pullRequest.baseBranch
        },
        kind: job.kind,
        trigger: "push"
      })
      return yield* new Obsolete({
        message: `the head moved from ${subject.commitSha.slice(0, 7)} to ${pullRequest.headSha.slice(0, 7)}`
      })
    }
    return pullRequest
  }).pipe(Effect.withSpan("Review.readStanding"))
