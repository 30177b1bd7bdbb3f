/** Makes of what a model suggests a text that GitHub can put in the place of lines. */
import { Array as Arr, Option } from "effect"
import type { ChangedFile, DiffLine } from "./Diff.ts"
import { isEllipsis } from "./Quote/Ellipsis.ts"
import { type Lines, linesOf, readingsOf, withoutBlankEnds } from "./Quote/Readings.ts"
import type { Resolved } from "./Quote.ts"
import { reindent } from "./Suggestion/Indentation.ts"
import { undecorated } from "./Suggestion/Undecorated.ts"
import { collapse } from "./WhiteSpace.ts"

/** The lines that are replaced; none when not all of them are in the diff. */
const replacedLines = (
  file: ChangedFile,
  { line, startLine }: Resolved
): Option.Option<ReadonlyArray<DiffLine>> =>
  Arr.findFirst(file.hunks, ({ lines }) => {
    const found = lines.filter((candidate) =>
      Option.exists(candidate.newLine, (number) => number >= startLine && number <= line)
    )
    return found.length === line - startLine + 1 ? Option.some(found) : Option.none()
  })

const areEqual = (some: Lines, others: Lines): boolean =>
  some.length === others.length && some.every((line, at) => line === others[at])

/** The reading of the quote that is the real lines, or else is them up to white space. */
const quotedAs = (real: Lines, quote: string): Option.Option<Lines> => {
  const readings = readingsOf(quote)
  const loose = real.map(collapse)
  return Option.orElse(
    Arr.findFirst(readings, (lines) => areEqual(lines, real)),
    () => Arr.findFirst(readings, (lines) => areEqual(lines.map(collapse), loose))
  )
}

/** "… rest as before" on a line of its own would replace that rest. */
const leavesLinesOut = (lines: Lines, real: Lines): boolean =>
  lines.some((line) => isEllipsis(line) && !real.some((other) => collapse(other) === collapse(line)))

/**
 * The text that replaces the lines `startLine`…`line` whole; empty to delete them. It has no line feed at its end, and
 * between its lines only line feeds, in a file with CR-LF too: GitHub takes the text of a suggestion so.
 *
 * None when it would not apply cleanly:
 * - the quote is not of whole lines;
 * - the change adds none of the lines: what was there before is not for this review to rewrite;
 * - the lines have this text already;
 * - the indentation can't be reconciled with that of the lines;
 * - diff markers, line numbers or fences can't be told from the code, or it leaves lines out with an ellipsis.
 */
export const fitSuggestion = (
  file: ChangedFile,
  resolved: Resolved,
  quote: string,
  suggestion: string
): Option.Option<string> =>
  Option.gen(function* () {
    if (resolved.how === "partial") return yield* Option.none()
    const replaced = yield* replacedLines(file, resolved)
    if (!replaced.some(({ kind }) => kind === "added")) return yield* Option.none()
    const real = replaced.map(({ text }) => text)
    const quoted = yield* quotedAs(real, quote)
    const given = linesOf(suggestion.replaceAll("\r\n", "\n"))
    const code = yield* undecorated(given, {
      real,
      startLine: resolved.startLine,
      quote: withoutBlankEnds(linesOf(quote))
    })
    if (leavesLinesOut(code, real)) return yield* Option.none()
    const fitted = (yield* reindent(code, quoted, real)).join("\n")
    return yield* fitted === real.join("\n") ? Option.none() : Option.some(fitted)
  })
