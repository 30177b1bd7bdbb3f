/**
 * Finds the lines that a finding is about from the code that the model quotes.
 *
 * A model counts lines badly and copies them well, so it is asked for the code and never for a number. The lines that are
 * found are of the new side and inside one hunk: those that GitHub takes a comment on, by the rule of `Commentable.ts`.
 */
import { Array as Arr, Option } from "effect"
import type { ChangedFile } from "./Diff.ts"
import { aroundEllipses } from "./Quote/Ellipsis.ts"
import { addedBefore, bestOf, collapsed, type HunkText, newSide, type Stretch } from "./Quote/HunkText.ts"
import { occurrences } from "./Quote/Occurrences.ts"
import { partOfLine } from "./Quote/PartOfLine.ts"
import { type Lines, readingsOf } from "./Quote/Readings.ts"
import { nextToRemoved } from "./Quote/RemovedLines.ts"
import { collapse } from "./WhiteSpace.ts"

/** The lines of a quote. Both ends are numbers at the head commit; for one line they are equal. */
export interface Resolved {
  readonly startLine: number
  readonly line: number
  /**
   * How the quote, without what models put around code, agrees with the lines: `exact`, it is their text; `whitespace`,
   * it is their text up to white space; `partial`, they contain it, or stand where it stood.
   */
  readonly how: "exact" | "whitespace" | "partial"
}

const wholeLines = (hunks: ReadonlyArray<HunkText>, quote: Lines): Option.Option<Stretch> =>
  bestOf(
    hunks.flatMap(({ lines, texts }) => {
      const count = addedBefore(lines)
      return occurrences(texts, quote).map((at) => {
        const end = at + quote.length
        return { first: lines[at], last: lines[end - 1], added: count(end) - count(at) }
      })
    })
  )

/** An attempt, and how what it finds agrees with the quote. */
type Attempt = readonly [how: Resolved["how"], find: () => Option.Option<Stretch>]

/**
 * Tries, in this order: the lines as they are quoted, then without regard to white space; the same without diff markers,
 * line numbers, fences, backticks and blank lines around them; with ellipses; as part of a line; as lines that the change
 * removes. Of several places the one with the most added lines wins, then the first.
 *
 * None when the quote is blank or isn't there: then the finding has no line, and goes into the body of the review.
 */
export const resolveQuote = (file: ChangedFile, quote: string): Option.Option<Resolved> => {
  const exact = file.hunks.map(newSide)
  const readings = readingsOf(quote)
  const literally = Option.flatMap(Arr.head(readings), (lines) => wholeLines(exact, lines))
  if (Option.isSome(literally)) return Option.map(literally, (found) => ({ ...found, how: "exact" }))

  const loose = exact.map(collapsed)
  const looseReadings = readings.map((lines) => lines.map(collapse))
  const whole = readings.flatMap(
    (lines): ReadonlyArray<Attempt> => [
      ["exact", () => wholeLines(exact, lines)],
      ["whitespace", () => wholeLines(loose, lines.map(collapse))]
    ]
  )
  const attempts: ReadonlyArray<Attempt> = [
    ...whole,
    ["partial", () => Arr.findFirst(readings, (lines) => aroundEllipses(exact, lines))],
    ["partial", () => Arr.findFirst(looseReadings, (lines) => aroundEllipses(loose, lines))],
    ["partial", () => Arr.findFirst(looseReadings, (lines) => partOfLine(loose, lines))],
    ["partial", () => nextToRemoved(file.hunks, looseReadings)]
  ]
  return Arr.findFirst(attempts, ([how, find]) => Option.map(find(), (found) => ({ ...found, how })))
}
