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

/**
 * Other vendors' models cut the same text into more pieces; program text came out up to a fifth longer, so a quarter
 * is added.
 */
const margin = 1.25

/** Three bytes a token: high for prose, about right for program text. */
export const estimateTokens: TokenCounter = (line) => 1 + Math.ceil(Buffer.byteLength(line, "utf8") / 3)

/**
 * The tokenizer's time grows with the square of a piece without word breaks (0.3 s for 20,000 letters), and minified
 * files are such pieces. Cut up, the sum is exact to a token for each cut.
 */
const longest = 512

/**
 * Loads the tables of cl100k_base, on the first use in this process, and gives a counter with a margin for models that
 * use others. Text that looks like the tokenizer's own control marks is counted as plain text.
 */
export const exactCounter: Effect.Effect<TokenCounter> = Effect.promise(
  () => import("gpt-tokenizer/encoding/cl100k_base")
).pipe(
  Effect.map(({ countTokens }) => {
    const count = (text: string): number => countTokens(text, { disallowedSpecial: new Set() })
    return (line: string) => {
      let tokens = 0
      for (let at = 0; at < line.length; at += longest) tokens += count(line.slice(at, at + longest))
      return 1 + Math.ceil(tokens * margin)
    }
  }),
  Effect.withSpan("Tokens.exactCounter")
)
