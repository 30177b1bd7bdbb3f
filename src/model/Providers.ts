/** Which reviewers there are, and how one is chosen. */
import { Effect, Layer } from "effect"
import { ReviewModels, UnknownProvider } from "../review/ReviewModel.ts"
import { rulesModel } from "./Rules.ts"

/** Providers that later versions will have. They are named so that nobody looks for a typing mistake. */
const notYet = ["anthropic", "openai", "openai-compatible"]

const unknown = (provider: string): UnknownProvider =>
  new UnknownProvider({
    provider,
    message: notYet.includes(provider)
      ? `The provider "${provider}" is not built into this version. Set the provider to "rules", which needs no key.`
      : `There is no provider "${provider}". This version knows "rules"; ${notYet
          .map((name) => `"${name}"`)
          .join(", ")} will come with later ones.`
  })

/** The providers of this version. */
export const layer: Layer.Layer<ReviewModels> = Layer.succeed(ReviewModels, {
  select: Effect.fn("Providers.select")(function* ({ provider }) {
    return provider === rulesModel.provider ? rulesModel : yield* unknown(provider)
  })
})
