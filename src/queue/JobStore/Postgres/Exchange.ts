/** Settling and claiming: one call of the function `holdfast_exchange` does either or both. */
import { SqlError } from "@effect/sql/SqlError"
import { Array as Arr, DateTime, Effect, Either, Option, Schema } from "effect"
import { sqlState } from "../../../database/DatabaseError.ts"
import { Disposition } from "../../Disposition.ts"
import type { WorkerId } from "../../Job.ts"
import type { Claimed, Exchanged, Settlement } from "../../JobStore.ts"
import type { Lease } from "../../Lease.ts"
import type { QueueSettings } from "../../QueueSettings.ts"
import { grant } from "../grant.ts"
import { ClaimKey, decodeJob, ExchangeRow } from "./Rows.ts"
import { isDueNow, leaseLost, requestOf } from "./Settle.ts"
import { hint, interval, json, operation, type Sql } from "./Sql.ts"

interface Wanted {
  readonly settlements: ReadonlyArray<Settlement>
  readonly limit: number
  /** Whether a quarantined job is wanted, and nothing else. */
  readonly alone: boolean
}

const uniqueViolation = "23505"

const decodeRows = Schema.decodeUnknown(Schema.Tuple(ExchangeRow))

/** The later of two claims that choose the same place in the same moment fails, and then sees the other's choice. */
const call = (context: Sql, worker: WorkerId, wanted: Wanted, settings: QueueSettings.Settings) =>
  Effect.gen(function* () {
    const { sql } = context
    const now = yield* context.now
    const localNow = yield* DateTime.now
    const settlements = wanted.settlements.map((one) => requestOf(one, localNow))
    const cap = Number.isFinite(settings.perInstallation) ? settings.perInstallation : null
    return yield* sql`
      select ${context.exchange}(
        ${worker}, ${json(context, settlements)}, ${wanted.limit}, ${wanted.alone}, ${cap}::integer,
        ${settings.quarantineAfter}, ${interval(context, settings.lease)}, ${now}
      ) as exchanged`
  }).pipe(
    Effect.retry({
      times: 20,
      while: (error) => error instanceof SqlError && Option.contains(sqlState(error), uniqueViolation)
    }),
    Effect.flatMap((rows) => Effect.orDie(decodeRows(rows))),
    Effect.map(([{ exchanged }]) => exchanged),
    operation("JobStore.exchange")
  )

const run = (context: Sql, worker: WorkerId, wanted: Wanted, settings: QueueSettings.Settings) =>
  Effect.gen(function* () {
    const exchanged = yield* call(context, worker, wanted, settings)
    const written = new Set(exchanged.written)
    const jobs = yield* Effect.forEach(exchanged.jobs, (row) => readable(context, worker, row, settings))
    if (wanted.settlements.some(isDueNow)) yield* Effect.ignore(operation("JobStore.hint")(hint(context)))
    return {
      jobs: Arr.getSomes(jobs),
      quarantined: exchanged.quarantined,
      lost: wanted.settlements.flatMap(({ lease }) => (written.has(lease.jobId) ? [] : [lease]))
    } satisfies Exchanged
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
    const disposition = Disposition.Fail({ reason: { _tag: "Undecodable", message: job.left.message } })
    yield* call(context, worker, { settlements: [{ lease, disposition }], limit: 0, alone: false }, settings)
    return Option.none<Claimed>()
  })

export const exchange = (
  context: Sql,
  worker: WorkerId,
  settlements: ReadonlyArray<Settlement>,
  limit: number,
  settings: QueueSettings.Settings
) => run(context, worker, { settlements, limit, alone: false }, settings)

export const claimQuarantined = (context: Sql, worker: WorkerId, settings: QueueSettings.Settings) =>
  run(context, worker, { settlements: [], limit: 1, alone: true }, settings).pipe(
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
