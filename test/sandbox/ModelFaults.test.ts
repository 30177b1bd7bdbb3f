import { CreateChatCompletionResponse } from "@effect/ai-openai/Generated"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Redacted, Schema } from "effect"
import { ModelSandbox, tokensOf } from "../../src/sandbox/ModelSandbox.ts"
import { field } from "./Client.ts"
import {
  askAnthropic,
  askOpenAi,
  example,
  postAzure,
  postChat,
  postMessages,
  postResponses,
  reviewFormat
} from "./ModelClients.ts"

describe("a fault", () => {
  it.scopedLive("can be for one account's key, and the journal tells whose key asked", () =>
    Effect.gen(function* () {
      const other = Redacted.make("sk-customer-key")
      const models = yield* ModelSandbox.make({ otherApiKeys: [other] })
      yield* models.faults.add({
        fault: { _tag: "RateLimited", retryAfterSeconds: 60 },
        account: 1,
        count: null
      })
      yield* askAnthropic(models)
      yield* Effect.flip(askOpenAi(models, other))
      yield* askOpenAi(models)
      const entries = yield* models.journal.entries
      expect(entries.map(({ fault, question }) => [question?.account, fault])).toEqual([
        [0, undefined],
        [1, "RateLimited"],
        [0, undefined]
      ])
    })
  )
})

describe("a connection", () => {
  it.scopedLive("is cut before the answer or in the middle of it", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      yield* models.faults.add({ fault: { _tag: "Cut", when: "before" } })
      const before = yield* Effect.flip(askAnthropic(models))
      expect(before._tag).toBe("HttpRequestError")
      yield* models.faults.add({ fault: { _tag: "Cut", when: "amid" }, count: 2 })
      const amid = yield* Effect.flip(askOpenAi(models))
      expect(amid).toMatchObject({ _tag: "HttpResponseError", reason: "Decode" })
      const begun = yield* Effect.promise(() =>
        fetch(`${models.url}/v1/chat/completions`, {
          method: "POST",
          headers: { authorization: `Bearer ${Redacted.value(models.apiKey)}` },
          body: JSON.stringify({ model: "chat-test", messages: [{ role: "user", content: "Hello" }] })
        })
      )
      expect(begun.status).toBe(200)
      expect(Number(begun.headers.get("content-length"))).toBeGreaterThan(0)
      expect(Exit.isFailure(yield* Effect.exit(Effect.tryPromise(() => begun.text())))).toBe(true)
      const entries = yield* models.journal.entries
      expect(entries.map(({ fault, stage, answer }) => [fault, stage, answer])).toEqual(
        Array(3).fill(["Cut", "finished", undefined])
      )
      expect((yield* askOpenAi(models)).value).toEqual({ findings: [] })
    })
  )

  it.scopedLive("is held until it is released, and forgotten when the client goes away", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      const hold = yield* models.faults.add({ fault: { _tag: "Hold" }, count: null })
      const leaving = yield* Effect.fork(askAnthropic(models))
      yield* models.journal.awaitQuestion({ stage: "received" })
      yield* Fiber.interrupt(leaving)
      expect((yield* models.journal.awaitQuestion()).answer).toBeUndefined()
      const waiting = yield* Effect.fork(askOpenAi(models))
      const held = yield* models.journal.awaitQuestion({ vendor: "openai", stage: "received" })
      expect(held.stage).toBe("received")
      yield* models.script(() => ({ json: example }))
      yield* hold.release
      expect((yield* Fiber.join(waiting)).value).toEqual(example)
      expect(yield* hold.hits).toBe(2)
    })
  )

  it.scopedLive("does not keep the sandbox from stopping", () =>
    Effect.gen(function* () {
      const stopped = yield* Effect.gen(function* () {
        const models = yield* ModelSandbox.make()
        yield* models.faults.add({ fault: { _tag: "Hold" } })
        yield* Effect.forkDaemon(postChat(models))
        yield* models.journal.awaitQuestion({ stage: "received" })
      }).pipe(Effect.scoped, Effect.timeout("5 seconds"), Effect.exit)
      expect(Exit.isSuccess(stopped)).toBe(true)
    })
  )

  it.scopedLive("is slow", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      yield* models.faults.add({ fault: { _tag: "Delay", milliseconds: 60_000 } })
      const waiting = yield* Effect.fork(askAnthropic(models))
      yield* models.journal.awaitQuestion({ stage: "received" })
      expect((yield* askOpenAi(models)).value).toEqual({ findings: [] })
      expect((yield* models.journal.entries)[0]?.stage).toBe("received")
      yield* Fiber.interrupt(waiting)
    })
  )
})

