/** Takes off a suggestion what models put around code, where the lines that it replaces show that it isn't code. */
import { Option } from "effect"
import {
  isFence,
  isHunkText,
  isMarked,
  type Lines,
  numberOf,
  withoutBackticks,
  withoutBlankEnds,
  withoutFences,
  withoutMarkers,
  withoutNumbers
} from "../Quote/Readings.ts"
import { collapse, isBlank } from "../WhiteSpace.ts"

/** What a suggestion is for. */
export interface Replaced {
  /** The lines that it replaces, as they are in the file. */
  readonly real: Lines
  /** The number of the first of them. */
  readonly startLine: number
  /** The same lines as the model quoted them. */
  readonly quote: Lines
}

/** In a file with fences of its own, as in Markdown, a fence is text. */
const withoutItsFences = (lines: Lines, { real }: Replaced): Option.Option<Lines> => {
  const bare = withoutBlankEnds(lines)
  if (!isFence(bare[0] ?? "") || real.some(isFence)) return Option.some(lines)
  const content = withoutFences(bare)
  return content.length === bare.length - 2 && !content.some(isFence) ? Option.some(content) : Option.none()
}

/** Backticks are also JavaScript's, so they are taken off only when the quote had them and the real lines don't. */
const withoutItsBackticks = (lines: Lines, { quote, real }: Replaced): Lines =>
  withoutBackticks(quote) !== quote && withoutBackticks(real) === real ? withoutBackticks(lines) : lines

const numberedWithBar = /^\s*L?\d+\s*[|│]/

/** "404: handler" is code, unless the quote was numbered as well, or 404 is the number of the line. */
const withoutItsNumbers = (lines: Lines, { quote, real, startLine }: Replaced): Option.Option<Lines> => {
  const bare = withoutNumbers(lines)
  if (bare === lines || withoutNumbers(real) !== real) return Option.some(lines)
  const isNumbered = withoutNumbers(quote) !== quote || numberOf(lines[0] ?? "") === startLine
  if (isNumbered) return Option.some(bare)
  return lines.some((line) => numberedWithBar.test(line)) ? Option.none() : Option.some(lines)
}

/** The new side of lines with markers, when their old side is what is replaced. */
const afterHunk = (lines: Lines, real: Lines): Option.Option<Lines> => {
  const before = lines.filter((line) => !line.startsWith("+")).map((line) => collapse(line.slice(1)))
  const isOfReal = before.length === real.length && real.every((line, at) => collapse(line) === before[at])
  return isOfReal
    ? Option.some(lines.filter((line) => !line.startsWith("-")).map((line) => line.slice(1)))
    : Option.none()
}

/** A marker that a replaced line begins with as well is text, as in lists of YAML and Markdown. */
const withoutItsMarkers = (lines: Lines, { real }: Replaced): Option.Option<Lines> => {
  const own = new Set(real.filter(isMarked).map((line) => line.charAt(0)))
  const isText = lines.every((line) => !isMarked(line) || own.has(line.charAt(0)))
  if (isText) return Option.some(lines)
  if (!isHunkText(lines)) return Option.none()
  return lines.some((line) => line.startsWith("-"))
    ? afterHunk(lines, real)
    : Option.some(withoutMarkers(lines))
}

/** The suggestion as code alone. None when it can't be told which of it is code. */
export const undecorated = (suggestion: Lines, replaced: Replaced): Option.Option<Lines> =>
  suggestion.every(isBlank)
    ? Option.some(suggestion)
    : withoutItsFences(suggestion, replaced).pipe(
        Option.map((lines) => withoutItsBackticks(lines, replaced)),
        Option.flatMap((lines) => withoutItsNumbers(lines, replaced)),
        Option.flatMap((lines) => withoutItsMarkers(lines, replaced))
      )
