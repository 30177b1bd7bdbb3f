/**
 * The pooled client, and the two ways to use it safely: `guarded` for statements and `transaction` for several that
 * belong together. Both work around faults of @effect/sql-pg 0.53, which are named where they are met.
 */

import * as SqlClient from "@effect/sql/SqlClient"
import type * as SqlConnection from "@effect/sql/SqlConnection"
import { SqlError } from "@effect/sql/SqlError"
import * as PgClient from "@effect/sql-pg/PgClient"
import {
  Cause,
  Context,
  Duration,
  Effect,
  Layer,
  Option,
  Predicate,
  type Redacted,
  Schedule,
  Scope
} from "effect"
import pg from "pg"
import * as Connection from "./Connection.ts"
import { DatabaseError, DatabaseUnreachable, isSqlError } from "./DatabaseError.ts"
import { DatabaseUrl } from "./DatabaseUrl.ts"

export interface Options extends Connection.ConnectionOptions {
  readonly url: Redacted.Redacted
  /** The most connections the pool opens. */
  readonly maxConnections?: number | undefined
}

/** How long the pool's connections may take to end in order before they are cut. */
const endWithin = Duration.seconds(2)

/** How long a server that is starting up is waited for. */
const startingUp = Schedule.spaced("250 millis").pipe(Schedule.upTo("10 seconds"))

/** A client over a pool of its own. Succeeds once a connection stands, so that a wrong setting shows at the start. */
export const make = (
  options: Options
): Effect.Effect<
  Context.Context<PgClient.PgClient | SqlClient.SqlClient>,
  DatabaseUnreachable,
  Scope.Scope
> =>
  Effect.gen(function* () {
    const pool = yield* connectedPool(options)
    return yield* Layer.build(PgClient.layerFromPool({ acquire: Effect.succeed(pool) })).pipe(
      Effect.mapError((error) => DatabaseUnreachable.from(options, error))
    )
  }).pipe(Effect.withSpan("Database.make"))

/** The client for the program's database. */
export const layer: Layer.Layer<PgClient.PgClient | SqlClient.SqlClient, DatabaseUnreachable, DatabaseUrl> =
  Layer.scopedContext(Effect.flatMap(DatabaseUrl, ({ url }) => make({ url })))

/** The client for this database, which also becomes the program's. */
export const layerFromUrl = (
  options: Options
): Layer.Layer<PgClient.PgClient | SqlClient.SqlClient | DatabaseUrl, DatabaseUnreachable> =>
  Layer.merge(Layer.scopedContext(make(options)), DatabaseUrl.layer(options.url))

const connectedPool = (options: Options): Effect.Effect<pg.Pool, DatabaseUnreachable, Scope.Scope> =>
  openPool(options).pipe(
    Effect.retry({ while: (error) => codeIs(error, "57P03"), schedule: startingUp }),
    // Poolers refuse what they don't know in a connection's first message; there the silence of a socket is the bound.
    Effect.catchIf(
      (error) => codeIs(error, "08P01") && options.timeoutsAtStart !== false,
      () =>
        Effect.zipRight(
          Effect.logWarning(
            "The database's pooler takes no timeouts from its clients, so that statements are bounded by this client alone. PgBouncer takes them with ignore_startup_parameters = statement_timeout, idle_in_transaction_session_timeout."
          ),
          openPool({ ...options, timeoutsAtStart: false })
        )
    )
  )

const codeIs = (error: DatabaseUnreachable, code: string) => Option.contains(error.code, code)

const openPool = (options: Options): Effect.Effect<pg.Pool, DatabaseUnreachable, Scope.Scope> =>
  Effect.gen(function* () {
    const sockets: Connection.Sockets = new Set()
    const unreachable = (cause: unknown) => DatabaseUnreachable.from(options, cause)
    const pool = yield* Effect.acquireRelease(
      Effect.try({
        try: () => {
          const pool = new pg.Pool({
            ...Connection.clientConfig(options, options, sockets),
            max: options.maxConnections ?? 10
          })
          // An idle connection was lost. The pool has dropped it already; without a listener the process would end.
          pool.on("error", () => {})
          return pool
        },
        catch: unreachable
      }),
      (pool) =>
        Effect.promise(() => pool.end()).pipe(
          Effect.interruptible,
          Effect.timeoutOption(endWithin),
          Effect.zipRight(Effect.sync(() => Connection.cut(sockets)))
        )
    )
    yield* Effect.tryPromise({ try: () => pool.query("select 1"), catch: unreachable })
    return pool
  })