const decodeCompletion = Schema.decodeUnknown(CreateChatCompletionResponse)

describe("a refusal", () => {
  it.scopedLive("is told as each vendor tells it", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      yield* models.faults.add({ fault: { _tag: "Refused" }, count: null })
      const message = (yield* postMessages(models)).body
      expect(message).toMatchObject({ stop_reason: "refusal", content: [] })
      const response = (yield* postResponses(models)).body
      expect(field(response, "status")).toBe("completed")
      expect(field(response, "output", 0, "content", 0, "type")).toBe("refusal")
      for (const send of [postChat, postAzure]) {
        const { choices } = yield* decodeCompletion((yield* send(models)).body)
        expect(choices[0]).toMatchObject({ finish_reason: "stop", message: { content: null } })
        expect(choices[0]?.message.refusal).toMatch(/can't help/)
      }
    })
  )

  it.scopedLive("may be a filter's", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      yield* models.script(() => ({ fault: { _tag: "Refused", by: "filter" } }))
      const response = (yield* postResponses(models)).body
      expect(response).toMatchObject({
        status: "incomplete",
        incomplete_details: { reason: "content_filter" },
        output: []
      })
      const { choices } = yield* decodeCompletion((yield* postAzure(models)).body)
      expect(choices[0]?.finish_reason).toBe("content_filter")
      expect((yield* models.journal.awaitQuestion()).fault).toBe("Refused")
    })
  )

  it.scopedLive("is malformed output to the clients", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      yield* models.faults.add({ fault: { _tag: "Refused" }, count: null })
      expect(yield* Effect.flip(askAnthropic(models))).toMatchObject({
        _tag: "MalformedOutput",
        description: "No object was generated by the large language model"
      })
      expect(yield* Effect.flip(askOpenAi(models))).toMatchObject({
        _tag: "MalformedOutput",
        description: "Generated object failed to conform to provided schema"
      })
    })
  )
})

describe("an answer that is cut short", () => {
  it.scopedLive("is half a JSON text, or an input that lacks a property", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make({ script: () => ({ json: { ...example, summary: "Bad" } }) })
      yield* models.faults.add({ fault: { _tag: "Truncated" }, count: null })
      const tools = [{ name: "review", input_schema: { type: "object" } }]
      const message = yield* postMessages(models, { tools, tool_choice: { type: "tool", name: "review" } })
      expect(field(message.body, "stop_reason")).toBe("max_tokens")
      expect(field(message.body, "content", 0, "type")).toBe("tool_use")
      expect(field(message.body, "content", 0, "input")).toEqual(example)
      const response = (yield* postResponses(models)).body
      expect(response).toMatchObject({
        status: "incomplete",
        incomplete_details: { reason: "max_output_tokens" }
      })
      const text = String(field(response, "output", 0, "content", 0, "text"))
      expect(text).toMatch(/^\{"findings":\[/)
      expect(() => JSON.parse(text)).toThrow()
      expect(field(response, "usage", "output_tokens")).toBe(tokensOf(text))
      const answer = yield* postChat(models, { response_format: reviewFormat })
      const { choices } = yield* decodeCompletion(answer.body)
      expect(choices[0]).toMatchObject({ finish_reason: "length", message: { content: text } })
    })
  )

  it.scopedLive("can still have all that is asked for, so that Anthropic's client takes it for whole", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make({ script: () => ({ json: { ...example, summary: "Bad" } }) })
      yield* models.faults.add({ fault: { _tag: "Truncated" } })
      const response = yield* askAnthropic(models)
      expect(response.value).toEqual(example)
      expect(response.finishReason).toBe("length")
    })
  )

  it.scopedLive("is malformed output to the clients", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      yield* models.faults.add({ fault: { _tag: "Truncated" }, count: null })
      expect((yield* Effect.flip(askAnthropic(models)))._tag).toBe("MalformedOutput")
      expect((yield* Effect.flip(askOpenAi(models)))._tag).toBe("MalformedOutput")
    })
  )
})

describe("a rule", () => {
  it.scopedLive("concerns the nth question of a vendor or a model, and so many after it", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      const rule = yield* models.faults.add({
        fault: { _tag: "ServerFailure", status: 500 },
        vendor: "azure",
        model: "reviewer",
        nth: 2,
        count: 2
      })
      yield* postAzure(models, {}, "/openai/v1/chat/completions")
      yield* postAzure(models, { stream: true })
      yield* postChat(models)
      const statuses = yield* Effect.replicateEffect(postAzure(models), 4)
      expect(statuses.map(({ status }) => status)).toEqual([200, 500, 500, 200])
      expect(yield* rule.hits).toBe(2)
    })
  )
})
