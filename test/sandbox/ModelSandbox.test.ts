import { CreateChatCompletionResponse } from "@effect/ai-openai/Generated"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Redacted, Schema } from "effect"
import { ModelSandbox, type Question, tokensOf } from "../../src/sandbox/ModelSandbox.ts"
import { field } from "./Client.ts"
import {
  askAnthropic,
  askOpenAi,
  example,
  post,
  postAzure,
  postChat,
  postMessages,
  promptText,
  reviewFormat
} from "./ModelClients.ts"

const decodeCompletion = Schema.decodeUnknown(CreateChatCompletionResponse)

describe("local language models", () => {
  it.scopedLive("answer Anthropic's client with the object that it asks for", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      yield* models.script(() => ({ json: example }))
      const response = yield* askAnthropic(models)
      expect(response.value).toEqual(example)
      expect(response.finishReason).toBe("stop")
      expect(response.usage).toMatchObject({
        inputTokens: tokensOf(promptText),
        outputTokens: tokensOf(JSON.stringify(example))
      })
    })
  )

  it.scopedLive("answer OpenAI's client with the object that it asks for", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      yield* models.script(() => ({ json: example }))
      const response = yield* askOpenAi(models)
      expect(response.value).toEqual(example)
      expect(response.finishReason).toBe("stop")
      expect(response.usage).toMatchObject({
        inputTokens: tokensOf(promptText),
        outputTokens: tokensOf(JSON.stringify(example))
      })
    })
  )

  it.scopedLive("find nothing unless they are told what to say", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      expect((yield* askAnthropic(models)).value).toEqual({ findings: [] })
      expect((yield* askOpenAi(models)).value).toEqual({ findings: [] })
    })
  )

  it.scopedLive("answer chat completions, at Azure's paths too", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make({ script: () => ({ json: example }) })
      const paths = [
        postChat(models, { response_format: reviewFormat }),
        postAzure(models, { response_format: reviewFormat }),
        postAzure(models, { response_format: reviewFormat }, "/openai/v1/chat/completions")
      ]
      for (const path of paths) {
        const answer = yield* path
        expect(answer.status).toBe(200)
        const { choices, usage } = yield* decodeCompletion(answer.body)
        expect(choices[0]?.finish_reason).toBe("stop")
        expect(JSON.parse(choices[0]?.message.content ?? "")).toEqual(example)
        expect(usage).toMatchObject({
          prompt_tokens: 2,
          completion_tokens: tokensOf(JSON.stringify(example))
        })
      }
      const asked = (yield* models.journal.entries).map(({ question }) => [question?.vendor, question?.model])
      expect(asked).toEqual([
        ["openai-compatible", "chat-test"],
        ["azure", "reviewer"],
        ["azure", "chat-test"]
      ])
    })
  )

  it.scopedLive("give the script the question in the terms that all vendors share", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      const questions: Array<Question> = []
      yield* models.script((question) => {
        questions.push(question)
        return { json: { findings: [] } }
      })
      yield* askAnthropic(models)
      yield* askOpenAi(models)
      yield* askOpenAi(models)
      const same = { system: "You review code.", prompt: promptText, schemaName: "review" }
      expect(questions).toMatchObject([
        { ...same, vendor: "anthropic", model: "claude-test", attempt: 1 },
        { ...same, vendor: "openai", model: "gpt-test", attempt: 1 },
        { ...same, vendor: "openai", model: "gpt-test", attempt: 2 }
      ])
      for (const { schema, apiKey } of questions) {
        expect(field(schema, "properties", "findings", "items", "required")).toEqual(["title", "line"])
        expect(field(schema, "additionalProperties")).toBe(false)
        expect(Redacted.value(apiKey)).toBe(Redacted.value(models.apiKey))
      }
    })
  )

  it.scopedLive("say text that is no object, which the clients take for malformed", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make({ script: () => ({ text: "Looks good to me!" }) })
      const anthropic = yield* Effect.flip(askAnthropic(models))
      expect(anthropic).toMatchObject({
        _tag: "MalformedOutput",
        description: expect.stringMatching(/^No object was generated/)
      })
      expect(yield* Effect.flip(askOpenAi(models))).toMatchObject({ _tag: "MalformedOutput" })
      const answer = yield* postMessages(models)
      expect(field(answer.body, "content")).toEqual([{ type: "text", text: "Looks good to me!" }])
      expect(field(answer.body, "stop_reason")).toBe("end_turn")
    })
  )

  it.scopedLive("let a script take its time, and say so when it throws", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      yield* models.script(() => Effect.succeed({ json: example }).pipe(Effect.delay("10 millis")))
      expect((yield* askAnthropic(models)).value).toEqual(example)
      yield* models.script(() => {
        throw new Error("no such question")
      })
      const answer = yield* postChat(models)
      expect(answer.status).toBe(500)
      expect(field(answer.body, "error", "message")).toMatch(/script failed: .*no such question/)
    })
  )

  // This one runs under the TestClock, which stands still at 1970 until somebody moves it.
  it.scoped("keep real time whatever clock their caller has", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      yield* models.faults.add({ fault: { _tag: "Delay", milliseconds: 20 } })
      const answer = yield* postChat(models)
      expect(Number(field(answer.body, "created"))).toBeGreaterThan(1_700_000_000)
    })
  )

  it.scopedLive("are there as a Layer, and say so when their port is taken", () =>
    Effect.gen(function* () {
      const context = yield* Layer.build(ModelSandbox.layer({ apiKey: Redacted.make("sk-own") }))
      const models = yield* Effect.provide(ModelSandbox, context)
      expect(Redacted.value(models.apiKey)).toBe("sk-own")
      const error = yield* Effect.flip(ModelSandbox.make({ port: Number(new URL(models.url).port) }))
      expect(error._tag).toBe("ServeError")
    })
  )
})

