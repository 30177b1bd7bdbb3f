/** Each vendor's own errors and rate limits. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { type ModelFault, ModelSandbox, type ModelSandboxService } from "../../src/sandbox/ModelSandbox.ts"
import { field } from "./Client.ts"
import { askAnthropic, askOpenAi, postAzure, postChat, postMessages, postResponses } from "./ModelClients.ts"

const posts = { anthropic: postMessages, openai: postResponses, chat: postChat, azure: postAzure }

/** The error bodies of all vendors, with the statuses and one part of the body. */
const errors = (models: ModelSandboxService, fault: ModelFault, ...path: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    yield* models.faults.clear
    yield* models.faults.add({ fault, count: null })
    return yield* Effect.forEach(Object.values(posts), (send) =>
      Effect.map(send(models), ({ status, body }) => [status, field(body, "error", ...path)])
    )
  })

describe("an error on demand", () => {
  it.scopedLive("has each vendor's own status and code", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      const types = (fault: ModelFault) => errors(models, fault, "type")
      const codes = (fault: ModelFault) => errors(models, fault, "code")
      const anthropic = (all: ReadonlyArray<ReadonlyArray<unknown>>) => all[0]
      const others = (all: ReadonlyArray<ReadonlyArray<unknown>>) => all.slice(1)

      const invalidKey: ModelFault = { _tag: "InvalidKey" }
      expect(anthropic(yield* types(invalidKey))).toEqual([401, "authentication_error"])
      expect(others(yield* codes(invalidKey))).toEqual([
        [401, "invalid_api_key"],
        [401, "invalid_api_key"],
        [401, "401"]
      ])
      const forbidden: ModelFault = { _tag: "Forbidden" }
      expect(anthropic(yield* types(forbidden))).toEqual([403, "permission_error"])
      expect(others(yield* codes(forbidden))).toEqual([
        [403, "model_not_found"],
        [403, "model_not_found"],
        [403, "403"]
      ])
      const unknownModel: ModelFault = { _tag: "UnknownModel" }
      expect(anthropic(yield* types(unknownModel))).toEqual([404, "not_found_error"])
      expect(others(yield* codes(unknownModel))).toEqual([
        [404, "model_not_found"],
        [404, "model_not_found"],
        [404, "DeploymentNotFound"]
      ])
      const tooLong: ModelFault = { _tag: "ContextTooLong" }
      expect(anthropic(yield* types(tooLong))).toEqual([400, "invalid_request_error"])
      expect(anthropic(yield* errors(models, tooLong, "message"))).toEqual([
        400,
        "prompt is too long: 200002 tokens > 200000 maximum"
      ])
      expect(others(yield* codes(tooLong))).toEqual(Array(3).fill([400, "context_length_exceeded"]))
      const rejected: ModelFault = { _tag: "PromptRejected" }
      expect(anthropic(yield* types(rejected))).toEqual([400, "invalid_request_error"])
      expect(others(yield* codes(rejected))).toEqual([
        [400, "invalid_prompt"],
        [400, "invalid_prompt"],
        [400, "content_filter"]
      ])
      const broke: ModelFault = { _tag: "OutOfCredit" }
      expect(anthropic(yield* types(broke))).toEqual([400, "invalid_request_error"])
      expect(others(yield* codes(broke))).toEqual(Array(3).fill([429, "insufficient_quota"]))
    })
  )

  it.scopedLive("of the server has each vendor's body, or a gateway's page", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      const failure = (status: 500 | 502 | 503 | 529) =>
        errors(models, { _tag: "ServerFailure", status }, "type")
      const openAi = (status: number) => Array(3).fill([status, "server_error"])
      expect(yield* failure(500)).toEqual([[500, "api_error"], ...openAi(500)])
      expect(yield* failure(503)).toEqual([[503, "api_error"], ...openAi(503)])
      expect(yield* failure(529)).toEqual([[529, "overloaded_error"], ...openAi(529)])
      yield* failure(502)
      const page = yield* postMessages(models)
      expect(page.headers.get("content-type")).toBe("text/html")
      expect(page.body).toMatch(/502 Bad Gateway/)
    })
  )

  it.scopedLive("reaches the clients with its status", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      yield* models.faults.add({ fault: { _tag: "ServerFailure", status: 529 } })
      const overloaded = yield* Effect.flip(askAnthropic(models))
      expect(overloaded).toMatchObject({ _tag: "HttpResponseError", response: { status: 529 } })
      yield* models.faults.add({ fault: { _tag: "RateLimited", retryAfterSeconds: 7 } })
      const limited = yield* Effect.flip(askOpenAi(models))
      expect(limited).toMatchObject({
        _tag: "HttpResponseError",
        response: { status: 429, headers: { "retry-after": "7" } }
      })
    })
  )
})

describe("a rate limit", () => {
  it.scopedLive("says when to come back, in the headers that it is told to use", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      yield* models.faults.add({
        fault: { _tag: "RateLimited", retryAfterSeconds: 5, retryAfterMillis: 4500, resetSeconds: 3723 },
        count: 3
      })
      const now = Date.now()
      const anthropic = yield* postMessages(models)
      expect(anthropic.status).toBe(429)
      expect(field(anthropic.body, "error", "type")).toBe("rate_limit_error")
      expect(anthropic.headers.get("retry-after")).toBe("5")
      expect(anthropic.headers.get("retry-after-ms")).toBe("4500")
      const reset = anthropic.headers.get("anthropic-ratelimit-requests-reset") ?? ""
      expect(reset).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      expect(Date.parse(reset) - now).toBeGreaterThan(3_700_000)
      expect(anthropic.headers.get("anthropic-ratelimit-input-tokens-reset")).toBe(reset)
      for (const send of [postResponses, postAzure]) {
        const answer = yield* send(models)
        expect(answer.status).toBe(429)
        expect(answer.headers.get("retry-after")).toBe("5")
        expect(answer.headers.get("retry-after-ms")).toBe("4500")
        expect(answer.headers.get("x-ratelimit-reset-requests")).toBe("1h2m3s")
        expect(answer.headers.get("x-ratelimit-remaining-requests")).toBe("0")
      }
    })
  )

  it.scopedLive("says nothing when it is told nothing", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      yield* models.faults.add({ fault: { _tag: "RateLimited" }, count: null })
      for (const send of Object.values(posts)) {
        const answer = yield* send(models)
        expect(answer.status).toBe(429)
        expect([...answer.headers.keys()].filter((name) => /retry|ratelimit/.test(name))).toEqual([])
      }
    })
  )
})
