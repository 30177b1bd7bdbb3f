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
import type { Front } from "./Front.ts"
import { ClaimKey, decodeJob, ExchangeRow, mistakesIn } from "./Rows.ts"
import { isDueNow, leaseLost, requestOf } from "./Settle.ts"
import { hint, interval, json, operation, type Sql } from "./Sql.ts"

/** What a store exchanges with: its settings, and where it looks. */
export interface Desk {
  readonly context: Sql
  readonly settings: QueueSettings.Settings
  readonly front: Front
}

interface Wanted {
  readonly settlements: ReadonlyArray<Settlement>
  readonly limit: number
  /** Whether a quarantined job is wanted, and nothing else. */
  readonly alone: boolean
}

const uniqueViolation = "23505"

const decodeRows = Schema.decodeUnknown(Schema.Tuple(ExchangeRow))

/** The later of two claims that choose the same place in the same moment fails, and then sees the other's choice. */
const call = ({ context, front, settings }: Desk, worker: WorkerId, wanted: Wanted) =>
  Effect.gen(function* () {
    const { sql } = context
    const levels = yield* front.levels
    const now = yield* context.now
    const localNow = yield* DateTime.now
    const settlements = wanted.settlements.map((one) => requestOf(one, localNow))
    const cap = Number.isFinite(settings.perInstallation) ? settings.perInstallation : null
    const rows = yield* sql`
      select ${context.exchange}(
        ${worker}, ${json(context, settlements)}, ${wanted.limit}, ${wanted.alone}, ${cap}::integer,
        ${settings.quarantineAfter}, ${interval(context, settings.lease)},
        ${levels === null ? null : JSON.stringify(levels)}::jsonb, ${now}
      ) as exchanged`
    const [{ exchanged }] = yield* Effect.orDie(decodeRows(rows))
    if (wanted.limit > 0 && !wanted.alone) yield* front.seen({ ...exchanged, levels })
    return exchanged
  }).pipe(
    Effect.retry({
      times: 20,
      while: (error) => error instanceof SqlError && Option.contains(sqlState(error), uniqueViolation)
    }),
    operation("JobStore.exchange")
  )

const run = (desk: Desk, worker: WorkerId, wanted: Wanted) =>
  Effect.gen(function* () {
    const { context } = desk
    const exchanged = yield* call(desk, worker, wanted)
    const written = new Map(exchanged.written.map(({ epoch, id }) => [id, epoch]))
    const jobs = yield* Effect.forEach(exchanged.jobs, (row) => readable(desk, worker, row))
    if (wanted.settlements.some(isDueNow)) yield* Effect.ignore(operation("JobStore.hint")(hint(context)))
    return {
      jobs: Arr.getSomes(jobs),
      quarantined: exchanged.quarantined,
      lost: wanted.settlements.flatMap(({ lease }) =>
        written.get(lease.jobId) === lease.epoch ? [] : [lease]
      )
    } satisfies Exchanged
  })

/** A row that can't be read would be claimed for ever; it fails with the reason instead, and the others go on. */
const readable = (desk: Desk, worker: WorkerId, row: unknown) =>
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
    const disposition = Disposition.Fail({ reason: { _tag: "Undecodable", message: mistakesIn(job.left) } })
    yield* call(desk, worker, { settlements: [{ lease, disposition }], limit: 0, alone: false })
    return Option.none<Claimed>()
  })

export const exchange = (
  desk: Desk,
  worker: WorkerId,
  settlements: ReadonlyArray<Settlement>,
  limit: number
) => run(desk, worker, { settlements, limit, alone: false })

export const claimQuarantined = (desk: Desk, worker: WorkerId) =>
  run(desk, worker, { settlements: [], limit: 1, alone: true }).pipe(Effect.map(({ jobs }) => Arr.head(jobs)))

export const settle = (desk: Desk, lease: Lease, disposition: Disposition) =>
  disposition._tag === "Abandon"
    ? Effect.void
    : exchange(desk, lease.worker, [{ lease, disposition }], 0).pipe(
        Effect.flatMap(({ lost }) => (lost.length === 0 ? Effect.void : leaseLost(lease)))
      )
