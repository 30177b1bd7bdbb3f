/** Quotes of lines that the change removes. */
import { Array as Arr, Option } from "effect"
import type { DiffLine, Hunk } from "../Diff.ts"
import { isDistinctive } from "./Distinctive.ts"
import { bestOf, bothSides, collapsed, type HunkText, oldSide, type Stretch } from "./HunkText.ts"
import { occurrences } from "./Occurrences.ts"
import type { Lines } from "./Readings.ts"

const isOnNewSide = ({ newLine }: DiffLine): boolean => Option.isSome(newLine)

/** The lines of the new side from one index to another; where there are none, the next one, and at the end the last. */
const nearest = (lines: ReadonlyArray<DiffLine>, from: number, to: number): Option.Option<Stretch> => {
  const within = lines.slice(from, to + 1).filter(isOnNewSide)
  const next = lines.slice(to + 1).find(isOnNewSide) ?? lines.slice(0, from).findLast(isOnNewSide)
  return bestOf([{ first: within[0] ?? next, last: within.at(-1) ?? next, added: 0 }])
}

const placeIn = (hunk: Hunk, side: HunkText, quote: Lines): Option.Option<Stretch> => {
  const [at] = occurrences(side.texts, quote)
  if (at === undefined) return Option.none()
  const first = side.lines[at]
  const last = side.lines[at + quote.length - 1]
  if (first === undefined || last === undefined) return Option.none()
  return nearest(hunk.lines, hunk.lines.indexOf(first), hunk.lines.indexOf(last))
}

/**
 * Where lines stood or were replaced: a quote of the diff with its removed lines, or of the file before the change. A
 * comment stands on the new side only, so it goes to the lines there that are part of the quote, or else next to it.
 *
 * @param quotes readings of one quote, without regard to white space; the first that is found counts
 */
export const nextToRemoved = (
  hunks: ReadonlyArray<Hunk>,
  quotes: ReadonlyArray<Lines>
): Option.Option<Stretch> => {
  const sides = hunks.flatMap((hunk) =>
    [bothSides(hunk), oldSide(hunk)].map((side) => ({ hunk, side: collapsed(side) }))
  )
  return Arr.findFirst(quotes.filter(isDistinctive), (quote) =>
    Arr.findFirst(sides, ({ hunk, side }) => placeIn(hunk, side, quote))
  )
}
