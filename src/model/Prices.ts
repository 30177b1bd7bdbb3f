/**
 * What models cost, in US dollars for a million tokens, as their vendors listed it at the end of 2025:
 * https://docs.anthropic.com/en/docs/about-claude/pricing, https://platform.openai.com/docs/pricing.
 *
 * Prices change, and contracts differ: `HOLDFAST_MODEL_PRICE` says what holds. A model that is not listed has no known
 * price, and then none is shown.
 */
import { Option } from "effect"

export interface Price {
  readonly input: number
  readonly output: number
}

type Prices = { readonly [model: string]: Price }

const anthropic: Prices = {
  "claude-opus-4-5": { input: 5, output: 25 },
  "claude-opus-4-1": { input: 15, output: 75 },
  "claude-opus-4": { input: 15, output: 75 },
  "claude-sonnet-4-5": { input: 3, output: 15 },
  "claude-sonnet-4": { input: 3, output: 15 },
  "claude-haiku-4-5": { input: 1, output: 5 },
  "claude-3-5-haiku": { input: 0.8, output: 4 }
}

const openai: Prices = {
  "gpt-5.1": { input: 1.25, output: 10 },
  "gpt-5": { input: 1.25, output: 10 },
  "gpt-5-mini": { input: 0.25, output: 2 },
  "gpt-5-nano": { input: 0.05, output: 0.4 },
  "gpt-4.1": { input: 2, output: 8 },
  "gpt-4.1-mini": { input: 0.4, output: 1.6 },
  "gpt-4.1-nano": { input: 0.1, output: 0.4 },
  "gpt-4o": { input: 2.5, output: 10 },
  "gpt-4o-mini": { input: 0.15, output: 0.6 },
  o3: { input: 2, output: 8 },
  "o4-mini": { input: 1.1, output: 4.4 }
}

const known: { readonly [provider: string]: Prices } = { anthropic, openai }

/** Vendors date their models, as in `claude-sonnet-4-5-20250929` and `gpt-4o-2024-08-06`; the price is that of the name. */
const undated = (model: string) => model.replace(/-(latest|\d{8}|\d{4}-\d{2}-\d{2})$/, "")

/** None for a model that is not listed, and for one that is not asked at its vendor. */
export const priceOf = (provider: string, model: string): Option.Option<Price> => {
  const prices = known[provider]
  const name = undated(model)
  return prices !== undefined && Object.hasOwn(prices, name)
    ? Option.fromNullable(prices[name])
    : Option.none()
}

/** In US dollars. */
export const costOf = (price: Price, inputTokens: number, outputTokens: number): number =>
  (inputTokens * price.input + outputTokens * price.output) / 1_000_000
