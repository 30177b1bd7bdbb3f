import { Duration, Effect, Schema, Stream } from "effect"
import type { Target } from "../../../database/Connection.ts"
import { DatabaseError } from "../../../database/DatabaseError.ts"
import { listen } from "../../../database/Listen.ts"
import type { WorkerId } from "../../Job.ts"
import { StoreUnavailable } from "../../JobError.ts"
import { channel, operation, type Sql } from "./Sql.ts"
import { lockClass } from "./Workers.ts"

const Names = Schema.Struct({
  channel: Schema.String,
  lockClass: Schema.Int,
  /** The table, qualified: the session's own search_path need not be the pool's. */
  workers: Schema.String
})
const decodeNames = Schema.decodeUnknown(Schema.Tuple(Names))

const namesIn = (context: Sql) =>
  context.sql`
    select ${channel(context)} as channel, ${lockClass(context)} as "lockClass",
      format('%I.workers', ${context.schema}) as workers`.pipe(
    operation("JobStore.session"),
    Effect.flatMap((rows) => Effect.orDie(decodeNames(rows))),
    Effect.map(([names]) => names)
  )

/**
 * One connection of the worker's own carries both: LISTEN for the hints, and an advisory lock that the server frees in
 * the moment the process dies. Through a pooler the lock is not taken: in transaction mode neither works, and then the
 * poll and the lease serve, as they do alone when there is to be no session.
 */
export const session = (
  context: Sql,
  worker: WorkerId,
  target: Target | "none"
): Stream.Stream<void, StoreUnavailable> =>
  target === "none"
    ? Stream.concat(Stream.succeed(undefined), Stream.never)
    : connected(context, worker, target)

const connected = (context: Sql, worker: WorkerId, target: Target): Stream.Stream<void, StoreUnavailable> =>
  Stream.unwrap(
    Effect.map(namesIn(context), (names) =>
      listen({
        ...target,
        channel: names.channel,
        applicationName: `holdfast worker ${worker}`,
        onConnect: ({ isDirect, query }) =>
          Effect.if(isDirect, {
            onTrue: () =>
              Effect.zipRight(
                // Shared, so that a session can come back while the server has not noticed yet that the old one is dead.
                query(`select pg_advisory_lock_shared(${names.lockClass}, ${worker})`),
                query(`update ${names.workers} set has_session = true where id = ${worker}`)
              ),
            // The lock would stay with one of the pooler's connections, and say nothing about this worker.
            onFalse: () =>
              Effect.zipRight(
                query(`update ${names.workers} set has_session = false where id = ${worker}`),
                Effect.logInfo(
                  "the database is behind a pooler: new jobs are found by polling, and a dead worker's by the end of their lease"
                )
              )
          }).pipe(
            Effect.timeoutFail({
              duration: Duration.seconds(5),
              onTimeout: () =>
                DatabaseError.from("JobStore.session", new Error("the session did not stand in time"))
            })
          )
      }).pipe(
        Stream.map(() => undefined),
        Stream.mapError(
          (cause) => new StoreUnavailable({ operation: "JobStore.session", message: cause.message, cause })
        )
      )
    )
  )
