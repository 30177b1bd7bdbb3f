/**
 * How many tokens a text costs.
 *
 * Two counters: an estimate that costs nothing, for reviewers that have no tokens to pay, and an exact one. The exact
 * one's tables take about 55 MB and 0.1 s (cl100k_base; o200k_base takes 72 MB and 0.25 s), so they are loaded when
 * first needed and not before.
 */
import { Effect } from "effect"

/** Tokens of one line, its line end included. Never less than 1. */
export type TokenCounter = (line: string) => number

/** Three bytes a token: high for prose, about right for program text. */
export const estimateTokens: TokenCounter = (line) => 1 + Math.ceil(Buffer.byteLength(line, "utf8") / 3)

/**
 * The tokenizer's time grows with the square of a piece without word breaks (0.3 s for 20,000 letters), and minified
 * files are such pieces. Cut up, the sum is exact to a token for each cut.
 */
const longest = 512

/** What cuts a text into tokens, and what is added for models that cut it otherwise. */
interface Tokenizer {
  readonly load: () => Promise<Pick<typeof import("gpt-tokenizer/encoding/cl100k_base"), "countTokens">>
  readonly margin: number
}

/** OpenAI's own, since GPT-4o: https://github.com/openai/tiktoken/blob/main/tiktoken/model.py */
const own: Tokenizer = { load: () => import("gpt-tokenizer/encoding/o200k_base"), margin: 1 }

/**
 * Other vendors' models cut the same text into more pieces; program text came out up to a fifth longer, so a quarter
 * is added.
 */
const foreign: Tokenizer = { load: () => import("gpt-tokenizer/encoding/cl100k_base"), margin: 1.25 }

/**
 * Loads the tables, on the first use in this process, and gives a counter for a provider's models. Text that looks like
 * the tokenizer's own control marks is counted as plain text.
 */
export const exactCounter = Effect.fn("Tokens.exactCounter")(function* (provider: string) {
  const { load, margin } = provider === "openai" ? own : foreign
  const { countTokens } = yield* Effect.promise(load)
  const options = { disallowedSpecial: new Set<string>() }
  const counter: TokenCounter = (line) => {
    let tokens = 0
    for (let at = 0; at < line.length; at += longest) {
      tokens += countTokens(line.slice(at, at + longest), options)
    }
    return 1 + Math.ceil(tokens * margin)
  }
  return counter
})
