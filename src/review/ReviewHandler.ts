/** What the queue runs for a job of kind `review`, and what the pull request is told of how it ends. */
import { Cause, Effect, Either, Exit, Layer, Option, Schema } from "effect"
import { commandKind } from "../github/Command.ts"
import type { CheckRunState } from "../github/Github.ts"
import { checkRunsKind, Github } from "../github/Github.ts"
import { decide } from "../queue/Disposition.ts"
import type { JobError } from "../queue/JobError.ts"
import { JobHandlers } from "../queue/JobHandlers.ts"
import { type Claimed, JobStore } from "../queue/JobStore.ts"
import type { Assignment } from "./Assignment.ts"
import * as CheckRun from "./CheckRun.ts"
import type { Dismissals } from "./Dismissals.ts"
import { endCheckRuns, rememberEnded } from "./EndCheckRuns.ts"
import type { Pauses } from "./Pauses.ts"
import { reportSkipped, retractPending, review } from "./Pipeline.ts"
import { readPolicy } from "./ReadPolicy.ts"
import type { ReviewLog } from "./ReviewLog.ts"
import type { ReviewModels } from "./ReviewModel.ts"
import type { ReviewRules } from "./ReviewRules.ts"
import { runCommand } from "./RunCommand.ts"
import type { Settings } from "./Settings.ts"
import { readStanding } from "./Standing.ts"
import { type ReviewError, toJobError } from "./ToJobError.ts"
import { cancelled, notReviewed, say, waiting } from "./Told.ts"
import { judgePush, refusePaused, refuseSkipped, Skipped } from "./Wanted.ts"

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

const isSkipped = Schema.is(Skipped)
/** A skipped pull request was told before the attempt ended so. */
const saidItself = (cause: Cause.Cause<ReviewError>): boolean =>
  Option.exists(Cause.failureOption(cause), isSkipped)

/** What the pull request is to be told; none when another worker speaks for the job now. */
const toTell = ({ claimed }: Assignment, exit: Exit.Exit<void, ReviewError>) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    // Whatever the handler came to: a job that was asked to stop ends cancelled, and one that is lost is not ours.
    const standing = yield* Effect.either(store.check(claimed.lease))
    if (Either.isLeft(standing)) {
      return standing.left._tag === "Obsolete" ? Option.some(cancelled(standing.left.message)) : Option.none()
    }
    if (Exit.isFailure(exit) && (Cause.isInterruptedOnly(exit.cause) || saidItself(exit.cause)))
      return Option.none()
    return told(claimed, Exit.mapError(exit, toJobError))
  })

const quietly = <A, E, R>(what: string, effect: Effect.Effect<A, E, R>) =>
  Effect.catchAllCause(effect, (cause) => Effect.logWarning(`${what}: ${Cause.pretty(cause).split("\n")[0]}`))

/**
 * Tells the pull request how the job ended, as far as GitHub answers. Runs in a finalizer, so it is bounded here: there
 * a request's own time-out waits for the request itself. A job that is stopped while it tells is not waited for: whoever
 * stopped it has something newer to tell, or has it run again.
 */
const tell = (assignment: Assignment, exit: Exit.Exit<void, ReviewError>) =>
  Effect.gen(function* () {
    const state = yield* toTell(assignment, exit)
    if (Option.isNone(state)) return
    const { check, claimed } = assignment
    yield* quietly(
      "the check run could not be updated",
      Effect.zipRight(
        check.report(state.value),
        state.value.status === "completed" ? rememberEnded(claimed, claimed.job) : Effect.void
      )
    )
    if (state.value.conclusion === "cancelled" || state.value.conclusion === "failure") {
      yield* quietly("pending reviews could not be deleted", retractPending(assignment))
    }
  }).pipe(Effect.disconnect, Effect.interruptible, Effect.timeout("20 seconds"), (telling) =>
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
    yield* refuseSkipped(claimed.job, policy, pullRequest)
    yield* refusePaused(claimed.job)
    yield* judgePush(claimed.job, policy)
    yield* review(assignment, pullRequest, policy)
  }).pipe(
    Effect.catchTag("Skipped", (skipped) =>
      retractPending(assignment).pipe(
        Effect.zipRight(reportSkipped(assignment, skipped.message)),
        Effect.zipRight(rememberEnded(assignment.claimed, assignment.claimed.job)),
        Effect.zipRight(skipped)
      )
    )
  )

const clientFor = ({ job }: Claimed) =>
  Effect.flatMap(Github, (github) => github.installation(job.subject.installationId))

/** It must not hold up this job, and the next one tries again. */
const endEarlier = ({ claimed, client }: Assignment) =>
  endCheckRuns(client, claimed, claimed.job.kind).pipe(
    Effect.catchAll((error) =>
      Effect.logWarning(`check runs of earlier jobs could not be ended: ${error.message}`)
    )
  )

const handle = (claimed: Claimed) =>
  Effect.gen(function* () {
    const client = yield* Effect.mapError(clientFor(claimed), toJobError)
    const check = yield* CheckRun.make(client, claimed)
    const assignment: Assignment = { claimed, client, check }
    yield* Effect.zipRight(endEarlier(assignment), reviewStanding(assignment)).pipe(
      Effect.tapError((error) => Effect.logInfo(`the attempt failed: ${error._tag}: ${error.message}`)),
      Effect.onExit((exit) => tell(assignment, exit)),
      Effect.mapError(toJobError)
    )
  }).pipe(Effect.scoped)

const handleCheckRuns = (claimed: Claimed) =>
  Effect.flatMap(clientFor(claimed), (client) => endCheckRuns(client, claimed, "review")).pipe(
    Effect.scoped,
    Effect.mapError(toJobError)
  )

const handleCommand = (claimed: Claimed) =>
  Effect.flatMap(clientFor(claimed), (client) => runCommand(client, claimed)).pipe(
    Effect.scoped,
    Effect.mapError(toJobError)
  )

/** Handles jobs of kind `review`, commands, and those that end the check runs of others. */
export const layer = Layer.effect(
  JobHandlers,
  Effect.gen(function* () {
    const context = yield* Effect.context<
      Dismissals | Github | JobStore | Pauses | ReviewLog | ReviewModels | ReviewRules | Settings
    >()
    return {
      review: (claimed) => Effect.provide(handle(claimed), context),
      [commandKind]: (claimed) => Effect.provide(handleCommand(claimed), context),
      [checkRunsKind]: (claimed) => Effect.provide(handleCheckRuns(claimed), context)
    }
  })
)
