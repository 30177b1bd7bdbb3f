/** What the queue runs for a job of kind `review`, and what the pull request is told of how it ends. */
import { Cause, DateTime, Effect, Either, Exit, Layer, Option } from "effect"
import type { CheckRunState } from "../github/Github.ts"
import { Github } from "../github/Github.ts"
import { decide } from "../queue/Disposition.ts"
import type { JobError } from "../queue/JobError.ts"
import { JobHandlers } from "../queue/JobHandlers.ts"
import { type Claimed, JobStore } from "../queue/JobStore.ts"
import { describe, type Reason } from "../queue/Transition.ts"
import * as CheckRun from "./CheckRun.ts"
import { type Assignment, reportSkipped, retractPending, review } from "./Pipeline.ts"
import { readPolicy } from "./ReadPolicy.ts"
import type { ReviewLog } from "./ReviewLog.ts"
import type { ReviewModels } from "./ReviewModel.ts"
import type { ReviewRules } from "./ReviewRules.ts"
import type { Settings } from "./Settings.ts"
import { readStanding } from "./Standing.ts"
import { toJobError } from "./ToJobError.ts"

const cancelled = (reason: string): CheckRunState => ({
  status: "completed",
  conclusion: "cancelled",
  title: "Cancelled",
  summary: `This review was cancelled: ${reason}.`
})

const notReviewed = (reason: string): CheckRunState => ({
  status: "completed",
  conclusion: "failure",
  title: "Not reviewed",
  summary: `This commit was not reviewed: ${reason}\n\nPush again, or reopen the pull request, to have it tried again.`
})

const waiting = (reason: string, until: Option.Option<DateTime.Utc>): CheckRunState => ({
  status: "queued",
  title: "Waiting",
  summary: Option.match(until, {
    onNone: () => `This review will be tried again shortly: ${reason}`,
    onSome: (time) => `This review waits until ${DateTime.formatIso(time)}: ${reason}`
  })
})

/** The reason in words for everybody: what a defect says of itself is for the log. */
const say = (reason: Reason): string =>
  reason._tag === "Defect" ? "Holdfast met an unexpected error; its log tells more" : describe(reason)

/** What the check run has to say after the job ended so; none where the truth is told already, or by somebody else. */
const told = (claimed: Claimed, exit: Exit.Exit<void, JobError>): Option.Option<CheckRunState> => {
  const { job } = claimed
  const disposition = decide({ job, exit, stop: Option.none(), jitter: 0 })
  switch (disposition._tag) {
    case "Complete":
    case "Abandon":
    case "Release":
      return Option.none()
    case "Cancel":
      return Option.some(cancelled(say(disposition.reason)))
    case "Fail":
      return Option.some(notReviewed(say(disposition.reason)))
    case "Snooze":
      return Option.some(waiting(say(disposition.reason), Option.some(disposition.until)))
    case "Retry":
    case "RetryAt": {
      const reason = say(disposition.reason)
      if (job.attempts + 1 >= job.maxAttempts) return Option.some(notReviewed(reason))
      return Option.some(
        waiting(reason, disposition._tag === "RetryAt" ? Option.some(disposition.until) : Option.none())
      )
    }
  }
}

/** What the pull request is to be told; none when another worker speaks for the job now. */
const toTell = ({ claimed }: Assignment, exit: Exit.Exit<void, JobError>) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    // Whatever the handler came to: a job that was asked to stop ends cancelled, and one that is lost is not ours.
    const standing = yield* Effect.either(store.check(claimed.lease))
    if (Either.isLeft(standing)) {
      return standing.left._tag === "Obsolete" ? Option.some(cancelled(standing.left.message)) : Option.none()
    }
    return Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause) ? Option.none() : told(claimed, exit)
  })

const quietly = <A, E, R>(what: string, effect: Effect.Effect<A, E, R>) =>
  Effect.catchAllCause(effect, (cause) => Effect.logWarning(`${what}: ${Cause.pretty(cause).split("\n")[0]}`))

/**
 * Tells the pull request how the job ended, as far as GitHub answers. Runs in a finalizer, so it is bounded here: there
 * a request's own time-out waits for the request itself.
 */
const tell = (assignment: Assignment, exit: Exit.Exit<void, JobError>) =>
  Effect.gen(function* () {
    const state = yield* toTell(assignment, exit)
    if (Option.isNone(state)) return
    yield* quietly("the check run could not be updated", assignment.check.report(state.value))
    if (state.value.conclusion === "cancelled" || state.value.conclusion === "failure") {
      yield* quietly("pending reviews could not be deleted", retractPending(assignment))
    }
  }).pipe(Effect.interruptible, Effect.disconnect, Effect.timeout("20 seconds"), (telling) =>
    quietly("the pull request could not be told how the job ended", telling)
  )

const reviewStanding = (assignment: Assignment) =>
  Effect.gen(function* () {
    const { claimed, client } = assignment
    const pullRequest = yield* readStanding(client, claimed.job)
    const policy = yield* readPolicy(
      client,
      claimed.job.subject.installationId,
      claimed.job.subject,
      pullRequest
    )
    const skip = policy.skip(pullRequest)
    if (Option.isSome(skip)) {
      yield* retractPending(assignment)
      yield* reportSkipped(assignment, skip.value)
      return
    }
    yield* review(assignment, pullRequest, policy)
  })

const handle = (claimed: Claimed) =>
  Effect.gen(function* () {
    const github = yield* Github
    const client = yield* Effect.mapError(github.installation(claimed.job.subject.installationId), toJobError)
    const check = yield* CheckRun.make(client, claimed)
    const assignment: Assignment = { claimed, client, check }
    yield* reviewStanding(assignment).pipe(
      Effect.tapError((error) => Effect.logInfo(`the attempt failed: ${error._tag}: ${error.message}`)),
      Effect.mapError(toJobError),
      Effect.onExit((exit) => tell(assignment, exit))
    )
  }).pipe(Effect.scoped)

/** Handles jobs of kind `review`. */
export const layer = Layer.effect(
  JobHandlers,
  Effect.gen(function* () {
    const context = yield* Effect.context<
      Github | JobStore | ReviewLog | ReviewModels | ReviewRules | Settings
    >()
    return { review: (claimed) => Effect.provide(handle(claimed), context) }
  })
)
