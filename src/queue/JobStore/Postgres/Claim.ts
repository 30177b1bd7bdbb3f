import { SqlError } from "@effect/sql/SqlError"
import { Array as Arr, DateTime, Effect, Either, Option, Schema } from "effect"
import { sqlState } from "../../../database/DatabaseError.ts"
import { Disposition } from "../../Disposition.ts"
import type { WorkerId } from "../../Job.ts"
import type { Claimed } from "../../JobStore.ts"
import type { QueueSettings } from "../../QueueSettings.ts"
import { grant } from "../grant.ts"
import { ClaimKey, decodeJob } from "./Rows.ts"
import { settle } from "./Settle.ts"
import { interval, operation, type Sql } from "./Sql.ts"

/**
 * Claims in one statement. The candidates are locked in a CTE of their own, since within the UPDATE the planner may
 * lock more rows than LIMIT says. Index review_jobs_claimable serves the order, review_jobs_one_running the exclusion.
 */
const statement = Effect.fnUntraced(function* (
  context: Sql,
  worker: WorkerId,
  limit: number,
  settings: QueueSettings.Settings
) {
  const { sql } = context
  const now = yield* context.now
  return yield* sql`
    with due as (
      select id, repo_full_name, pr_number, priority, run_at
      from review_jobs job
      where status = 'pending' and attempts < max_attempts and run_at <= ${now}
        and not exists (
          select from review_jobs running
          where running.status = 'processing'
            and running.repo_full_name = job.repo_full_name and running.pr_number = job.pr_number
        )
      order by priority, run_at, id
      limit ${limit}
      for update skip locked
    ), chosen as (
      select id from (
        select id, row_number() over (
          partition by repo_full_name, pr_number order by priority, run_at, id
        ) as place from due
      ) ranked
      where place = 1
    ), claimed as (
      update review_jobs job
      set status = 'processing', lease_epoch = lease_epoch + 1, worker_id = ${worker}, started_at = ${now},
        lease_expires_at = ${now} + ${interval(context, settings.lease)}
      from chosen
      where job.id = chosen.id
      returning job.*
    ), alive as (
      -- An idle worker beats rarely; from its first job on it must not count as silent.
      update workers set last_beat_at = ${now} where id = ${worker} and exists (select from claimed)
    ), ledger as (
      insert into job_transitions (job_id, epoch, from_status, to_status, why, worker_id, at)
      select id, lease_epoch, 'pending', 'processing', '{"_tag": "Claimed"}', worker_id, started_at from claimed
    )
    select * from claimed order by priority, run_at, id`
})

const uniqueViolation = "23505"

/** A row that can't be read would be claimed for ever; it fails with the reason instead, and the others go on. */
const readable = (context: Sql, worker: WorkerId, row: unknown) =>
  Effect.gen(function* () {
    const key = yield* Effect.orDie(Schema.decodeUnknown(ClaimKey)(row))
    const lease = grant({
      jobId: key.id,
      epoch: key.lease_epoch,
      worker,
      expiresAt: DateTime.unsafeFromDate(key.lease_expires_at)
    })
    const job = yield* Effect.either(decodeJob(row))
    if (Either.isRight(job)) return Option.some<Claimed>({ job: job.right, lease })
    yield* Effect.logError("a job's row can't be read").pipe(Effect.annotateLogs({ job: key.id }))
    yield* settle(
      context,
      lease,
      Disposition.Fail({ reason: { _tag: "Undecodable", message: job.left.message } })
    ).pipe(Effect.catchTag("LeaseLost", () => Effect.void))
    return Option.none<Claimed>()
  })

/**
 * Two claimers that choose two jobs of one pull request in the same moment meet at the unique index; the later one's
 * statement fails whole, and then sees the other's choice.
 */
export const claim = (context: Sql, worker: WorkerId, limit: number, settings: QueueSettings.Settings) =>
  statement(context, worker, limit, settings).pipe(
    Effect.retry({
      times: 10,
      while: (error) => error instanceof SqlError && Option.contains(sqlState(error), uniqueViolation)
    }),
    operation("JobStore.claim"),
    Effect.flatMap(Effect.forEach((row) => readable(context, worker, row))),
    Effect.map(Arr.getSomes)
  )
