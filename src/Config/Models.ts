/** Which model reviews, where it is asked, and with whose key. */
import { Config, Duration, Either, Option, Redacted } from "effect"
import type { Price } from "../model/Prices.ts"
import { providerNames } from "../model/ProviderName.ts"
import type { ModelSettings } from "../model/Providers.ts"
import * as Setting from "./Setting.ts"

const modelName: Setting.Parse<string> = (text) =>
  /^[\w./:@-]{1,200}$/.test(text)
    ? Either.right(text)
    : Either.left({
        problem: `It is "${text}".`,
        remedy: "Set it to the name of a model, as its provider writes it."
      })

const key: Setting.Parse<Redacted.Redacted> = (text) =>
  /^[\x21-\x7e]+$/.test(text)
    ? Either.right(Redacted.make(text))
    : Either.left({
        problem: "It has characters that no API key has.",
        remedy: "Set it to the key alone, as the provider shows it, without quotes or spaces."
      })

const baseUrl: Setting.Parse<string> = (text) => {
  const url = Option.liftThrowable(() => new URL(text))()
  return Option.exists(url, ({ protocol }) => protocol === "http:" || protocol === "https:")
    ? Either.right(text.replace(/\/+$/, ""))
    : Either.left({
        problem: `It is "${text}".`,
        remedy: "Set it to the base URL of the service, as in http://127.0.0.1:11434/v1."
      })
}

const price: Setting.Parse<Price> = (text) => {
  const [, input, output] = /^(\d+(?:\.\d+)?)\s*\/\s*(\d+(?:\.\d+)?)$/.exec(text) ?? []
  return input === undefined || output === undefined
    ? Either.left({
        problem: `It is "${text}".`,
        remedy:
          'Write it as "3 / 15": US dollars for a million tokens that go in, and for a million that come out.'
      })
    : Either.right({ input: Number(input), output: Number(output) })
}

const given = Config.all({
  provider: Setting.withDefault("HOLDFAST_PROVIDER", "rules", Setting.oneOf(...providerNames)),
  model: Setting.optional("HOLDFAST_MODEL", modelName),
  fallbackModel: Setting.optional("HOLDFAST_FALLBACK_MODEL", modelName),
  url: Setting.optional("HOLDFAST_MODEL_URL", baseUrl),
  apiKeys: Config.all({
    anthropic: Setting.optional("ANTHROPIC_API_KEY", key),
    openai: Setting.optional("OPENAI_API_KEY", key),
    "openai-compatible": Setting.optional("HOLDFAST_MODEL_KEY", key)
  }),
  price: Setting.optional("HOLDFAST_MODEL_PRICE", price),
  timeout: Setting.withDefault(
    "HOLDFAST_MODEL_TIMEOUT",
    Duration.minutes(3),
    Setting.duration({ min: "1 second", max: "30 minutes" })
  ),
  concurrency: Setting.withDefault("HOLDFAST_MODEL_CONCURRENCY", 8, Setting.integer({ min: 1, max: 100 }))
})

const needs = (variable: string, problem: string, remedy: string) =>
  Either.left(Setting.mistake(variable)({ problem, remedy }))

/** What a provider can't do without is missed at the start, and not by the first pull request. */
export const models: Config.Config<ModelSettings> = Config.mapOrFail(given, (settings) => {
  const { apiKeys, model, provider, url } = settings
  if (provider === "rules") return Either.right(settings)
  if (provider === "openai-compatible") {
    if (Option.isNone(url)) {
      return needs(
        "HOLDFAST_MODEL_URL",
        'It is not set, and the provider is "openai-compatible".',
        "Set it to the base URL of the service, as in http://127.0.0.1:11434/v1."
      )
    }
    if (Option.isNone(model)) {
      return needs(
        "HOLDFAST_MODEL",
        'It is not set, and the provider is "openai-compatible".',
        "Set it to the name of a model that the service has."
      )
    }
    return Either.right(settings)
  }
  const variable = provider === "anthropic" ? "ANTHROPIC_API_KEY" : "OPENAI_API_KEY"
  return Option.isNone(apiKeys[provider]) && Option.isNone(url)
    ? needs(
        variable,
        `It is not set, and the provider is "${provider}".`,
        `Set it to a key of ${provider}'s.`
      )
    : Either.right(settings)
})
