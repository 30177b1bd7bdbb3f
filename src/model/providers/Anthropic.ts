/** Claude, at Anthropic's own API. The answer's form is that of a tool that the model has to call. */
import * as AnthropicClient from "@effect/ai-anthropic/AnthropicClient"
import * as AnthropicLanguageModel from "@effect/ai-anthropic/AnthropicLanguageModel"
import * as HttpClient from "@effect/platform/HttpClient"
import { Effect, Option, Schema } from "effect"
import type { Provider } from "../Provider.ts"
import { askLanguageModel, type Outcome } from "./AskLanguageModel.ts"

const Message = Schema.Struct({
  model: Schema.String,
  stop_reason: Schema.NullOr(Schema.String),
  usage: Schema.Struct({
    input_tokens: Schema.Number,
    output_tokens: Schema.Number,
    cache_read_input_tokens: Schema.optional(Schema.NullOr(Schema.Number)),
    cache_creation_input_tokens: Schema.optional(Schema.NullOr(Schema.Number))
  }),
  content: Schema.Array(
    Schema.Struct({ text: Schema.optional(Schema.String), input: Schema.optional(Schema.Unknown) })
  )
})

const outcome = (body: unknown): Option.Option<Outcome> =>
  Option.map(Schema.decodeUnknownOption(Message)(body), ({ content, model, stop_reason, usage }) => {
    const text = content
      .map((part) => part.text ?? (part.input === undefined ? "" : JSON.stringify(part.input)))
      .join("")
    return {
      model,
      inputTokens:
        usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
      outputTokens: usage.output_tokens,
      refusal:
        stop_reason === "refusal" ? Option.some(text === "" ? "without a reason" : text) : Option.none(),
      isCutOff: stop_reason === "max_tokens",
      text
    }
  })

export const make = (http: HttpClient.HttpClient): Provider => ({
  name: "anthropic",
  usualModel: Option.some("claude-sonnet-4-5"),
  ask: ({ apiKey, model, url }, question, correction) =>
    askLanguageModel(
      {
        provider: "anthropic",
        outcome,
        make: (transformClient) =>
          AnthropicClient.make({
            apiKey: Option.getOrUndefined(apiKey),
            apiUrl: Option.getOrUndefined(url),
            transformClient
          }).pipe(
            Effect.provideService(HttpClient.HttpClient, http),
            Effect.flatMap((client) =>
              AnthropicLanguageModel.make({ model, config: { max_tokens: question.maxOutputTokens } }).pipe(
                Effect.provideService(AnthropicClient.AnthropicClient, client)
              )
            )
          )
      },
      question,
      correction
    )
})
