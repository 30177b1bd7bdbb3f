/** Which model reviews: as the arguments say, else as the environment does. Keys come from the environment only. */
import { ConfigProvider, Effect, Config as EffectConfig, Option } from "effect"
import * as Config from "../../Config.ts"
import type { ProviderName } from "../../model/ProviderName.ts"

export interface ModelOptions {
  readonly provider: Option.Option<ProviderName>
  readonly model: Option.Option<string>
}

/** What is set for one provider and must not reach another. */
const ofOneProvider = [
  "HOLDFAST_MODEL",
  "HOLDFAST_FALLBACK_MODEL",
  "HOLDFAST_MODEL_URL",
  "HOLDFAST_MODEL_PRICE"
]

/** Names no variable. */
const hidden = "HOLDFAST (set for another provider)"

/** The arguments as if they were set in the environment, so that the same mistakes are told in the same words. */
export const modelSettings = ({ model, provider }: ModelOptions) =>
  Effect.configProviderWith((environment) =>
    Effect.gen(function* () {
      const usual = yield* EffectConfig.option(EffectConfig.nonEmptyString("HOLDFAST_PROVIDER"))
      const isOther = Option.exists(
        Option.all([usual, provider]),
        ([one, other]) => one.trim().toLowerCase() !== other
      )
      const rest = isOther
        ? ConfigProvider.mapInputPath(environment, (name) => (ofOneProvider.includes(name) ? hidden : name))
        : environment
      const given = new Map([
        ...Option.toArray(Option.map(provider, (name) => ["HOLDFAST_PROVIDER", name] as const)),
        ...Option.toArray(Option.map(model, (name) => ["HOLDFAST_MODEL", name] as const))
      ])
      const { models } = yield* Config.load({ models: Config.models }).pipe(
        Effect.withConfigProvider(ConfigProvider.orElse(ConfigProvider.fromMap(given), () => rest))
      )
      return models
    })
  )
