import { randomUUID } from "node:crypto"
import * as SqlClient from "@effect/sql/SqlClient"
import { it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, TestClock } from "effect"
import { expect } from "vitest"
import * as Database from "../../src/database/Database.ts"
import { ingest } from "../../src/github/Ingest.ts"
import * as JobStorePostgres from "../../src/queue/JobStore/Postgres.ts"
import { pullRequestEvent } from "../http/Service.ts"
import * as TestDatabase from "../support/TestDatabase.ts"

const database = JobStorePostgres.layer.pipe(Layer.provideMerge(TestDatabase.layer))

/** Real queries, one after the other, until somebody waits for a lock. */
const somebodyWaits = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  sql`select 1 from pg_locks where not granted`.pipe(Effect.repeat({ until: (rows) => rows.length > 0 }))
)

it.scoped("a delivery is given up after 8 seconds, before GitHub gives up", () =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const locked = yield* Deferred.make<void>()
    const release = yield* Deferred.make<void>()
    const holder = yield* sql`lock table webhook_deliveries in access exclusive mode`.pipe(
      Effect.zipRight(Deferred.succeed(locked, undefined)),
      Effect.zipRight(Deferred.await(release)),
      Database.transaction("hold"),
      Effect.fork
    )
    yield* Deferred.await(locked)
    const delivery = yield* Effect.fork(
      Effect.flip(ingest({ guid: randomUUID(), event: "pull_request", payload: pullRequestEvent({}) }))
    )
    yield* somebodyWaits
    yield* TestClock.adjust("8 seconds")
    expect(yield* Fiber.join(delivery)).toMatchObject({ _tag: "IngestUnavailable" })
    yield* Deferred.succeed(release, undefined)
    yield* Fiber.join(holder)
  }).pipe(Effect.provide(database))
)
