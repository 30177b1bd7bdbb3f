/**
 * One connection of its own, outside the pool, for what belongs to a session: advisory locks and LISTEN. Its loss is
 * told, its end is bounded.
 */
import { Deferred, Duration, Effect, Predicate, Schema, type Scope } from "effect"
import pg from "pg"
import * as Connection from "./Connection.ts"
import { DatabaseError, DatabaseUnreachable } from "./DatabaseError.ts"

export interface Options extends Connection.Target {
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string
  /** How long connecting may take. */
  readonly connectTimeout?: Duration.DurationInput | undefined
  readonly onNotification?: ((notification: pg.Notification) => void) | undefined
}

/** Runs one statement on the session and returns its rows. */
export type Query = (
  statement: string,
  parameters?: ReadonlyArray<unknown>
) => Effect.Effect<ReadonlyArray<unknown>, DatabaseError>

export interface Session {
  readonly query: Query
  /**
   * Whether the server itself is at the other end, so that the session is this connection's own. A pooler gives its
   * clients a process number that it has made up, and in transaction mode a server's session only on loan, whatever one
   * look at it may show.
   */
  readonly isDirect: Effect.Effect<boolean, DatabaseError>
  /** Waits for the connection's loss. */
  readonly lost: Effect.Effect<never, DatabaseError>
}

/** How long the connection may take to end in order before it is cut. */
const endWithin = Duration.seconds(1)

/** Connects. Closing the scope ends the session, within a second even when the network is dead. */
export const open = (options: Options): Effect.Effect<Session, DatabaseUnreachable, Scope.Scope> =>
  Effect.gen(function* () {
    const unreachable = (cause: unknown) => DatabaseUnreachable.from(options, cause)
    const lost = yield* Deferred.make<never, DatabaseError>()
    const sockets: Connection.Sockets = new Set()
    const lose = (cause: unknown) =>
      Deferred.unsafeDone(lost, Effect.fail(DatabaseError.from(options.applicationName, cause)))

    const client = yield* Effect.acquireRelease(
      Effect.try({
        try: () => {
          const client = new pg.Client(
            // No limit for a statement: waiting for a lock is what some sessions are for.
            Connection.clientConfig(options, { ...options, statementTimeout: Duration.infinity }, sockets)
          )
          client.on("error", lose)
          client.on("end", () => lose(new Error("the connection was closed")))
          if (options.onNotification !== undefined) client.on("notification", options.onNotification)
          return client
        },
        catch: unreachable
      }),
      (client) =>
        Effect.promise(() => client.end()).pipe(
          Effect.interruptible,
          Effect.timeoutOption(endWithin),
          Effect.zipRight(Effect.sync(() => Connection.cut(sockets)))
        )
    )
    yield* Effect.tryPromise({ try: () => client.connect(), catch: unreachable })

    const turn = yield* Effect.makeSemaphore(1)
    const query: Query = (statement, parameters = []) =>
      Effect.tryPromise({
        try: () => client.query<object>(statement, [...parameters]),
        catch: (cause) => DatabaseError.from(options.applicationName, cause)
      }).pipe(
        Effect.map(({ rows }) => rows),
        turn.withPermits(1)
      )
    const isDirect = Effect.map(
      Effect.flatMap(query("select pg_backend_pid() as pid"), decodeBackend),
      ([{ pid }]) => Predicate.hasProperty(client, "processID") && client.processID === pid
    )
    return { query, isDirect, lost: Deferred.await(lost) }
  })

const Backend = Schema.Tuple(Schema.Struct({ pid: Schema.Number }))
const decodeBackend = (rows: unknown) => Effect.orDie(Schema.decodeUnknown(Backend)(rows))
