/** Requests that a vendor would not take are not taken here either. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { ModelSandbox } from "../../src/sandbox/ModelSandbox.ts"
import { field } from "./Client.ts"
import {
  askAnthropic,
  post,
  postAzure,
  postChat,
  postMessages,
  postResponses,
  reviewFormat
} from "./ModelClients.ts"

const tool = { name: "review", input_schema: { type: "object" } }

/** A JSON schema as Chat Completions take it. */
const strictly = (schema: unknown) => ({
  response_format: { type: "json_schema", json_schema: { name: "review", strict: true, schema } }
})

describe("a request to Anthropic", () => {
  it.scopedLive("is refused when it breaks the schema, in Anthropic's format", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      const wrong: ReadonlyArray<readonly [{ readonly [name: string]: unknown }, RegExp]> = [
        [{ max_tokens: undefined }, /^max_tokens: /],
        [{ messages: [{ role: "system", content: "x" }] }, /^messages\.0\.role: /],
        [{ messages: [] }, /^messages: at least one/],
        [{ temperature: 2 }, /^temperature: /],
        [{ response_format: { type: "json_object" } }, /^response_format: Extra inputs are not permitted$/],
        [{ tools: [{ ...tool, input_schema: { anyOf: [] } }] }, /input_schema/],
        [{ tools: [tool], tool_choice: { type: "tool", name: "other" } }, /'other' not found/],
        [{ stream: true }, /^stream: /]
      ]
      for (const [more, message] of wrong) {
        const answer = yield* postMessages(models, more)
        expect(answer.status).toBe(400)
        expect(answer.body).toMatchObject({ type: "error", error: { type: "invalid_request_error" } })
        expect(field(answer.body, "error", "message")).toMatch(message)
      }
      expect((yield* models.journal.entries).map(({ question }) => question)).toEqual(
        wrong.map(() => undefined)
      )
    })
  )

  it.scopedLive("needs a version and a key", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      const key = { "x-api-key": Redacted.value(models.apiKey) }
      const unversioned = yield* post(models, "/v1/messages", key, {})
      expect(field(unversioned.body, "error", "message")).toBe("anthropic-version: header is required")
      const anonymous = yield* post(models, "/v1/messages", { "anthropic-version": "2023-06-01" }, {})
      expect(anonymous.status).toBe(401)
      expect(field(anonymous.body, "error")).toEqual({
        type: "authentication_error",
        message: "x-api-key header is required"
      })
      const stranger = yield* postMessages(models, {}, { "x-api-key": "sk-other" })
      expect(field(stranger.body, "error", "message")).toBe("invalid x-api-key")
    })
  )

  it.scopedLive("is refused when the client lets a setting of its own through", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      const error = yield* Effect.flip(askAnthropic(models, { config: { disableParallelToolCalls: true } }))
      expect(error).toMatchObject({ _tag: "HttpResponseError", response: { status: 400 } })
    })
  )
})

