import { it } from "@effect/vitest"
import { Effect, Exit, Layer, Redacted, Scope } from "effect"
import { expect } from "vitest"
import * as Database from "../../src/database/Database.ts"
import * as TestDatabase from "../support/TestDatabase.ts"
import * as Service from "./Service.ts"

it.scopedLive("without its database the service lives, is not ready, and asks GitHub to come again", () =>
  Effect.gen(function* () {
    const databaseLife = yield* Scope.make()
    const url = yield* Scope.extend(TestDatabase.url, databaseLife)
    const service = Service.served.pipe(
      Layer.provideMerge(Database.layerFromUrl({ url })),
      Layer.provideMerge(Service.Log.layer)
    )
    yield* Effect.gen(function* () {
      const payload = Service.pullRequestEvent({})
      expect((yield* Service.deliver({ payload })).status).toBe(202)
      yield* Scope.close(databaseLife, Exit.void)
      for (let times = 0; times < 3; times++) {
        const answered = yield* Service.deliver({ payload })
        expect(answered).toMatchObject({ status: 503, body: { error: expect.stringContaining("database") } })
        expect(Number(answered.headers.get("retry-after"))).toBeGreaterThan(0)
        expect(yield* Service.request("/readyz")).toMatchObject({
          status: 503,
          body: { reasons: ["the database does not answer"] }
        })
      }
      expect((yield* Service.request("/healthz")).status).toBe(200)
      // What needs no database is still told apart.
      expect((yield* Service.deliver({ payload, key: "wrong" })).status).toBe(401)
      const log = (yield* Service.Log).join("\n")
      expect(log).not.toContain(new URL(Redacted.value(url)).password || "no password")
    }).pipe(Effect.provide(service))
  })
)
