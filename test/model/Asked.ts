/** The providers at the local models, one question each. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { Effect, Layer, Option, Schema } from "effect"
import * as Providers from "../../src/model/Providers.ts"
import { type Question, ReviewModels } from "../../src/review/ReviewModel.ts"
import type { ModelSandboxService } from "../../src/sandbox/ModelSandbox.ts"
import { rulesAlone } from "./ModelSettings.ts"

const Answer = Schema.Struct({ findings: Schema.Array(Schema.Struct({ title: Schema.String })) })

export const question: Question<typeof Answer.Type, typeof Answer.Encoded> = {
  system: "You review.",
  prompt: "What is wrong with this?",
  name: "review",
  answer: Answer,
  maxOutputTokens: 500
}

export const answer: typeof Answer.Type = { findings: [{ title: "It is not right" }] }

/** How each service is set up; the key is the sandbox's. */
const setups = {
  anthropic: { provider: "anthropic", path: "" },
  openai: { provider: "openai", path: "/v1" },
  "openai-compatible": { provider: "openai-compatible", path: "/v1" },
  azure: { provider: "openai-compatible", path: "/openai/deployments/reviewer?api-version=2024-10-21" }
} as const
export type Service = keyof typeof setups

export const services: ReadonlyArray<Service> = ["anthropic", "openai", "openai-compatible", "azure"]

/** What an operator sets to have this service asked. */
export const settingsFor = (
  service: Service,
  models: ModelSandboxService,
  more: Partial<Providers.ModelSettings> = {}
): Providers.ModelSettings => {
  const { path, provider } = setups[service]
  return {
    ...rulesAlone,
    provider,
    model: Option.some("reviewer-1"),
    url: Option.some(`${models.url}${path}`),
    apiKeys: {
      anthropic: Option.some(models.apiKey),
      openai: Option.some(models.apiKey),
      "openai-compatible": Option.some(models.apiKey)
    },
    ...more
  }
}

export const selected = (settings: Providers.ModelSettings) =>
  Effect.flatMap(ReviewModels, (models) =>
    models.select({ provider: Option.none(), model: Option.none(), apiKey: Option.none() })
  ).pipe(
    Effect.map(Option.getOrThrow),
    Effect.provide(Providers.layer(settings).pipe(Layer.provide(FetchHttpClient.layer)))
  )

export const ask = (settings: Providers.ModelSettings) =>
  Effect.flatMap(selected(settings), (model) => model.ask(question))