describe("a request to OpenAI", () => {
  it.scopedLive("is refused when it breaks the schema, in OpenAI's format", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      const answers = [
        yield* postResponses(models, { temperature: 3 }),
        yield* postResponses(models, { model: undefined }),
        yield* postResponses(models, { messages: [] }),
        yield* postResponses(models, { stream: true }),
        yield* postResponses(models, { text: { format: { type: "json_object" } } }),
        yield* postChat(models, { messages: [] }),
        yield* postChat(models, { messages: [{ role: "user", content: 7 }] }),
        yield* postChat(models, { max_output_tokens: 5 }),
        yield* postChat(models, { stream: true }),
        yield* postChat(models, { response_format: { type: "json_object" } })
      ]
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 400))
      const parts = answers.map(({ body }) => [
        field(body, "error", "param"),
        field(body, "error", "code"),
        field(body, "error", "type")
      ])
      const type = "invalid_request_error"
      expect(parts).toEqual([
        ["temperature", "invalid_value", type],
        ["model", null, type],
        ["messages", "unknown_parameter", type],
        ["stream", null, type],
        ["text.format", null, type],
        ["messages[0]", "invalid_value", type],
        ["messages[0].content", "invalid_value", type],
        ["max_output_tokens", "unknown_parameter", type],
        ["stream", null, type],
        ["response_format", null, type]
      ])
    })
  )

  it.scopedLive("must be JSON and carry the key as a bearer token", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      const authorization = `Bearer ${Redacted.value(models.apiKey)}`
      expect((yield* post(models, "/v1/responses", { authorization }, "{")).status).toBe(400)
      expect((yield* post(models, "/v1/responses", {}, {})).status).toBe(401)
      const wrong = yield* post(models, "/v1/responses", { authorization: "Bearer sk-other" }, {})
      expect(wrong.status).toBe(401)
      expect(field(wrong.body, "error", "code")).toBe("invalid_api_key")
    })
  )

  it.scopedLive("must keep to the strict part of JSON Schema where it says strict", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      const open = { type: "object", properties: {}, required: [] }
      const closed = { ...open, additionalProperties: false }
      const list = (items: unknown) => ({
        ...closed,
        properties: { list: { type: "array", items } },
        required: ["list"]
      })
      const wrong: ReadonlyArray<readonly [unknown, string]> = [
        [{ anyOf: [closed] }, "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"None\"'."],
        [open, "In context=(), 'additionalProperties' is required to be supplied and to be false."],
        [
          list(open),
          "In context=('properties', 'list', 'items'), 'additionalProperties' is required to be supplied and to be false."
        ],
        [
          { ...closed, properties: { line: { type: "integer" } } },
          "In context=(), 'required' is required to be supplied and to be an array including every key in properties. Missing 'line'."
        ],
        [list({ allOf: [] }), "In context=('properties', 'list', 'items'), 'allOf' is not permitted."]
      ]
      for (const [schema, complaint] of wrong) {
        const answer = yield* postChat(models, strictly(schema))
        expect(field(answer.body, "error")).toMatchObject({
          code: "invalid_json_schema",
          param: "response_format",
          message: `Invalid schema for response_format 'review': ${complaint}`
        })
      }
      expect((yield* postChat(models, strictly(list(closed)))).status).toBe(200)
      const loose = { name: "review", schema: open, type: "json_schema" }
      expect((yield* postResponses(models, { text: { format: loose } })).status).toBe(200)
      expect((yield* postResponses(models, { text: { format: { ...loose, strict: true } } })).status).toBe(
        400
      )
    })
  )

  it.scopedLive("finds no JSON schemas on a server that doesn't know them", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make({ chatJsonSchema: false })
      for (const send of [postChat, postAzure]) {
        const refused = yield* send(models, { response_format: reviewFormat })
        expect(refused.status).toBe(400)
        expect(field(refused.body, "error", "param")).toBe("response_format")
        const messages = [{ role: "user", content: "Answer in JSON" }]
        const older = yield* send(models, { messages, response_format: { type: "json_object" } })
        expect(field(older.body, "choices", 0, "message", "content")).toBe('{"findings":[]}')
      }
    })
  )
})

describe("a request to Azure", () => {
  it.scopedLive("needs a version in its older form, and the key where Azure looks for it", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make()
      const path = "/openai/deployments/reviewer/chat/completions"
      const unversioned = yield* postAzure(models, {}, path)
      expect(unversioned.status).toBe(404)
      expect(unversioned.body).toEqual({ error: { code: "404", message: "Resource not found" } })
      const anonymous = yield* post(models, `${path}?api-version=2024-10-21`, {}, {})
      expect(anonymous.status).toBe(401)
      expect(field(anonymous.body, "error", "code")).toBe("401")
      const token = { authorization: `Bearer ${Redacted.value(models.apiKey)}` }
      const body = { messages: [{ role: "user", content: "Hello" }] }
      expect((yield* post(models, `${path}?api-version=2024-10-21`, token, body)).status).toBe(200)
    })
  )
})
