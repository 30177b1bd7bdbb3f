/** Reading much as of one moment. */
import * as SqlClient from "@effect/sql/SqlClient"
import { Effect, Stream } from "effect"
import { guarded } from "./Database.ts"
import type { DatabaseError } from "./DatabaseError.ts"

/**
 * Runs the stream's statements in one read-only transaction, which sees the database as it was at its first statement,
 * on a connection of its own. The server ends it when the stream's consumer takes longer between two statements than a
 * transaction may be idle.
 */
export const snapshot =
  (operation: string) =>
  <A, E, R>(
    stream: Stream.Stream<A, E, R>
  ): Stream.Stream<A, E | DatabaseError, Exclude<R, SqlClient.TransactionConnection> | SqlClient.SqlClient> =>
    Stream.unwrapScoped(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const connection = yield* sql.reserve
        yield* Effect.acquireRelease(
          connection.executeRaw("begin isolation level repeatable read, read only", []),
          // A connection that is lost has nothing to roll back.
          () => Effect.ignore(connection.executeRaw("rollback", []))
        )
        return Stream.provideService(stream, SqlClient.TransactionConnection, [connection, 0])
      }).pipe(guarded(operation))
    )
