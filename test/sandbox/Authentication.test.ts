import { generateKeyPairSync } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { client, clientWith, field, installationToken, jwt, send } from "./Client.ts"
import { checked } from "./checked.ts"

const otherKey = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" }
}).privateKey

const seconds = () => Math.floor(Date.now() / 1000)

describe("the app's JWT", () => {
  it.scopedLive("is taken when the app's key signed it", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const answer = yield* send(sandbox, "GET", "/app", { authorization: `Bearer ${jwt(sandbox)}` })
        expect(answer.status).toBe(200)
        expect(field(answer.body, "slug")).toBe("holdfast-sandbox")
      })
    )
  )

  it.scopedLive("is refused with GitHub's words when it is wrong", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const cases: ReadonlyArray<readonly [string, RegExp]> = [
          [jwt(sandbox, {}, otherKey), /^A JSON web token could not be decoded$/],
          [jwt(sandbox, { iss: 1 }), /^A JSON web token could not be decoded$/],
          [jwt(sandbox, { exp: seconds() - 1 }), /must be a numeric value representing the future time/],
          [jwt(sandbox, { exp: seconds() + 660 }), /'exp'\) is too far in the future/],
          [jwt(sandbox, { iat: seconds() + 300 }), /'Issued at' claim/],
          ["nonsense", /^Bad credentials$/]
        ]
        for (const [token, message] of cases) {
          const answer = yield* send(sandbox, "GET", "/app", { authorization: `Bearer ${token}` })
          expect(answer.status).toBe(401)
          expect(field(answer.body, "message")).toMatch(message)
          expect(field(answer.body, "documentation_url")).toMatch(/^https:\/\/docs\.github\.com\/rest/)
          expect(field(answer.body, "status")).toBe("401")
        }
      })
    )
  )

  it.scopedLive("is also taken with the client id as issuer", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const state = yield* sandbox.view.state
        const answer = yield* send(sandbox, "GET", "/app", {
          authorization: `Bearer ${jwt(sandbox, { iss: state.app.clientId })}`
        })
        expect(answer.status).toBe(200)
      })
    )
  )
})

describe("installation tokens", () => {
  it.scopedLive("open the installation's repositories and no others", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const app = yield* client(sandbox)
        expect((yield* app.get("/repos/acme/web-shop")).status).toBe(200)
        expect((yield* app.get("/repos/ACME/Web-Shop")).status).toBe(200)
        expect((yield* app.get("/repos/acme/other")).status).toBe(404)
        expect((yield* app.get("/app")).status).toBe(401)
        expect((yield* send(sandbox, "GET", "/repos/acme/web-shop")).status).toBe(401)
      })
    )
  )

  it.scopedLive("can be limited to some repositories, but not widened", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        yield* sandbox.pulls.open({ content: { before: {}, after: { a: "1\n" } }, repo: "second" })
        const narrow = clientWith(sandbox, yield* installationToken(sandbox, { repositories: ["second"] }))
        expect((yield* narrow.get("/repos/acme/second")).status).toBe(200)
        expect((yield* narrow.get("/repos/acme/web-shop")).status).toBe(404)
        const wrong = yield* send(
          sandbox,
          "POST",
          `/app/installations/${sandbox.installationId}/access_tokens`,
          {
            authorization: `bearer ${jwt(sandbox)}`,
            body: { repositories: ["nowhere"] }
          }
        )
        expect(wrong.status).toBe(422)
      })
    )
  )

  it.scopedLive("expire after an hour, by the sandbox's clock", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const app = yield* client(sandbox)
        yield* sandbox.clock.advance("59 minutes")
        expect((yield* app.get("/repos/acme/web-shop")).status).toBe(200)
        yield* sandbox.clock.advance("61 seconds")
        const answer = yield* app.get("/repos/acme/web-shop")
        expect(answer.status).toBe(401)
        expect(field(answer.body, "message")).toBe("Bad credentials")
      })
    )
  )

  it.scopedLive("stop when the app is suspended or removed", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const app = yield* client(sandbox)
        yield* sandbox.webhooks.installation("suspend")
        expect((yield* app.get("/repos/acme/web-shop")).status).toBe(403)
        yield* sandbox.webhooks.installation("unsuspend")
        expect((yield* app.get("/repos/acme/web-shop")).status).toBe(200)
        yield* sandbox.webhooks.installation("deleted")
        expect((yield* app.get("/repos/acme/web-shop")).status).toBe(404)
      })
    )
  )

  it.scopedLive("do only what the app was granted", () =>
    checked(
      (sandbox) =>
        Effect.gen(function* () {
          const pull = yield* sandbox.pulls.open({ content: { before: {}, after: { a: "1\n" } } })
          const app = yield* client(sandbox)
          const path = `/repos/acme/web-shop/pulls/${pull.number}/reviews`
          expect((yield* app.get(path)).status).toBe(200)
          const answer = yield* app.post(path, { body: "Hello" })
          expect(answer.status).toBe(403)
          expect(field(answer.body, "message")).toBe("Resource not accessible by integration")
        }),
      { permissions: { metadata: "read", pull_requests: "read" } }
    )
  )
})

describe("every answer", () => {
  it.scopedLive("says how much of the rate limit is left, which all tokens of an installation share", () =>
    checked(
      (sandbox) =>
        Effect.gen(function* () {
          const first = yield* client(sandbox)
          const second = yield* client(sandbox)
          const one = yield* first.get("/repos/acme/web-shop")
          expect(one.headers.get("x-ratelimit-limit")).toBe("3")
          expect(one.headers.get("x-ratelimit-remaining")).toBe("2")
          expect(one.headers.get("x-ratelimit-resource")).toBe("core")
          expect(one.headers.get("x-github-request-id")).toMatch(/^[0-9A-F:]+$/)
          expect((yield* second.get("/repos/acme/web-shop")).headers.get("x-ratelimit-remaining")).toBe("1")
          yield* first.get("/repos/acme/web-shop")
          const over = yield* second.get("/repos/acme/web-shop")
          expect(over.status).toBe(403)
          expect(over.headers.get("x-ratelimit-remaining")).toBe("0")
          expect(field(over.body, "message")).toMatch(/^API rate limit exceeded for/)
          yield* sandbox.clock.advance("1 hour")
          expect((yield* first.get("/repos/acme/web-shop")).status).toBe(200)
        }),
      { rateLimit: 3, tokenLifetime: "2 hours" }
    )
  )

  it.scopedLive(
    "bears the time of the sandbox's clock, so that a client can tell how far its own is off",
    () =>
      checked((sandbox) =>
        Effect.gen(function* () {
          const app = yield* client(sandbox)
          yield* sandbox.clock.advance("30 minutes")
          const { headers } = yield* app.get("/repos/acme/web-shop")
          const ahead = Date.parse(headers.get("date") ?? "") - Date.now()
          expect(Math.abs(ahead - 1_800_000)).toBeLessThan(60_000)
        })
      )
  )

  it.scopedLive("is 404 for what is not there, and 400 for what is not JSON", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const app = yield* client(sandbox)
        expect((yield* app.get("/nothing/here")).status).toBe(404)
        const answer = yield* send(sandbox, "POST", "/repos/acme/web-shop/check-runs", {
          authorization: app.authorization,
          body: "{"
        })
        expect(answer.status).toBe(400)
        expect(field(answer.body, "message")).toBe("Problems parsing JSON")
      })
    )
  )
})
