/** Which webhooks arrived and what became of them: the memory that makes a redelivery a no-op. */
import * as SqlClient from "@effect/sql/SqlClient"
import type * as SqlError from "@effect/sql/SqlError"
import * as SqlSchema from "@effect/sql/SqlSchema"
import { Effect, Option, Schema } from "effect"
import { guarded } from "../database/Database.ts"
import type { DatabaseError } from "../database/DatabaseError.ts"
import { JobId } from "../queue/Job.ts"
import type { Delivery, ReadDelivery } from "./WebhookEvent.ts"

/** What became of a delivery. */
export interface Outcome {
  readonly outcome: string
  readonly jobId: Option.Option<JobId>
}

/**
 * Takes the delivery's GUID for this transaction. While another transaction holds the same GUID this one waits, and
 * then finds it taken, or takes it if that one was rolled back.
 *
 * @returns whether it was free
 */
export const take = (
  delivery: Pick<Delivery, "guid" | "event">,
  { action, installationId }: Pick<ReadDelivery, "action" | "installationId">
): Effect.Effect<boolean, SqlError.SqlError, SqlClient.SqlClient> =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`
      insert into webhook_deliveries (guid, event, action, installation_id, outcome)
      values (
        ${delivery.guid}, ${delivery.event}, ${Option.getOrNull(action)},
        ${Option.getOrNull(installationId)}, 'being ingested'
      )
      on conflict (guid) do nothing
      returning guid`
  ).pipe(Effect.map((rows) => rows.length === 1))

/** Writes what became of the delivery, in the transaction that took it. */
export const conclude = (
  guid: string,
  { jobId, outcome }: Outcome
): Effect.Effect<void, SqlError.SqlError, SqlClient.SqlClient> =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`
      update webhook_deliveries set outcome = ${outcome}, job_id = ${Option.getOrNull(jobId)} where guid = ${guid}`
  ).pipe(Effect.asVoid)

const Row = Schema.Struct({
  outcome: Schema.String,
  job_id: Schema.NullOr(Schema.compose(Schema.NumberFromString, JobId))
})

/** What became of an earlier delivery with this GUID. */
export const find = (
  guid: string
): Effect.Effect<Option.Option<Outcome>, SqlError.SqlError, SqlClient.SqlClient> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    SqlSchema.findOne({
      Request: Schema.String,
      Result: Row,
      execute: (guid) => sql`select outcome, job_id from webhook_deliveries where guid = ${guid}`
    })(guid)
  ).pipe(
    Effect.catchTag("ParseError", Effect.die),
    Effect.map(Option.map(({ job_id, outcome }) => ({ outcome, jobId: Option.fromNullable(job_id) })))
  )

const Guids = Schema.Array(Schema.Struct({ guid: Schema.String }))
const decodeGuids = Schema.decodeUnknown(Guids)

/** Which of these GUIDs have been taken. */
export const taken = (
  guids: ReadonlyArray<string>
): Effect.Effect<ReadonlySet<string>, DatabaseError, SqlClient.SqlClient> =>
  guids.length === 0
    ? Effect.succeed(new Set())
    : Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`select guid from webhook_deliveries where ${sql.in("guid", guids)}`
      ).pipe(
        guarded("Deliveries.taken"),
        Effect.flatMap((rows) => Effect.orDie(decodeGuids(rows))),
        Effect.map((rows) => new Set(rows.map(({ guid }) => guid)))
      )

/** Ten times as long as GitHub can send a delivery once more. */
const keptDays = 30
const batch = 1000

/** Forgets a batch of the oldest deliveries that are kept no longer; tells how many. Index webhook_deliveries_received. */
export const prune: Effect.Effect<number, DatabaseError, SqlClient.SqlClient> = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`
    delete from webhook_deliveries where guid in (
      select guid from webhook_deliveries
      where received_at < now() - make_interval(days => ${keptDays})
      order by received_at limit ${batch} for update skip locked
    )
    returning guid`
).pipe(
  guarded("Deliveries.prune"),
  Effect.map((rows) => rows.length)
)
