import { Effect, Schema } from "effect"
import type { JobId } from "../../Job.ts"
import type { JobCounts } from "../../JobStore.ts"
import { CountRow, decodeJob, decodeTransition } from "./Rows.ts"
import { operation, type Sql } from "./Sql.ts"

export const find = ({ jobs, sql }: Sql, id: JobId) =>
  sql`select * from ${jobs} where id = ${id}`.pipe(
    Effect.flatMap(([row]) =>
      row === undefined ? Effect.succeedNone : Effect.asSome(Effect.orDie(decodeJob(row)))
    ),
    operation("JobStore.find")
  )

export const counts = ({ jobs, sql }: Sql) =>
  Effect.gen(function* () {
    const rows = yield* sql`select status, count(*) as count from ${jobs} group by status`
    const counted = yield* Effect.orDie(Schema.decodeUnknown(Schema.Array(CountRow))(rows))
    const of = (status: keyof JobCounts) => counted.find((row) => row.status === status)?.count ?? 0
    return {
      pending: of("pending"),
      processing: of("processing"),
      completed: of("completed"),
      failed: of("failed"),
      cancelled: of("cancelled")
    } satisfies JobCounts
  }).pipe(operation("JobStore.counts"))

export const transitions = ({ ledger, sql }: Sql, id: JobId) =>
  sql`select * from ${ledger} where job_id = ${id} order by id`.pipe(
    Effect.flatMap(Effect.forEach((row) => Effect.orDie(decodeTransition(row)))),
    operation("JobStore.transitions")
  )
