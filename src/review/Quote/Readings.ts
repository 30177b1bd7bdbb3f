/**
 * What a model may have meant by a quote: its lines as they are, and without what models put around code.
 *
 * Which of it belongs to the code can't be told from the quote alone: "- item" is a removed line or an entry of a list.
 * So nothing is decided here; the readings are tried in order, the quote as it is first.
 */
import { isBlank } from "../WhiteSpace.ts"

/** Lines without line feeds; never empty. */
export type Lines = ReadonlyArray<string>

/** The lines of a text. A line feed at its end ends the last line and does not begin another one. */
export const linesOf = (text: string): Lines => (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n")

/** From the first line that is not blank to the last. Empty when all are blank. */
export const withoutBlankEnds = (lines: Lines): Lines => {
  const first = lines.findIndex((line) => !isBlank(line))
  const last = lines.findLastIndex((line) => !isBlank(line))
  return first === 0 && last === lines.length - 1 ? lines : lines.slice(Math.max(0, first), last + 1)
}

const openingFence = /^\s*(?:`{3,}[^`]*$|~{3,})/
const closingFence = /^\s*(?:`{3,}|~{3,})\s*$/

export const isFence = (line: string): boolean => openingFence.test(line)

/** Without a code block's first line, and its last one when it is there. Takes lines without blank ends. */
export const withoutFences = (lines: Lines): Lines => {
  if (!isFence(lines[0] ?? "")) return lines
  return lines.slice(1, closingFence.test(lines.at(-1) ?? "") ? -1 : undefined)
}

/** Without the backticks that stand before the first and behind the last line, as around code within a sentence. */
export const withoutBackticks = (lines: Lines): Lines => {
  const text = lines.join("\n").trim()
  const ticks = /^`+/.exec(text)?.[0] ?? ""
  return ticks !== "" && text.length > 2 * ticks.length && text.endsWith(ticks)
    ? text.slice(ticks.length, -ticks.length).split("\n")
    : lines
}

/** As in "12 | ", "12: ", "L12: " and "12" with a tab. */
const lineNumber = /^\s*L?(\d{1,7})(?:\s*[|│:] ?|\t)/

/** Without the line numbers before the text, where every line has one that is not blank. */
export const withoutNumbers = (lines: Lines): Lines =>
  lines.every((line) => isBlank(line) || lineNumber.test(line))
    ? lines.map((line) => line.replace(lineNumber, ""))
    : lines

/** The number before a line's text. */
export const numberOf = (line: string): number => Number(lineNumber.exec(line)?.[1])

export const isMarked = (line: string): boolean => line.startsWith("+") || line.startsWith("-")

/** Whether the lines can be those of a hunk, each with its marker. */
export const isHunkText = (lines: Lines): boolean =>
  lines.some(isMarked) && lines.every((line) => isMarked(line) || line.startsWith(" ") || isBlank(line))

/** Lines of a hunk without their markers. */
export const withoutMarkers = (lines: Lines): Lines => lines.map((line) => line.slice(1))

/** Context lines may have kept their marker, a blank, or lost it; without a marker on any line there is nothing to do. */
const unmarked = (lines: Lines): ReadonlyArray<Lines> => {
  if (!lines.some(isMarked)) return []
  const partly = lines.map((line) => (isMarked(line) ? line.slice(1) : line))
  return isHunkText(lines) ? [withoutMarkers(lines), partly] : [partly]
}

/** All readings, the most literal first, each once; none when the quote is blank. */
export const readingsOf = (quote: string): ReadonlyArray<Lines> => {
  const whole = linesOf(quote)
  const bare = withoutBlankEnds(whole)
  const unfenced = withoutBlankEnds(withoutFences(bare))
  const decorated = [unfenced, withoutBackticks(bare)].flatMap((lines) => {
    const unnumbered = withoutNumbers(lines)
    return [
      lines,
      unnumbered,
      ...unmarked(unnumbered),
      ...unmarked(lines).flatMap((bared) => [bared, withoutNumbers(bared)])
    ]
  })
  // In a hunk of a Markdown file a fence is code as well, with a marker before it.
  const inHunk = isHunkText(bare) ? [withoutMarkers(bare)] : []
  return [...new Set([whole, bare, ...inHunk, ...decorated])].filter((lines) => !lines.every(isBlank))
}
