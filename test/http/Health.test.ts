import * as SqlClient from "@effect/sql/SqlClient"
import { layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { expect } from "vitest"
import { Readiness } from "../../src/http/Readiness.ts"
import * as TestDatabase from "../support/TestDatabase.ts"
import * as Service from "./Service.ts"

layer(Service.layer, { excludeTestServices: true })("the health routes", (it) => {
  it.effect("say that the process lives and is ready", () =>
    Effect.gen(function* () {
      expect(yield* Service.request("/healthz")).toMatchObject({ status: 200, body: { status: "alive" } })
      expect(yield* Service.request("/readyz")).toMatchObject({ status: 200, body: { status: "ready" } })
      expect(yield* Service.request("/healthz", { method: "HEAD" })).toMatchObject({ status: 200 })
    })
  )

  it.effect("answer what is not there, and what can't be done there, in JSON", () =>
    Effect.gen(function* () {
      expect(yield* Service.request("/nowhere")).toMatchObject({
        status: 404,
        body: { error: expect.any(String) }
      })
      const wrong = yield* Service.request("/api/github/webhooks?x=1")
      expect(wrong).toMatchObject({ status: 405, body: { error: expect.stringContaining("POST") } })
      expect(wrong.headers.get("allow")).toBe("POST")
      expect((yield* Service.request("/readyz", { method: "DELETE" })).status).toBe(405)
    })
  )

  it.effect("carry headers that keep a browser from doing anything with them", () =>
    Effect.gen(function* () {
      for (const path of ["/healthz", "/nowhere", "/api/github/webhooks"]) {
        const { headers } = yield* Service.request(path)
        expect(headers.get("x-content-type-options")).toBe("nosniff")
        expect(headers.get("content-security-policy")).toContain("default-src 'none'")
        expect(headers.get("content-type")).toContain("application/json")
      }
    })
  )
})

layer(Service.layer, { excludeTestServices: true })("a process that shuts down", (it) => {
  it.effect("is alive but not ready, and asks its clients to connect elsewhere", () =>
    Effect.gen(function* () {
      const readiness = yield* Readiness
      yield* readiness.startDraining
      const ready = yield* Service.request("/readyz")
      expect(ready).toMatchObject({
        status: 503,
        body: { reasons: [expect.stringContaining("shutting down")] }
      })
      expect(ready.headers.get("connection")).toBe("close")
      expect((yield* Service.request("/healthz")).status).toBe(200)
    })
  )
})

const empty = Service.served.pipe(
  Layer.provideMerge(TestDatabase.emptyLayer),
  Layer.provideMerge(Service.Log.layer),
  Layer.orDie
)

layer(empty, { excludeTestServices: true })("a process whose database is not migrated", (it) => {
  it.effect("is not ready and takes no webhook", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      expect(yield* sql`select 1 as one`).toEqual([{ one: 1 }])
      expect(yield* Service.request("/readyz")).toMatchObject({
        status: 503,
        body: { reasons: [expect.stringContaining("migrations are not applied")] }
      })
      expect((yield* Service.deliver({ payload: Service.pullRequestEvent({}) })).status).toBe(503)
    })
  )
})
