/** Effect's own queue on SQL. It polls, every second unless told otherwise; here it is told otherwise. */
import * as PersistedQueue from "@effect/experimental/PersistedQueue"
import * as SqlClient from "@effect/sql/SqlClient"
import * as SqlPersistedQueue from "@effect/sql/SqlPersistedQueue"
import * as PgClient from "@effect/sql-pg/PgClient"
import { Effect, Layer, Redacted, Schema } from "effect"
import type { Rival } from "./Rival.ts"

const pollMillis = 50

const layerOf = (url: string) =>
  PersistedQueue.layer.pipe(
    Layer.provide(SqlPersistedQueue.layerStore({ pollInterval: pollMillis })),
    Layer.provideMerge(PgClient.layer({ url: Redacted.make(url) })),
    Layer.orDie
  )

const queue = PersistedQueue.make({ name: "noop", schema: Schema.Struct({ job: Schema.Number }) })

const on =
  (url: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.flatMap(Layer.build(layerOf(url)), (services) => Effect.provide(effect, services))

export const effectQueue: Rival = {
  prepare: (url) => Effect.scoped(on(url)(Effect.void)),
  producer: (url) =>
    on(url)(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const { offer } = yield* queue
        return {
          one: (job: number) => offer({ job }).pipe(Effect.orDie, Effect.asVoid),
          many: (jobs: ReadonlyArray<number>) =>
            Effect.forEach(jobs, (job) => offer({ job }), { discard: true }).pipe(
              sql.withTransaction,
              Effect.orDie
            )
        }
      })
    ),
  work: (url, { concurrency, onStart }) =>
    on(url)(
      Effect.gen(function* () {
        const { take } = yield* queue
        const taker = Effect.forkScoped(Effect.forever(take(() => Effect.sync(onStart))))
        yield* Effect.replicateEffect(taker, concurrency, { discard: true })
      })
    ),
  unfinished: "exists (select from effect_queue where not completed)",
  pollMillis
}
