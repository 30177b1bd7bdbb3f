/** What was reviewed and published, in the tables `reviews` and `findings`. */
import * as SqlClient from "@effect/sql/SqlClient"
import { Context, Duration, Effect, Layer, Option, Schema } from "effect"
import { guarded, transaction } from "../database/Database.ts"
import type { DatabaseError } from "../database/DatabaseError.ts"
import type { PullRequestRef } from "../github/Github.ts"
import type { Job } from "../queue/Job.ts"
import { type Earlier, LastReview, Posted } from "./Earlier.ts"
import type { Shown } from "./Place.ts"
import type { ReviewReport } from "./ReviewReport.ts"

export interface ReviewRecord {
  readonly job: Job
  readonly report: ReviewReport
  /** None when there was nothing to publish. */
  readonly reviewId: Option.Option<number>
  readonly checkRunId: Option.Option<number>
  readonly inputTokens: number
  readonly outputTokens: number
  /** In US dollars; none where a price isn't known. */
  readonly cost: Option.Option<number>
  readonly duration: Duration.Duration
}

export class ReviewLog extends Context.Tag("holdfast/ReviewLog")<
  ReviewLog,
  {
    /** Records the review of a job, once: a second record of the same job changes nothing. */
    readonly record: (review: ReviewRecord) => Effect.Effect<void, DatabaseError>
    /** The last review of a pull request, and what all of them have posted and is not gone. */
    readonly recall: (
      pullRequest: PullRequestRef
    ) => Effect.Effect<Pick<Earlier, "last" | "posted">, DatabaseError>
  }
>() {}

const encodeJson = Schema.encodeSync(Schema.parseJson(Schema.Unknown))
const decodeIds = Schema.decodeUnknown(Schema.Array(Schema.Struct({ id: Schema.NumberFromString })))

const insertFinding = (sql: SqlClient.SqlClient, review: number, { finding, fingerprint }: Shown) => sql`
  insert into findings
    (review_id, fingerprint, path, line, start_line, severity, rule, title, message, suggestion, published)
  values (
    ${review}, ${fingerprint}, ${finding.path}, ${Option.getOrNull(finding.line)},
    ${Option.getOrNull(finding.startLine)}, ${finding.severity}, ${finding.rule}, ${finding.title},
    ${finding.message}, ${Option.getOrNull(finding.suggestion)}, true
  )`

const insertReview = (sql: SqlClient.SqlClient, review: ReviewRecord) => {
  const { job, report } = review
  const { subject } = job
  return sql`
    insert into reviews (
      job_id, installation_id, repo_full_name, pr_number, commit_sha, generation, github_review_id, check_run_id,
      provider, model, coverage, input_tokens, output_tokens, cost_usd, duration_ms
    ) values (
      ${job.id}, ${subject.installationId}, ${nameOf(subject)}, ${subject.pullRequest},
      ${subject.commitSha}, ${job.generation}, ${Option.getOrNull(review.reviewId)},
      ${Option.getOrNull(review.checkRunId)}, ${report.provider}, ${report.model},
      ${encodeJson(report.coverage)}::jsonb, ${review.inputTokens}, ${review.outputTokens},
      ${Option.getOrNull(review.cost)},
      ${Math.round(Duration.toMillis(review.duration))}
    )
    on conflict (job_id) do nothing
    returning id`
}

const nameOf = ({ owner, repo }: Pick<PullRequestRef, "owner" | "repo">): string => `${owner}/${repo}`

const markGone = (sql: SqlClient.SqlClient, { job: { subject }, report }: ReviewRecord) => {
  const gone = Option.match(report.history, {
    onNone: () => [],
    onSome: (history) => history.gone.map(({ fingerprint }) => fingerprint)
  })
  if (gone.length === 0) return Effect.void
  return sql`
    update findings set gone_at = now()
    from reviews
    where reviews.id = findings.review_id and reviews.repo_full_name = ${nameOf(subject)}
      and reviews.pr_number = ${subject.pullRequest} and findings.gone_at is null
      and ${sql.in("findings.fingerprint", gone)}`
}

/** A coverage that can't be read, from a version to come, is as none: then everything is reviewed. */
const decodeLast = Schema.decodeUnknownOption(Schema.Tuple(LastReview))
const decodePosted = Schema.decodeUnknown(Schema.Array(Posted))

const lastReview = (sql: SqlClient.SqlClient, pullRequest: PullRequestRef) => sql`
  select commit_sha as "commitSha", coverage, provider from reviews
  where repo_full_name = ${nameOf(pullRequest)} and pr_number = ${pullRequest.pullRequest}
  order by id desc limit 1`

const postedFindings = (sql: SqlClient.SqlClient, pullRequest: PullRequestRef) => sql`
  select * from (
    select distinct on (findings.fingerprint)
      findings.id, findings.fingerprint, findings.path, findings.rule, findings.severity, findings.title
    from findings join reviews on reviews.id = findings.review_id
    where reviews.repo_full_name = ${nameOf(pullRequest)} and reviews.pr_number = ${pullRequest.pullRequest}
      and findings.published and findings.gone_at is null
    order by findings.fingerprint, findings.id desc
  ) posted
  order by id`

export const layer: Layer.Layer<ReviewLog, never, SqlClient.SqlClient> = Layer.effect(
  ReviewLog,
  Effect.map(SqlClient.SqlClient, (sql) => ({
    record: (review) =>
      Effect.gen(function* () {
        const [inserted] = yield* Effect.orDie(decodeIds(yield* insertReview(sql, review)))
        if (inserted === undefined) return
        const { body, comments } = review.report.placement
        yield* Effect.forEach([...comments, ...body], (shown) => insertFinding(sql, inserted.id, shown), {
          discard: true
        })
        yield* markGone(sql, review)
      }).pipe(transaction("ReviewLog.record"), Effect.provideService(SqlClient.SqlClient, sql)),
    recall: (pullRequest) =>
      guarded("ReviewLog.recall")(
        Effect.all([lastReview(sql, pullRequest), postedFindings(sql, pullRequest)])
      ).pipe(
        Effect.flatMap(([last, posted]) =>
          Effect.map(Effect.orDie(decodePosted(posted)), (findings) => ({
            last: Option.match(decodeLast(last), { onNone: () => null, onSome: ([review]) => review }),
            posted: findings
          }))
        )
      )
  }))
)