/**
 * Runs statements as one operation with one typed error.
 *
 * - Once begun they run to their end: interrupting a query of sql-pg can cancel another fiber's. An interrupted caller
 *   does not wait for that end, except inside a transaction, whose connection must not be used after it.
 * - A COMMIT that failed and a connection lost within a transaction are defects there; here they are `DatabaseError`s.
 *   Other defects stay defects.
 */
export const guarded =
  (operation: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, Exclude<E, SqlError> | DatabaseError, R> =>
    Effect.contextWithEffect((context: Context.Context<R>) => {
      const whole = effect.pipe(Effect.catchAllCause(typed(operation)), Effect.uninterruptible)
      return inTransaction(context) ? whole : Effect.disconnect(whole)
    }).pipe(Effect.withSpan(operation, { captureStackTrace: false }))

/**
 * Runs the effect in a transaction, guarded; within another transaction, whether of this function or of
 * `sql.withTransaction`, as a savepoint of it. Keep it to statements: it can't be interrupted.
 *
 * Succeeds only if the server committed. Postgres answers COMMIT with ROLLBACK, and no error, when a statement of the
 * transaction had failed and its error was caught; that is a failure here, with SQLSTATE 25P02.
 */
export const transaction =
  (operation: string) =>
  <A, E, R>(
    effect: Effect.Effect<A, E, R>
  ): Effect.Effect<A, Exclude<E, SqlError> | DatabaseError, R | SqlClient.SqlClient> =>
    Effect.flatMap(SqlClient.SqlClient, (sql) => guarded(operation)(withTransaction(sql)(effect)))

/** As `sql.withTransaction`, on the same ambient connection, but for the COMMIT, whose answer is read. */
const withTransaction = (sql: SqlClient.SqlClient) => {
  const run = (statement: string) => (connection: SqlConnection.Connection) =>
    Effect.asVoid(connection.executeRaw(statement, []))
  return SqlClient.makeWithTransaction({
    transactionTag: SqlClient.TransactionConnection,
    spanAttributes: [],
    acquireConnection: Effect.flatMap(Scope.make(), (scope) =>
      Effect.map(Scope.extend(sql.reserve, scope), (connection) => [scope, connection] as const)
    ),
    begin: run("begin"),
    savepoint: (connection, depth) => run(`savepoint holdfast_${depth}`)(connection),
    commit: (connection) =>
      Effect.flatMap(connection.executeRaw("commit", []), (answer) =>
        Predicate.hasProperty(answer, "command") && answer.command === "COMMIT" ? Effect.void : notCommitted
      ),
    rollback: run("rollback"),
    rollbackSavepoint: (connection, depth) => run(`rollback to savepoint holdfast_${depth}`)(connection)
  })
}

const notCommitted = Effect.fail(
  new SqlError({
    message: "The transaction was rolled back",
    cause: Object.assign(new Error("the transaction was rolled back, because a statement in it had failed"), {
      code: "25P02"
    })
  })
)

/**
 * Tries again when the server ended this one of two that waited for each other: nothing of it was done. A part of a
 * larger transaction can't be tried alone, and is not.
 */
export const retryDeadlock = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.contextWithEffect((context: Context.Context<R>) =>
    inTransaction(context)
      ? effect
      : Effect.retry(effect, {
          times: 5,
          while: (error) => error instanceof DatabaseError && Option.contains(error.sqlState, "40P01")
        })
  )

const inTransaction = (context: Context.Context<never>): boolean =>
  Option.isSome(Context.getOption(context, SqlClient.TransactionConnection))

const typed =
  (operation: string) =>
  <E>(cause: Cause.Cause<E>): Effect.Effect<never, Exclude<E, SqlError> | DatabaseError> => {
    const sqlError = [...Cause.failures(cause), ...Cause.defects(cause)].find(isSqlError)
    return sqlError === undefined
      ? Effect.failCause(Cause.flatMap(cause, (error) => (isOther(error) ? Cause.fail(error) : Cause.empty)))
      : Effect.fail(DatabaseError.from(operation, sqlError))
  }

const isOther = <E>(error: E): error is Exclude<E, SqlError> => !isSqlError(error)
