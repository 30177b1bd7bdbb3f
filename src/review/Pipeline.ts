/** One review, from the job to the check run that tells how it went. */
import { Clock, Duration, Effect, Option } from "effect"
import type { PullRequest } from "../github/Github.ts"
import { type Assignment, markerOf } from "./Assignment.ts"
import { conclusionOf, renderCheckOutput } from "./CheckOutput.ts"
import { makeReport } from "./MakeReport.ts"
import { plainText } from "./Neutralise.ts"
import { inBodyOnly } from "./Place.ts"
import type { Policy } from "./Policy.ts"
import { publish, retract } from "./Publish.ts"
import { renderReviewBody } from "./ReviewBody.ts"
import { ReviewLog } from "./ReviewLog.ts"
import { type ReviewReport, shownCount } from "./ReviewReport.ts"
import { redactSecrets } from "./Secrets.ts"
import { readStanding } from "./Standing.ts"
import { reviewAgain } from "./Told.ts"
import { refuseSkipped } from "./Wanted.ts"

/** The last look before something is published. */
const renderBody = (report: ReviewReport) => redactSecrets(renderReviewBody(report))

const publishReport = Effect.fn("Review.publish")(function* (
  { claimed, client }: Assignment,
  policy: Policy,
  report: ReviewReport
) {
  const { job, lease } = claimed
  return yield* publish({
    client,
    pullRequest: job.subject,
    lease,
    marker: report.key,
    review: {
      commitSha: job.subject.commitSha,
      body: yield* renderBody(report),
      comments: report.placement.comments.map(({ comment }) => comment)
    },
    bodyWithoutComments: yield* renderBody({ ...report, placement: inBodyOnly(report.placement) }),
    stillWanted: Effect.flatMap(readStanding(client, job), (now) => refuseSkipped(job, policy, now))
  })
})

/** A thread about code that is gone is only in the way. Without the permission it stays; the review says that it is gone. */
const resolveThreads = ({ client }: Assignment, ids: ReadonlyArray<string>) =>
  Effect.forEach(ids, (id) => client.resolveThread(id), { discard: true }).pipe(
    Effect.catchAll((error) => Effect.logInfo(`threads of gone findings stay open: ${error.message}`))
  )

/** Takes back what earlier attempts prepared for a review that is no longer wanted. */
export const retractPending = ({ claimed, client }: Assignment) =>
  retract({ client, marker: markerOf(claimed), pullRequest: claimed.job.subject })

/** Reviews a pull request that stands as its job found it. */
export const review = Effect.fn("Review.review")(function* (
  assignment: Assignment,
  pullRequest: PullRequest,
  policy: Policy
) {
  const { check, claimed } = assignment
  const began = yield* Clock.currentTimeMillis
  yield* check.report({
    status: "in_progress",
    title: "Reviewing",
    summary: `Holdfast is reviewing ${claimed.job.subject.commitSha.slice(0, 12)}.`
  })
  const { report, toResolve, usage } = yield* makeReport(assignment, pullRequest, policy)
  const isWorthIt = policy.summary || shownCount(report) > 0
  const reviewId = yield* isWorthIt
    ? Effect.asSome(publishReport(assignment, policy, report))
    : Effect.as(retractPending(assignment), Option.none<number>())
  const checkRunId = yield* check.report({
    status: "completed",
    conclusion: conclusionOf(report, policy.onFindings),
    actions: [reviewAgain],
    ...renderCheckOutput(report)
  })
  const log = yield* ReviewLog
  // The review is told: that its record can't be written must not make it look as if it were not.
  yield* log
    .record({
      job: claimed.job,
      report,
      reviewId,
      checkRunId,
      ...usage,
      duration: Duration.millis((yield* Clock.currentTimeMillis) - began)
    })
    .pipe(
      Effect.retry({ times: 2 }),
      Effect.catchAll((error) => Effect.logError(`the review could not be recorded: ${error.message}`))
    )
  yield* resolveThreads(assignment, toResolve)
  yield* Effect.logInfo(
    Option.isSome(reviewId) ? "review published" : "reviewed, with nothing new to publish"
  ).pipe(
    Effect.annotateLogs({
      review: Option.getOrNull(reviewId),
      findings: report.placement.comments.length + report.placement.body.length
    })
  )
})

/** Says in the check run that the pull request is not reviewed, and why. */
export const reportSkipped = ({ check }: Assignment, reason: string) =>
  check.report({
    status: "completed",
    conclusion: "skipped",
    actions: [reviewAgain],
    title: "Not reviewed",
    summary: `This pull request is not reviewed: ${plainText(reason)}.`
  })
