/**
 * Settling and claiming: one statement does either or both, and writes their lines in the ledger.
 */
import { SqlError } from "@effect/sql/SqlError"
import { Array as Arr, DateTime, Effect, Either, Option, Schema } from "effect"
import { sqlState } from "../../../database/DatabaseError.ts"
import { Disposition } from "../../Disposition.ts"
import type { WorkerId } from "../../Job.ts"
import type { Claimed, Exchanged, Settlement } from "../../JobStore.ts"
import type { Lease } from "../../Lease.ts"
import type { QueueSettings } from "../../QueueSettings.ts"
import { grant } from "../grant.ts"
import {
  claiming,
  everyInstallation,
  front,
  type Place,
  quarantined,
  quarantinedIsDue,
  window
} from "./Claim.ts"
import { ClaimKey, decodeJob, ExchangeRow } from "./Rows.ts"
import { isDueNow, leaseLost, settling } from "./Settle.ts"
import { hint, hot, operation, type Sql } from "./Sql.ts"

interface Wanted {
  readonly settlements: ReadonlyArray<Settlement>
  readonly limit: number
  readonly place: Place
}

const uniqueViolation = "23505"

/**
 * Two claims that choose the same place in the same moment meet at a unique index. The later one's statement fails whole,
 * and then sees the other's choice.
 */
const statement = (
  context: Sql,
  worker: WorkerId,
  { limit, place, settlements }: Wanted,
  settings: QueueSettings.Settings
) =>
  Effect.gen(function* () {
    const { ledger, sql, workers } = context
    const now = yield* context.now
    const localNow = yield* DateTime.now
    return yield* sql`${hot(context, "JobStore.exchange")}
    with ${settling(context, worker, settlements, now, localNow)},
    ${claiming(context, worker, limit, place, settings, now)}, alive as (
      -- An idle worker beats rarely; from its first job on it must not count as silent.
      update ${workers} set last_beat_at = ${now} where id = ${worker} and exists (select from claimed)
    ), ledger as (
      insert into ${ledger} (job_id, epoch, from_status, to_status, why, worker_id, at)
      select id, epoch, 'processing', status, why, ${worker}, ${now} from settled
      union all
      select id, lease_epoch, 'pending', 'processing', '{"_tag": "Claimed"}', worker_id, ${now} from claimed
    )
    select head.*, claimed.*
    from (
      select (select array_agg(id) from settled) as settled, (select count(*) from seen) as seen,
        ${quarantinedIsDue(context, settings, now)} as quarantined
    ) head
    left join claimed on true
    order by claimed.priority, claimed.run_at, claimed.id`
  }).pipe(
    Effect.retry({
      times: 20,
      while: (error) => error instanceof SqlError && Option.contains(sqlState(error), uniqueViolation)
    }),
    operation("JobStore.exchange")
  )

const decodeRows = Schema.decodeUnknown(Schema.NonEmptyArray(ExchangeRow))

const run = (context: Sql, worker: WorkerId, wanted: Wanted, settings: QueueSettings.Settings) =>
  Effect.gen(function* () {
    const rows = yield* statement(context, worker, wanted, settings)
    const [head] = yield* Effect.orDie(decodeRows(rows))
    const claimed = head.id === null ? [] : rows
    const written = new Set(head.settled)
    const jobs = yield* Effect.forEach(claimed, (row) => readable(context, worker, row, settings))
    if (wanted.settlements.some(isDueNow)) yield* Effect.ignore(operation("JobStore.hint")(hint(context)))
    return {
      jobs: Arr.getSomes(jobs),
      quarantined: head.quarantined,
      lost: wanted.settlements.flatMap(({ lease }) => (written.has(lease.jobId) ? [] : [lease])),
      // So many waiting jobs can't run now that what can may stand behind them.
      behind: claimed.length < wanted.limit && head.seen >= window
    }
  })

/** A row that can't be read would be claimed for ever; it fails with the reason instead, and the others go on. */
const readable = (context: Sql, worker: WorkerId, row: unknown, settings: QueueSettings.Settings) =>
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
    const failed = Disposition.Fail({ reason: { _tag: "Undecodable", message: job.left.message } })
    yield* statement(
      context,
      worker,
      { settlements: [{ lease, disposition: failed }], limit: 0, place: front },
      settings
    )
    return Option.none<Claimed>()
  })

export const exchange = (
  context: Sql,
  worker: WorkerId,
  settlements: ReadonlyArray<Settlement>,
  limit: number,
  settings: QueueSettings.Settings
) =>
  Effect.gen(function* () {
    const { behind, ...first } = yield* run(context, worker, { settlements, limit, place: front }, settings)
    if (!behind) return first satisfies Exchanged
    const rest = { settlements: [], limit: limit - first.jobs.length, place: everyInstallation }
    const second = yield* run(context, worker, rest, settings)
    return { ...first, jobs: [...first.jobs, ...second.jobs] } satisfies Exchanged
  })

export const claimQuarantined = (context: Sql, worker: WorkerId, settings: QueueSettings.Settings) =>
  run(context, worker, { settlements: [], limit: 1, place: quarantined }, settings).pipe(
    Effect.map(({ jobs }) => Arr.head(jobs))
  )

export const settle = (
  context: Sql,
  lease: Lease,
  disposition: Disposition,
  settings: QueueSettings.Settings
) =>
  disposition._tag === "Abandon"
    ? Effect.void
    : exchange(context, lease.worker, [{ lease, disposition }], 0, settings).pipe(
        Effect.flatMap(({ lost }) => (lost.length === 0 ? Effect.void : leaseLost(lease)))
      )
