/** Quotes that are only part of a line. */
import { Option } from "effect"
import { isDistinctive } from "./Distinctive.ts"
import { bestOf, type HunkText, type Stretch } from "./HunkText.ts"
import type { Lines } from "./Readings.ts"

/** Where the model left out the beginning or the rest of the line. "...request" is code. */
const ellipsisAtEnds = /^(?:\.{3}|…)\s+|\s*(?:\.{3}|…)$/g

const find = (hunks: ReadonlyArray<HunkText>, fragment: string): Option.Option<Stretch> =>
  isDistinctive([fragment])
    ? bestOf(
        hunks.flatMap(({ lines, texts }) =>
          lines
            .filter((_, index) => texts[index]?.includes(fragment))
            .map((line) => ({ first: line, last: line, added: line.kind === "added" ? 1 : 0 }))
        )
      )
    : Option.none()

/** The line that contains a quote of one line, when the quote is long enough to be more than a chance. */
export const partOfLine = (hunks: ReadonlyArray<HunkText>, quote: Lines): Option.Option<Stretch> => {
  const [fragment, ...others] = quote
  if (fragment === undefined || others.length > 0) return Option.none()
  return Option.orElse(find(hunks, fragment), () => {
    const shorter = fragment.replace(ellipsisAtEnds, "")
    return shorter === fragment ? Option.none() : find(hunks, shorter)
  })
}
