/** The stores that are held against the model, each empty at the beginning of a history; or mutants of them. */
import * as SqlClient from "@effect/sql/SqlClient"
import { Context, Effect, Layer } from "effect"
import type { DatabaseUrl } from "../../../src/database/DatabaseUrl.ts"
import * as Memory from "../../../src/queue/JobStore/Memory.ts"
import * as Postgres from "../../../src/queue/JobStore/Postgres.ts"
import { JobStore } from "../../../src/queue/JobStore.ts"

type Mutate = (store: typeof JobStore.Service) => typeof JobStore.Service

const unchanged: Mutate = (store) => store

export const memory = (mutate: Mutate = unchanged) =>
  Effect.map(Layer.build(Memory.layer), (context) => mutate(Context.get(context, JobStore)))

/** In one database, which is emptied for each history. */
export const postgres = Effect.map(
  Effect.context<SqlClient.SqlClient | DatabaseUrl>(),
  (context) =>
    (mutate: Mutate = unchanged) =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`truncate workers, review_jobs, job_transitions, job_steps, reviews, findings restart identity`
        return mutate(yield* Postgres.make({ time: "injected" }))
      }).pipe(Effect.orDie, Effect.provide(context))
)
