/** Quotes that leave lines out: "…" on a line of its own, also as a comment. */
import type { Option } from "effect"
import { isDistinctive } from "./Distinctive.ts"
import { addedBefore, bestOf, type HunkText, type Place, type Stretch } from "./HunkText.ts"
import { occurrences } from "./Occurrences.ts"
import { type Lines, withoutBlankEnds } from "./Readings.ts"

const ellipsis = /^\s*(?:\/\/|\/\*|#|--|;|%|<!--)?\s*[([]?(?:\.{3,}|…)[)\]]?\s*(?:\*\/|-->)?\s*$/

export const isEllipsis = (line: string): boolean => ellipsis.test(line)

/** What stands between the ellipses. */
const partsOf = (lines: Lines): ReadonlyArray<Lines> => {
  const parts: Array<Array<string>> = [[]]
  for (const line of lines) {
    if (isEllipsis(line)) parts.push([])
    else parts.at(-1)?.push(line)
  }
  return parts.map(withoutBlankEnds).filter((part) => part.length > 0)
}

/**
 * For each place of the first part the nearest places of the others, in order. Of several that end on the same line the
 * shortest.
 */
const placesIn = ({ lines, texts }: HunkText, parts: ReadonlyArray<Lines>): ReadonlyArray<Place> => {
  const [starts = [], ...others] = parts.map((part) =>
    occurrences(texts, part).map((at) => ({ at, end: at + part.length }))
  )
  const count = addedBefore(lines)
  // Starts go up, and so do the places that follow them: each list is walked through once.
  const cursors = others.map(() => 0)
  const byEnd = new Map<number, Place>()
  for (const start of starts) {
    let end = start.end
    const complete = others.every((places, index) => {
      let cursor = cursors[index] ?? 0
      while (cursor < places.length && (places[cursor]?.at ?? end) < end) cursor++
      cursors[index] = cursor
      const place = places[cursor]
      end = place?.end ?? end
      return place !== undefined
    })
    if (!complete) break
    byEnd.set(end, { first: lines[start.at], last: lines[end - 1], added: count(end) - count(start.at) })
  }
  return [...byEnd.values()]
}

/** From the first line of a quote with ellipses to its last, when all its parts stand in one hunk in their order. */
export const aroundEllipses = (hunks: ReadonlyArray<HunkText>, quote: Lines): Option.Option<Stretch> => {
  const parts = quote.some(isEllipsis) ? partsOf(quote) : []
  return bestOf(isDistinctive(parts.flat()) ? hunks.flatMap((hunk) => placesIn(hunk, parts)) : [])
}
