/** What was reviewed and published, in the tables `reviews` and `findings`. */
import * as SqlClient from "@effect/sql/SqlClient"
import { Context, Duration, Effect, Layer, Option, Schema } from "effect"
import { transaction } from "../database/Database.ts"
import type { DatabaseError } from "../database/DatabaseError.ts"
import type { Job } from "../queue/Job.ts"
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
      ${job.id}, ${subject.installationId}, ${`${subject.owner}/${subject.repo}`}, ${subject.pullRequest},
      ${subject.commitSha}, ${job.generation}, ${Option.getOrNull(review.reviewId)},
      ${Option.getOrNull(review.checkRunId)}, ${report.provider}, ${report.model},
      ${encodeJson(report.coverage)}::jsonb, ${review.inputTokens}, ${review.outputTokens},
      ${Option.getOrNull(review.cost)},
      ${Math.round(Duration.toMillis(review.duration))}
    )
    on conflict (job_id) do nothing
    returning id`
}

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
      }).pipe(transaction("ReviewLog.record"), Effect.provideService(SqlClient.SqlClient, sql))
  }))
)
