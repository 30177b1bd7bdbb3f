/** Which providers there are, and how one is chosen. */
import * as HttpClient from "@effect/platform/HttpClient"
import { type Duration, Effect, Layer, Option, type Redacted } from "effect"
import { type ModelChoice, ReviewModels, UnknownProvider } from "../review/ReviewModel.ts"
import { modelAt, withFallback } from "./Asking.ts"
import { type Price, priceOf } from "./Prices.ts"
import type { Provider } from "./Provider.ts"
import { isModelProvider, type ModelProvider, type ProviderName, providerNames } from "./ProviderName.ts"

/** What the operator has set. */
export interface ModelSettings {
  /** Who reviews where an installation has not said. */
  readonly provider: ProviderName
  /** The model at that provider; none for its usual one. */
  readonly model: Option.Option<string>
  /** Asked when the model can't answer; at the same provider. */
  readonly fallbackModel: Option.Option<string>
  /** Where that provider is asked; none for the vendor's own API. */
  readonly url: Option.Option<string>
  readonly apiKeys: { readonly [Name in ModelProvider]: Option.Option<Redacted.Redacted> }
  /** What the model costs, where it isn't as listed. */
  readonly price: Option.Option<Price>
  /** How long one answer may take. */
  readonly timeout: Duration.Duration
  /** How many questions a provider gets at once from this process. */
  readonly concurrency: number
}

const unknown = (provider: string, message: string) => new UnknownProvider({ provider, message })

const keyVariables: { readonly [Name in ModelProvider]: string } = {
  anthropic: "ANTHROPIC_API_KEY",
  openai: "OPENAI_API_KEY",
  "openai-compatible": "HOLDFAST_MODEL_KEY"
}

/** Loaded when first asked for: with its tables, a vendor's client takes more memory than all the rest of a worker. */
const loader = (http: HttpClient.HttpClient) =>
  Effect.all({
    anthropic: Effect.cached(
      Effect.promise(async () => (await import("./providers/Anthropic.ts")).make(http))
    ),
    openai: Effect.cached(Effect.promise(async () => (await import("./providers/OpenAi.ts")).make(http))),
    "openai-compatible": Effect.cached(
      Effect.promise(async () => (await import("./providers/ChatCompletions.ts")).make(http))
    )
  }) satisfies Effect.Effect<{ readonly [Name in ModelProvider]: Effect.Effect<Provider> }>

export const layer = (settings: ModelSettings): Layer.Layer<ReviewModels, never, HttpClient.HttpClient> =>
  Layer.effect(
    ReviewModels,
    Effect.gen(function* () {
      // Our traces are nothing for a vendor.
      const http = HttpClient.withTracerPropagation(yield* HttpClient.HttpClient, false)
      const load = yield* loader(http)
      const limits: { readonly [Name in ModelProvider]: Effect.Semaphore } = {
        anthropic: yield* Effect.makeSemaphore(settings.concurrency),
        openai: yield* Effect.makeSemaphore(settings.concurrency),
        "openai-compatible": yield* Effect.makeSemaphore(settings.concurrency)
      }

      const select = (choice: ModelChoice) =>
        Effect.gen(function* () {
          const name = Option.getOrElse(choice.provider, () => settings.provider)
          if (name === "rules") return Option.none()
          if (!isModelProvider(name)) {
            return yield* unknown(
              name,
              `There is no provider "${name}"; there are ${providerNames.map((one) => `"${one}"`).join(", ")}.`
            )
          }
          const provider = yield* load[name]
          // What the operator chose holds for the provider that the operator chose.
          const isUsual = name === settings.provider
          const operators = <A>(value: Option.Option<A>) => (isUsual ? value : Option.none<A>())
          const url = operators(settings.url)
          const model = choice.model.pipe(
            Option.orElse(() => operators(settings.model)),
            Option.orElse(() => provider.usualModel)
          )
          const apiKey = Option.orElse(choice.apiKey, () => settings.apiKeys[name])
          if (Option.isNone(model)) {
            return yield* unknown(name, `The provider "${name}" needs a model: set HOLDFAST_MODEL.`)
          }
          if (name === "openai-compatible" && Option.isNone(url)) {
            return yield* unknown(name, `The provider "${name}" needs a base URL: set HOLDFAST_MODEL_URL.`)
          }
          if (Option.isNone(apiKey) && Option.isNone(url)) {
            return yield* unknown(
              name,
              `The provider "${name}" needs an API key: set ${keyVariables[name]}, or the installation's own.`
            )
          }
          const at = (model: string, isChosen: boolean) =>
            modelAt(provider, {
              access: { apiKey, url, model, timeout: settings.timeout },
              price: Option.orElse(isChosen ? operators(settings.price) : Option.none(), () =>
                priceOf(name, model)
              ),
              limit: limits[name]
            })
          const chosen = at(model.value, Option.isNone(choice.model))
          return Option.some(
            Option.match(operators(settings.fallbackModel), {
              onNone: () => chosen,
              onSome: (fallback) => withFallback(chosen, at(fallback, false))
            })
          )
        })
      return { select }
    })
  )
