/**
 * Reviews that ended where no worker could say so: given up because their workers died, cancelled while they waited, or
 * told while GitHub was away. Whoever ends a job need not remember to have it told, nor live to do it: what is looked
 * for is the step that is saved once it is told.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import { Context, Duration, Effect, Layer, Schedule, Schema } from "effect"
import { guarded } from "../database/Database.ts"
import { checkRunsJob, endOf } from "../github/CheckRunsJob.ts"
import { checkRunsKind } from "../github/Github.ts"
import { Epoch, JobId, Subject } from "../queue/Job.ts"
import { JobStore } from "../queue/JobStore.ts"
import { endedKey } from "./EndCheckRuns.ts"

/** The pause between two searches. */
export class UntoldEvery extends Context.Reference<UntoldEvery>()("holdfast/UntoldEvery", {
  defaultValue: (): Duration.Duration => Duration.seconds(15)
}) {}

/** How far back the first search goes: what ended while no worker ran. */
const sinceBefore = Duration.days(1)
/** How far back the later ones go. */
const lately = Duration.hours(1)

const batch = 100

const fromText = <A, R>(schema: Schema.Schema<A, number, R>) =>
  Schema.compose(Schema.NumberFromString, schema)
const Row = Schema.Struct({
  id: fromText(JobId),
  epoch: fromText(Epoch),
  ...Subject.fields,
  installationId: fromText(Subject.fields.installationId)
})
const decodeRows = Schema.decodeUnknown(Schema.Array(Row))

/**
 * The last such job of each pull request; what is made for it tells of the earlier ones, too. Index
 * review_jobs_finished finds what ended lately, and job_steps_key whether it is told. In parts, and with
 * "offset 0", because the planner would rather read all jobs and steps that there are.
 */
const find = (within: Duration.Duration) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`
      with ended as materialized (
        select * from review_jobs
        where status in ('failed', 'cancelled')
          and completed_at > now() - make_interval(secs => ${Duration.toSeconds(within)})
          and kind = 'review' and lease_epoch > 0
      ), untold as materialized (
        select *, ${checkRunsKind}::text || '/' || id || '-' || lease_epoch as telling from ended
        where not exists (
          select from job_steps step where step.key = ${endedKey}::text || ':' || ended.id || ':' || ended.lease_epoch
          offset 0
        )
      ), over as materialized (
        select kind from review_jobs
        where status in ('completed', 'failed', 'cancelled')
          and completed_at > now() - make_interval(secs => ${Duration.toSeconds(within)})
          and split_part(kind, '/', 1) = ${checkRunsKind}
      )
      select distinct on (repo_full_name, pr_number) id, lease_epoch as epoch,
        installation_id as "installationId", owner, repo, pr_number as "pullRequest", pr_title as title,
        commit_sha as "commitSha", base_branch as "baseBranch"
      from untold
      where not exists (
        select from review_jobs job
        where job.repo_full_name = untold.repo_full_name and job.pr_number = untold.pr_number
          and job.status in ('pending', 'processing') and job.id > untold.id
          and split_part(job.kind, '/', 1) = ${checkRunsKind}
      )
        -- Once: whom GitHub refused, or whose tries are used up, is not asked for ever.
        and telling not in (select kind from over)
      order by repo_full_name, pr_number, id desc
      limit ${batch}`
  ).pipe(
    guarded("Untold.find"),
    Effect.flatMap((rows) => Effect.orDie(decodeRows(rows)))
  )

/** Has what ended in silence told, and says how much there was. */
const search = (within: Duration.Duration) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    const untold = yield* find(within)
    for (const { epoch, id, ...subject } of untold) {
      yield* store.enqueue(checkRunsJob(subject, endOf({ id, epoch })))
      yield* Effect.logInfo("the pull request will be told how the job ended").pipe(
        Effect.annotateLogs({ job: id })
      )
    }
    return untold.length
  }).pipe(
    Effect.tapErrorCause((cause) => Effect.logWarning("the search for untold ends of reviews failed", cause)),
    Effect.sandbox
  )

/** Searches at the start, and then at its pace for as long as the scope lives. Any worker may do it for all. */
export const layer: Layer.Layer<never, never, JobStore | SqlClient.SqlClient> = Layer.scopedDiscard(
  Effect.gen(function* () {
    const pace = Schedule.jittered(Schedule.spaced(yield* UntoldEvery))
    const first = Effect.repeat(search(sinceBefore), { until: (count) => count < batch })
    yield* Effect.retry(first, pace).pipe(
      Effect.zipRight(Effect.schedule(Effect.ignore(search(lately)), pace)),
      Effect.forkScoped
    )
  })
)
