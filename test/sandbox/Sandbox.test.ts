import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { client, field, jwt, send } from "./Client.ts"
import { checked } from "./checked.ts"

describe("a sandbox", () => {
  // This one runs under the TestClock, which stands still at 1970 until somebody moves it.
  it.scoped("keeps real time whatever clock its caller has", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const pull = yield* sandbox.pulls.open({ content: { before: {}, after: { a: "a\n" } } })
        yield* sandbox.faults.add({ fault: { _tag: "Delay", milliseconds: 20 } })
        const app = yield* client(sandbox)
        const answer = yield* app.get(`/repos/acme/web-shop/pulls/${pull.number}`)
        expect(answer.status).toBe(200)
        expect(field(answer.body, "created_at")).not.toMatch(/^1970/)
      })
    )
  )

  it.scopedLive("can be served below a path, as GitHub Enterprise Server is", () =>
    checked(
      (sandbox) =>
        Effect.gen(function* () {
          expect(sandbox.url).toMatch(/\/api\/v3$/)
          const app = yield* client(sandbox)
          const answer = yield* app.get("/repos/acme/web-shop")
          expect(field(answer.body, "url")).toBe(`${sandbox.url}/repos/acme/web-shop`)
          expect((yield* app.get(`${new URL(sandbox.url).origin}/repos/acme/other`)).status).toBe(404)
        }),
      { basePath: "/api/v3" }
    )
  )

  it.scopedLive("keeps a key that it is given, and several stand side by side", () =>
    Effect.gen(function* () {
      const first = yield* Sandbox.make()
      const second = yield* Sandbox.make({ privateKey: first.app.privateKey, appId: first.app.id })
      expect(second.url).not.toBe(first.url)
      expect(Redacted.value(second.app.privateKey)).toBe(Redacted.value(first.app.privateKey))
      const answer = yield* send(second, "GET", "/app", { authorization: `bearer ${jwt(first)}` })
      expect(answer.status).toBe(200)
    })
  )

  it.scopedLive("is there as a Layer, and says so when its port is taken", () =>
    Effect.gen(function* () {
      const context = yield* Layer.build(Sandbox.layer())
      const sandbox = yield* Effect.provide(Sandbox, context)
      const port = Number(new URL(sandbox.url).port)
      const error = yield* Effect.flip(Sandbox.make({ port }))
      expect(error._tag).toBe("ServeError")
    })
  )
})
