import { Effect, Option, Schema } from "effect"
import type { JobId } from "../../Job.ts"
import type { PullRequestKey } from "../../JobStore.ts"
import type { Lease } from "../../Lease.ts"
import { StepKeyRow, StepRow } from "./Rows.ts"
import { leaseLost } from "./Settle.ts"
import { heldBy, json, operation, type Sql } from "./Sql.ts"

/** Saves and checks the fence in one statement; the row is locked, so that no rescue comes between. */
export const save = (context: Sql, lease: Lease, key: string, output: unknown) =>
  Effect.gen(function* () {
    const { jobs, sql, steps } = context
    const now = yield* context.now
    const rows = yield* sql`
      with held as (
        select id from ${jobs} where ${heldBy(context, lease)} for update
      ), saved as (
        insert into ${steps} (job_id, key, epoch, output, created_at)
        select id, ${key}, ${lease.epoch}, ${json(context, output)}, ${now} from held
        on conflict (job_id, key) do nothing
      )
      select id from held`
    if (rows.length === 0) return yield* leaseLost(lease)
  }).pipe(operation("JobStore.saveStep"))

export const load = ({ sql, steps }: Sql, job: JobId, key: string) =>
  Effect.gen(function* () {
    const rows = yield* sql`select output from ${steps} where job_id = ${job} and key = ${key}`
    const [row] = yield* Effect.orDie(Schema.decodeUnknown(Schema.Array(StepRow))(rows))
    return Option.map(Option.fromNullable(row), ({ output }) => output)
  }).pipe(operation("JobStore.loadStep"))

export const recall = (
  { jobs, sql, steps }: Sql,
  { owner, pullRequest, repo }: PullRequestKey,
  key: string
) =>
  Effect.gen(function* () {
    const rows = yield* sql`
      select step.output from ${steps} step
      join ${jobs} job on job.id = step.job_id
      where step.key = ${key} and job.repo_full_name = ${`${owner}/${repo}`} and job.pr_number = ${pullRequest}
      order by step.job_id desc limit 1`
    const [row] = yield* Effect.orDie(Schema.decodeUnknown(Schema.Array(StepRow))(rows))
    return Option.map(Option.fromNullable(row), ({ output }) => output)
  }).pipe(operation("JobStore.recallStep"))

export const keys = ({ sql, steps }: Sql, job: JobId) =>
  Effect.gen(function* () {
    const rows = yield* sql`select key from ${steps} where job_id = ${job} order by created_at, key`
    const decoded = yield* Effect.orDie(Schema.decodeUnknown(Schema.Array(StepKeyRow))(rows))
    return decoded.map(({ key }) => key)
  }).pipe(operation("JobStore.stepKeys"))
