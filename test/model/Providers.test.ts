import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { Effect, Layer, Option, Redacted } from "effect"
import { describe, expect, it } from "vitest"
import * as Providers from "../../src/model/Providers.ts"
import { type ModelChoice, ReviewModels } from "../../src/review/ReviewModel.ts"
import { rulesAlone } from "./ModelSettings.ts"

const nothing: ModelChoice = { provider: Option.none(), model: Option.none(), apiKey: Option.none() }
const key = Option.some(Redacted.make("sk-1"))

const select = (choice: Partial<ModelChoice>, settings: Partial<Providers.ModelSettings> = {}) =>
  Effect.flatMap(ReviewModels, (models) => models.select({ ...nothing, ...choice })).pipe(
    Effect.map(Option.map(({ model, provider }) => `${provider} ${model}`)),
    Effect.provide(Providers.layer({ ...rulesAlone, ...settings }).pipe(Layer.provide(FetchHttpClient.layer)))
  )

describe("the providers", () => {
  it("are rules alone where nobody has chosen", async () => {
    expect(await Effect.runPromise(select({}))).toEqual(Option.none())
  })

  it("are the installation's before the operator's, with the provider's usual model", async () => {
    const operator = {
      provider: "openai",
      model: Option.some("gpt-4.1"),
      apiKeys: { ...rulesAlone.apiKeys, openai: key }
    } as const
    expect(await Effect.runPromise(select({}, operator))).toEqual(Option.some("openai gpt-4.1"))
    const own = { provider: Option.some("anthropic"), apiKey: key }
    expect(await Effect.runPromise(select(own, operator))).toEqual(Option.some("anthropic claude-sonnet-4-5"))
    const model = { model: Option.some("gpt-5") }
    expect(await Effect.runPromise(select(model, operator))).toEqual(Option.some("openai gpt-5"))
  })

  it.each([
    ["anthropic", /needs an API key: set ANTHROPIC_API_KEY/],
    ["openai", /needs an API key: set OPENAI_API_KEY/],
    ["openai-compatible", /needs a model: set HOLDFAST_MODEL/],
    ["open-ai", /no provider "open-ai".*"rules".*"openai"/]
  ])("say of %s what it lacks", async (provider, expected) => {
    const error = await Effect.runPromise(Effect.flip(select({ provider: Option.some(provider) })))
    expect(error._tag).toBe("UnknownProvider")
    expect(error.message).toMatch(expected)
  })
})
