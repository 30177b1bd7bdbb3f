import { Chunk, Duration, Effect, Option, Schema, Stream } from "effect"
import type { StoreUnavailable } from "../../JobError.ts"
import type { Transition } from "../../Transition.ts"
import { CursorRow, decodeTransition, LineRow } from "./Rows.ts"
import { operation, type Sql } from "./Sql.ts"

/** The pause between two looks while nothing happens. */
const lookEvery = Duration.millis(500)

/** How many lines one look takes. */
const page = 500

interface Cursor {
  readonly xid: string
  readonly id: string
}

const decodeCursor = Schema.decodeUnknown(Schema.Tuple(CursorRow))
const decodeLines = Schema.decodeUnknown(Schema.Array(LineRow))

/** The end of the ledger: behind the lines of all transactions that were over before the oldest open one began. */
const end = ({ sql }: Sql) =>
  sql`select pg_snapshot_xmin(pg_current_snapshot())::text as xid, '0' as id`.pipe(
    Effect.flatMap((rows) => Effect.orDie(decodeCursor(rows))),
    Effect.map(([cursor]): Cursor => cursor)
  )

/**
 * The lines after the cursor of transactions that are over for good: no line can come to stand before them any more.
 * So a transaction that stays open holds the feed up, but makes it miss nothing. Index job_transitions_xid.
 */
const look = ({ ledger, sql }: Sql, after: Cursor) =>
  Effect.gen(function* () {
    const rows = yield* sql`
      select *, xid::text as "after" from ${ledger}
      where (xid, id) > (${after.xid}::xid8, ${after.id}::bigint)
        and xid < pg_snapshot_xmin(pg_current_snapshot())
      order by xid, id limit ${page}`
    const last = (yield* Effect.orDie(decodeLines(rows))).at(-1)
    const lines = yield* Effect.forEach(rows, (row) => Effect.orDie(decodeTransition(row)))
    return [
      Chunk.unsafeFromArray(lines),
      last === undefined ? after : { xid: last.after, id: last.id }
    ] as const
  })

export const changes = (context: Sql): Stream.Stream<Transition, StoreUnavailable> =>
  Stream.unwrap(
    Effect.map(operation("JobStore.changes")(end(context)), (start) =>
      Stream.paginateChunkEffect(start, (cursor) =>
        operation("JobStore.changes")(look(context, cursor)).pipe(
          Effect.tap(([lines]) => (lines.length < page ? Effect.sleep(lookEvery) : Effect.void)),
          Effect.map(([lines, next]) => [lines, Option.some(next)] as const)
        )
      )
    )
  )
