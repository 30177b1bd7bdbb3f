/** OpenAI's own API, in the form that it calls Responses. */
import * as OpenAiClient from "@effect/ai-openai/OpenAiClient"
import * as OpenAiLanguageModel from "@effect/ai-openai/OpenAiLanguageModel"
import * as HttpClient from "@effect/platform/HttpClient"
import { Effect, Option, Schema } from "effect"
import type { Provider } from "../Provider.ts"
import { askLanguageModel, type Outcome } from "./AskLanguageModel.ts"

const Part = Schema.Struct({
  text: Schema.optional(Schema.String),
  refusal: Schema.optional(Schema.String)
})

const Response = Schema.Struct({
  model: Schema.String,
  status: Schema.optional(Schema.NullOr(Schema.String)),
  incomplete_details: Schema.optional(
    Schema.NullOr(Schema.Struct({ reason: Schema.optional(Schema.String) }))
  ),
  usage: Schema.optional(
    Schema.NullOr(Schema.Struct({ input_tokens: Schema.Number, output_tokens: Schema.Number }))
  ),
  output: Schema.Array(Schema.Struct({ content: Schema.optional(Schema.NullOr(Schema.Array(Part))) }))
})

const outcome = (body: unknown): Option.Option<Outcome> =>
  Option.map(Schema.decodeUnknownOption(Response)(body), (response) => {
    const parts = response.output.flatMap(({ content }) => content ?? [])
    const refusal = parts.map(({ refusal }) => refusal ?? "").join("")
    const why = response.incomplete_details?.reason
    const filtered = why === "content_filter" ? "its answer was held back by a content filter" : ""
    return {
      model: response.model,
      inputTokens: response.usage?.input_tokens ?? 0,
      outputTokens: response.usage?.output_tokens ?? 0,
      refusal: Option.liftPredicate(refusal === "" ? filtered : refusal, (said) => said !== ""),
      isCutOff: response.status === "incomplete" && filtered === "",
      text: parts.map(({ text }) => text ?? "").join("")
    }
  })

export const make = (http: HttpClient.HttpClient): Provider => ({
  name: "openai",
  usualModel: Option.some("gpt-5-mini"),
  ask: ({ apiKey, model, url }, question, correction) =>
    askLanguageModel(
      {
        provider: "openai",
        outcome,
        make: (transformClient) =>
          OpenAiClient.make({
            apiKey: Option.getOrUndefined(apiKey),
            apiUrl: Option.getOrUndefined(url),
            transformClient
          }).pipe(
            Effect.provideService(HttpClient.HttpClient, http),
            Effect.flatMap((client) =>
              OpenAiLanguageModel.make({
                model,
                // What is under review is not to be kept at the vendor.
                config: { max_output_tokens: question.maxOutputTokens, store: false }
              }).pipe(Effect.provideService(OpenAiClient.OpenAiClient, client))
            )
          )
      },
      question,
      correction
    )
})