describe("the journal", () => {
  it.scopedLive("keeps questions and answers, but no credentials", () =>
    Effect.gen(function* () {
      const other = Redacted.make("sk-customer-key")
      const models = yield* ModelSandbox.make({ otherApiKeys: [other] })
      yield* askAnthropic(models)
      yield* askOpenAi(models, other)
      yield* Effect.flip(askOpenAi(models, Redacted.make("sk-wrong-key")))
      const entries = yield* models.journal.entries
      expect(entries.map(({ vendor, expectedKey, answer }) => [vendor, expectedKey, answer?.status])).toEqual(
        [
          ["anthropic", true, 200],
          ["openai", false, 200],
          ["openai", false, 401]
        ]
      )
      expect(entries[0]).toMatchObject({
        path: "/v1/messages",
        stage: "finished",
        question: { prompt: promptText, attempt: 1 }
      })
      expect(entries[2]?.question).toBeUndefined()
      const text = JSON.stringify(entries)
      for (const key of [models.apiKey, other, Redacted.make("sk-wrong-key")]) {
        expect(text).not.toContain(Redacted.value(key))
      }
    })
  )

  it.scopedLive("lets one wait for a question that is still to come", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      const second = yield* Effect.fork(models.journal.awaitQuestion({ vendor: "azure", nth: 2 }))
      yield* postAzure(models)
      yield* postChat(models)
      yield* postAzure(models)
      expect((yield* Fiber.join(second)).sequence).toBe(3)
      yield* models.journal.clear
      expect(yield* models.journal.entries).toEqual([])
    })
  )

  it.scopedLive("has a line for what went to the wrong place", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      expect((yield* post(models, "/v1/completions", {}, {})).status).toBe(404)
      expect(yield* models.journal.entries).toMatchObject([
        { path: "/v1/completions", vendor: undefined, question: undefined, answer: { status: 404 } }
      ])
    })
  )
})
