/** What a claim, or an enqueue, costs the database: the pages of the jobs' table and its indexes that it visits, whoever else is there. */
import { assert } from "@effect/vitest"
import { Effect, Schema } from "effect"
import type { WorkerId } from "../../../src/queue/Job.ts"
import type * as Bystander from "./Bystander.ts"

const decode = Schema.decodeUnknown(Schema.Tuple(Schema.Struct({ pages: Schema.Int })))

type Client = Effect.Effect.Success<ReturnType<typeof Bystander.make>>

/** How many pages this connection has visited in its transaction. */
const visited = ({ sql }: Client) =>
  sql`
    select sum(pg_stat_get_xact_blocks_fetched(relation))::integer as pages
    from (
      select 'review_jobs'::regclass::oid as relation
      union all select indexrelid from pg_index where indrelid = 'review_jobs'::regclass
    ) relations`.pipe(
    Effect.flatMap(decode),
    Effect.map(([{ pages }]) => pages)
  )

/** How many pages this visits, and what it comes to; all that it writes is taken back. */
export const of = <A, E, R>(client: Client, effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const before = yield* visited(client)
    const value = yield* effect
    const pages = (yield* visited(client)) - before
    return yield* Effect.fail({ _tag: "Measured", pages, value } as const)
  }).pipe(
    client.sql.withTransaction,
    Effect.catchTag("Measured", (measured) => Effect.succeed(measured))
  )

const places = 3
const rounds = 31

/** The median of some claims, each of which brings what has just been enqueued for all places of a worker. */
export const ofClaims = (client: Client, worker: WorkerId) =>
  Effect.gen(function* () {
    const { enqueueMany, sql, store } = client
    const costs: Array<number> = []
    for (let round = 0; round < rounds; round++) {
      const ids = yield* enqueueMany(places, { do: "complete" })
      const { jobs } = yield* Effect.gen(function* () {
        const before = yield* visited(client)
        const claims = yield* store.claim(worker, places)
        costs.push((yield* visited(client)) - before)
        return claims
      }).pipe(sql.withTransaction)
      assert.deepStrictEqual(
        jobs.map(({ job }) => job.id),
        ids
      )
      const settlements = jobs.map(({ lease }) => ({ lease, disposition: { _tag: "Complete" } as const }))
      yield* store.exchange(worker, settlements, 0)
    }
    return costs.sort((a, b) => a - b)[rounds >> 1] ?? 0
  })

/** The median of some enqueues. */
export const ofEnqueues = (client: Client) =>
  Effect.gen(function* () {
    const { enqueue, sql } = client
    const costs: Array<number> = []
    for (let round = 0; round < rounds; round++) {
      yield* Effect.gen(function* () {
        const before = yield* visited(client)
        yield* enqueue({ do: "complete" })
        costs.push((yield* visited(client)) - before)
      }).pipe(sql.withTransaction)
    }
    return costs.sort((a, b) => a - b)[rounds >> 1] ?? 0
  })
