/**
 * A database of its own for a test file, or for one test; dropped afterwards.
 *
 * ```ts
 * layer(TestDatabase.layer, { excludeTestServices: true })("what is tested", (it) => {
 *   it.effect("does what a user would notice", () => Effect.gen(function* () {
 *     const sql = yield* SqlClient.SqlClient
 *     // …
 *   }))
 * })
 * ```
 *
 * Test services are left out because a TestClock does not wait for a real database. For one test:
 * `it.scopedLive("…", () => test.pipe(Effect.provide(TestDatabase.layer)))`. `layer()` changes the file's `it`, so put
 * tests without it into another file.
 */

import type * as SqlClient from "@effect/sql/SqlClient"
import type * as PgClient from "@effect/sql-pg/PgClient"
import { Effect, Layer, Redacted, type Scope } from "effect"
import { inject } from "vitest"
import * as Database from "../../src/database/Database.ts"
import { DatabaseUrl } from "../../src/database/DatabaseUrl.ts"
import * as Session from "../../src/database/Session.ts"
import { urlOf } from "./Server.ts"

type Services = PgClient.PgClient | SqlClient.SqlClient | DatabaseUrl

const admin = (statement: string) =>
  Effect.scoped(
    Effect.flatMap(
      Session.open({ url: Redacted.make(inject("serverUrl")), applicationName: "holdfast test" }),
      (session) => session.query(statement)
    )
  ).pipe(Effect.orDie)

const create = (from: string): Effect.Effect<Redacted.Redacted, never, Scope.Scope> =>
  Effect.gen(function* () {
    const name = `holdfast_test_${crypto.randomUUID().replaceAll("-", "")}`
    yield* Effect.acquireRelease(admin(`create database ${name} template ${from}`), () =>
      admin(`drop database if exists ${name} with (force)`)
    )
    return urlOf(inject("serverUrl"), name)
  })

/** The URL of a new database with all migrations applied, for tests that start processes. Dropped with the scope. */
export const url: Effect.Effect<Redacted.Redacted, never, Scope.Scope> = Effect.suspend(() =>
  create(inject("templateDatabase"))
)

/** The URL of a new database with nothing in it. Dropped with the scope. */
export const emptyUrl: Effect.Effect<Redacted.Redacted, never, Scope.Scope> = create("template0")

const clientFor = (make: typeof url): Layer.Layer<Services> =>
  Database.layer.pipe(
    Layer.provideMerge(
      Layer.scoped(
        DatabaseUrl,
        Effect.map(make, (url) => ({ url }))
      )
    ),
    Layer.orDie
  )

/** A client for a new database with all migrations applied. */
export const layer: Layer.Layer<Services> = clientFor(url)

/** A client for a new database with nothing in it. */
export const emptyLayer: Layer.Layer<Services> = clientFor(emptyUrl)
