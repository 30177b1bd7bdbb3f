/** One review, from the job to the check run that tells how it went. */
import { Clock, Duration, Effect, Option } from "effect"
import type { InstallationClient, PullRequest } from "../github/Github.ts"
import type { Claimed } from "../queue/JobStore.ts"
import { conclusionOf, renderCheckOutput } from "./CheckOutput.ts"
import type { CheckReporter } from "./CheckRun.ts"
import { commentable } from "./Commentable.ts"
import { inspect } from "./Inspect.ts"
import type { MarkerKey } from "./Marker.ts"
import { gather } from "./Material.ts"
import { plainText } from "./Neutralise.ts"
import { inBodyOnly, placeFindings } from "./Place.ts"
import type { Policy } from "./Policy.ts"
import { publish, retract } from "./Publish.ts"
import { redactReport } from "./RedactReport.ts"
import { renderReviewBody } from "./ReviewBody.ts"
import { ReviewLog } from "./ReviewLog.ts"
import { ReviewModels } from "./ReviewModel.ts"
import type { ReviewReport } from "./ReviewReport.ts"
import { redactSecrets } from "./Secrets.ts"
import { readStanding } from "./Standing.ts"
import { refuseSkipped } from "./Wanted.ts"

/** What a review works with. */
export interface Assignment {
  readonly claimed: Claimed
  readonly client: InstallationClient
  readonly check: CheckReporter
}

export const markerOf = ({ job }: Claimed): MarkerKey => ({
  owner: job.subject.owner,
  repo: job.subject.repo,
  pullRequest: job.subject.pullRequest,
  commitSha: job.subject.commitSha,
  generation: job.generation
})

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

/** Progress is a courtesy: that it can't be shown stops nothing. */
const showProgress = ({ check, claimed }: Assignment, done: number, of: number) =>
  done === of
    ? Effect.void
    : check
        .report({
          status: "in_progress",
          title: `Reviewing: part ${done + 1} of ${of}`,
          summary: `Holdfast is reviewing ${claimed.job.subject.commitSha.slice(0, 12)}: ${done} of ${of} parts are done.`
        })
        .pipe(Effect.ignore)

const write = Effect.fn("Review.write")(function* (
  assignment: Assignment,
  pullRequest: PullRequest,
  policy: Policy
) {
  const { claimed, client } = assignment
  const model = yield* Effect.flatMap(ReviewModels, (models) => models.select(policy.model))
  const material = yield* gather(client, claimed.job.subject, pullRequest, policy, {
    forModel: Option.isSome(model)
  })
  const { coverage, findings, ...spent } = yield* inspect({
    claimed,
    material,
    model,
    brief: { ...policy.brief, title: pullRequest.title, context: material.context },
    progress: (done, of) => showProgress(assignment, done, of)
  })
  const report: ReviewReport = {
    key: markerOf(claimed),
    placement: placeFindings(findings, commentable(material.files), policy),
    coverage,
    provider: Option.match(model, { onNone: () => "rules", onSome: ({ provider }) => provider }),
    model: Option.match(model, { onNone: () => "rules", onSome: ({ model }) => model }),
    notes: policy.notes
  }
  return { report: yield* redactReport(report), spent }
})

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
  const { report, spent } = yield* write(assignment, pullRequest, policy)
  const reviewId = yield* publishReport(assignment, policy, report)
  const checkRunId = yield* check.report({
    status: "completed",
    conclusion: conclusionOf(report, policy.onFindings),
    ...renderCheckOutput(report)
  })
  const log = yield* ReviewLog
  // The review is out: that its record can't be written must not make it look as if it were not.
  yield* log
    .record({
      job: claimed.job,
      report,
      reviewId: Option.some(reviewId),
      checkRunId,
      ...spent,
      duration: Duration.millis((yield* Clock.currentTimeMillis) - began)
    })
    .pipe(
      Effect.retry({ times: 2 }),
      Effect.catchAll((error) =>
        Effect.logError(`the published review could not be recorded: ${error.message}`)
      )
    )
  yield* Effect.logInfo("review published").pipe(
    Effect.annotateLogs({
      review: reviewId,
      findings: report.placement.comments.length + report.placement.body.length
    })
  )
})

/** Says in the check run that the pull request is not reviewed, and why. */
export const reportSkipped = ({ check }: Assignment, reason: string) =>
  check.report({
    status: "completed",
    conclusion: "skipped",
    title: "Not reviewed",
    summary: `This pull request is not reviewed: ${plainText(reason)}.`
  })

/** Takes back what earlier attempts prepared for a review that is no longer wanted. */
export const retractPending = ({ claimed, client }: Assignment) =>
  retract({ client, marker: markerOf(claimed), pullRequest: claimed.job.subject })
