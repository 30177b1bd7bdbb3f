/** What every statement of the store is made with: the client, the one expression for "now", and shared fragments. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import type { Fragment } from "@effect/sql/Statement"
import { Clock, Duration, Effect } from "effect"
import pg from "pg"
import type { Target } from "../../../database/Connection.ts"
import { guarded, retryDeadlock, transaction } from "../../../database/Database.ts"
import { DatabaseError, isSqlError } from "../../../database/DatabaseError.ts"
import { StoreUnavailable } from "../../JobError.ts"
import type { Lease } from "../../Lease.ts"
import type { Reason } from "../../Transition.ts"

/**
 * Whose clock decides. `database`: the server's, so that all workers agree; the only choice for real use. `injected`:
 * Effect's Clock, so that a test's virtual time drives the store as well.
 */
export type TimeSource = "database" | "injected"

/** How a store is made; see `layerWith`. */
export interface Options {
  readonly time?: TimeSource | undefined
  /** The schema that the tables are in. Where the client's `search_path` points, when absent. */
  readonly schema?: string | undefined
  /**
   * Where the worker's own connection goes, for LISTEN and its advisory lock: where the client's go, when absent. A client
   * that connects through a pooler can have it go to the server itself. `none`: the poll and the lease serve alone.
   */
  readonly session?: Target | "none" | undefined
}

export interface Sql {
  readonly sql: SqlClient.SqlClient
  /** The current time, to be used in one statement. */
  readonly now: Effect.Effect<Fragment>
  /** The tables, qualified where the store has a schema of its own. */
  readonly jobs: Fragment
  readonly ledger: Fragment
  readonly steps: Fragment
  readonly workers: Fragment
  /** The functions of migrations/0004_queue_at_scale.sql. */
  readonly enqueue: Fragment
  readonly exchange: Fragment
  /** The schema's name, as an expression. */
  readonly schema: Fragment
}

export const make = ({
  schema,
  time = "database"
}: Options): Effect.Effect<Sql, never, SqlClient.SqlClient> =>
  // An embedder's client may rename columns on their way; here they bear the tables' own names.
  Effect.map(SqlClient.SqlClient, (client) => withNames(client.withoutTransforms(), schema, time))

const withNames = (sql: SqlClient.SqlClient, schema: string | undefined, time: TimeSource): Sql => ({
  sql,
  ...names(sql, schema),
  now:
    time === "database"
      ? // The time of the statement, not of a transaction that may have begun long ago.
        Effect.succeed(sql.literal("statement_timestamp()"))
      : Effect.map(Clock.currentTimeMillis, (millis) => sql`to_timestamp(${millis}::double precision / 1000)`)
})

const names = (sql: SqlClient.SqlClient, schema: string | undefined) => {
  const named = (name: string) =>
    sql.literal(schema === undefined ? name : `${pg.escapeIdentifier(schema)}.${name}`)
  return {
    jobs: named("review_jobs"),
    ledger: named("job_transitions"),
    steps: named("job_steps"),
    workers: named("workers"),
    enqueue: named("holdfast_enqueue"),
    exchange: named("holdfast_exchange"),
    schema: sql.literal(schema === undefined ? "current_schema()" : pg.escapeLiteral(schema))
  }
}

type Refusal = SqlError | DatabaseError

/** Runs an operation guarded, with the store's own error. */
export const operation =
  (name: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    unavailable(name, retryDeadlock(guarded(name)(effect)))

/** Runs an operation as one transaction, or as a part of an ambient one. */
export const atomicOperation =
  (name: string, { sql }: Sql) =>
  <A, E>(effect: Effect.Effect<A, E>) =>
    unavailable(
      name,
      Effect.provideService(retryDeadlock(transaction(name)(effect)), SqlClient.SqlClient, sql)
    )

const unavailable = <A, E, R>(operation: string, effect: Effect.Effect<A, E, R>) =>
  Effect.catchIf(
    effect,
    (error): error is Extract<E, Refusal> => error instanceof DatabaseError || isSqlError(error),
    (cause) => new StoreUnavailable({ operation, message: cause.message, cause })
  )

/** An interval as a parameter. */
export const interval = ({ sql }: Sql, duration: Duration.Duration): Fragment =>
  sql`make_interval(secs => ${Duration.toSeconds(duration)}::double precision)`

/** True for the row that is still processing under exactly this claim. */
export const heldBy = ({ sql }: Sql, lease: Lease): Fragment =>
  sql`id = ${lease.jobId} and lease_epoch = ${lease.epoch} and worker_id = ${lease.worker} and status = 'processing'`

/** PostgreSQL's text and jsonb take neither NUL nor half a surrogate pair; a job must not fail for one in a message. */
export const storable = (text: string): string =>
  text.replaceAll("\u0000", "").replace(/\p{Surrogate}/gu, "\ufffd")

const encodeJson = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "string" ? storable(inner) : inner))

/** A value as a jsonb parameter. */
export const json = ({ sql }: Sql, value: unknown): Fragment => sql`${encodeJson(value)}::jsonb`

/** A reason as a jsonb parameter. */
export const why = (context: Sql, reason: Reason): Fragment => json(context, reason)

/** The reason for stopping that a row carries, as data and as a sentence; null while nobody has asked. */
export const stopRequest = {
  why: `case
      when cancel_requested_at is null then null
      when superseded_by is not null then jsonb_build_object('_tag', 'Superseded', 'by', superseded_by)
      else jsonb_build_object('_tag', 'Cancelled', 'message', coalesce(cancel_message, 'cancelled'))
    end`,
  message: `case
      when cancel_requested_at is null then null
      when superseded_by is not null then 'superseded by job ' || superseded_by
      else coalesce(cancel_message, 'cancelled')
    end`
} as const

/** The channel of the hints, as SQL: one for each schema. A channel's name has at most 63 bytes, hence the hash. */
export const channel = ({ schema, sql }: Sql): Fragment => sql`'holdfast_' || md5(${schema})`

/** Tells every session that there may be work. Sent when the transaction commits; equal hints of one are merged. */
export const hint = (context: Sql) => context.sql`select pg_notify(${channel(context)}, '')`

/** Serialises what concerns one pull request until the transaction ends. As in the function `holdfast_enqueue`. */
export const lockPullRequest = ({ schema, sql }: Sql, fullName: string, pullRequest: number) =>
  sql`select pg_advisory_xact_lock(
    hashtext('holdfast:pull:' || ${schema}),
    hashtext(${fullName}::text || '#' || ${pullRequest}::integer) & 1023
  )`
