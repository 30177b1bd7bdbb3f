/** The vendors' own clients, pointed at a sandbox, and a plain one that hides nothing of what goes over the wire. */
import * as LanguageModel from "@effect/ai/LanguageModel"
import * as AnthropicClient from "@effect/ai-anthropic/AnthropicClient"
import * as AnthropicLanguageModel from "@effect/ai-anthropic/AnthropicLanguageModel"
import * as OpenAiClient from "@effect/ai-openai/OpenAiClient"
import * as OpenAiLanguageModel from "@effect/ai-openai/OpenAiLanguageModel"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { Effect, Layer, Redacted, Schema } from "effect"
import type { ModelSandboxService } from "../../src/sandbox/ModelSandbox.ts"
import { type Answer, Cut } from "./Client.ts"

export const Findings = Schema.Struct({
  findings: Schema.Array(Schema.Struct({ title: Schema.String, line: Schema.Int }))
})

export const example = { findings: [{ title: "The loop never ends", line: 3 }] }

const question = {
  prompt: [
    { role: "system" as const, content: "You review code." },
    { role: "user" as const, content: "Review this diff: +while (true) {}" }
  ],
  schema: Findings,
  objectName: "review"
}

export const promptText = question.prompt[1]?.content ?? ""

/** Only what the tests look at: a whole response takes vitest minutes to print when a test fails. */
const generate = Effect.map(LanguageModel.generateObject(question), ({ value, finishReason, usage }) => ({
  value,
  finishReason,
  usage: { ...usage }
}))

export const askAnthropic = (
  sandbox: ModelSandboxService,
  { apiKey = sandbox.apiKey, config = {} }: AnthropicOptions = {}
) =>
  Effect.provide(
    generate,
    AnthropicLanguageModel.layer({ model: "claude-test", config }).pipe(
      Layer.provide(AnthropicClient.layer({ apiKey, apiUrl: sandbox.url })),
      Layer.provide(FetchHttpClient.layer)
    )
  )

interface AnthropicOptions {
  readonly apiKey?: Redacted.Redacted
  readonly config?: Omit<AnthropicLanguageModel.Config.Service, "model">
}

export const askOpenAi = (sandbox: ModelSandboxService, apiKey = sandbox.apiKey) =>
  Effect.provide(
    generate,
    OpenAiLanguageModel.layer({ model: "gpt-test" }).pipe(
      Layer.provide(OpenAiClient.layer({ apiKey, apiUrl: `${sandbox.url}/v1` })),
      Layer.provide(FetchHttpClient.layer)
    )
  )

type Body = { readonly [name: string]: unknown }

/** POST with this body, a string being sent as it stands. */
export const post = (
  sandbox: ModelSandboxService,
  path: string,
  headers: { readonly [name: string]: string },
  body: Body | string
): Effect.Effect<Answer, Cut> =>
  Effect.tryPromise({
    try: async (signal) => {
      const response = await fetch(`${sandbox.url}${path}`, {
        method: "POST",
        signal,
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body)
      })
      const text = await response.text()
      const isJson = response.headers.get("content-type")?.startsWith("application/json") === true
      return {
        status: response.status,
        headers: response.headers,
        body: isJson ? (JSON.parse(text) as unknown) : text
      }
    },
    catch: () => new Cut()
  })

const bearer = (sandbox: ModelSandboxService) => ({
  authorization: `Bearer ${Redacted.value(sandbox.apiKey)}`
})

/** What every Messages request must have; more, or something else, is added. */
export const postMessages = (sandbox: ModelSandboxService, more: Body = {}, headers = {}) =>
  post(
    sandbox,
    "/v1/messages",
    { "x-api-key": Redacted.value(sandbox.apiKey), "anthropic-version": "2023-06-01", ...headers },
    { model: "claude-test", max_tokens: 100, messages: [{ role: "user", content: "Hello" }], ...more }
  )

export const postResponses = (sandbox: ModelSandboxService, more: Body = {}) =>
  post(sandbox, "/v1/responses", bearer(sandbox), { model: "gpt-test", input: "Hello", ...more })

const chatBody = { model: "chat-test", messages: [{ role: "user", content: "Hello" }] }

export const postChat = (sandbox: ModelSandboxService, more: Body = {}) =>
  post(sandbox, "/v1/chat/completions", bearer(sandbox), { ...chatBody, ...more })

export const postAzure = (
  sandbox: ModelSandboxService,
  more: Body = {},
  path = "/openai/deployments/reviewer/chat/completions?api-version=2024-10-21"
) => post(sandbox, path, { "api-key": Redacted.value(sandbox.apiKey) }, { ...chatBody, ...more })

/** A response format of Chat Completions. */
export const reviewFormat = {
  type: "json_schema",
  json_schema: {
    name: "review",
    strict: true,
    schema: {
      type: "object",
      properties: { findings: { type: "array", items: { type: "string" } } },
      required: ["findings"],
      additionalProperties: false
    }
  }
}
