/** Moves a suggestion to the indentation of the lines that it replaces. */
import { Array as Arr, Option } from "effect"
import type { Lines } from "../Quote/Readings.ts"
import { isBlank } from "../WhiteSpace.ts"

const indentationOf = (line: string): string => /^\s*/.exec(line)?.[0] ?? ""

const commonStart = (one: string, other: string): string => {
  let length = 0
  while (length < one.length && one[length] === other[length]) length++
  return one.slice(0, length)
}

/** What all lines that are not blank begin with; none when all are blank. */
const commonIndentation = (lines: Lines): Option.Option<string> => {
  const indentations = lines.filter((line) => !isBlank(line)).map(indentationOf)
  return Arr.isNonEmptyReadonlyArray(indentations)
    ? Option.some(indentations.reduce(commonStart))
    : Option.none()
}

/** The indentation of each line in excess of what all have. */
const shapeOf = (lines: Lines, common: string): Lines =>
  lines.map((line) => (isBlank(line) ? "" : indentationOf(line).slice(common.length)))

/**
 * The suggestion, shifted as far as the quote is from the real lines.
 *
 * None when no shift does it: the quote has lost the indentation of some lines and not of others, or the suggestion goes
 * along neither with the quote nor with the real lines. A suggestion that stands further left than all lines that it
 * replaces would leave the block that they are in, so it is none either.
 *
 * @param quoted as many lines as `real`, which they are up to white space
 */
export const reindent = (suggestion: Lines, quoted: Lines, real: Lines): Option.Option<Lines> =>
  Option.match(
    Option.all([commonIndentation(suggestion), commonIndentation(quoted), commonIndentation(real)]),
    {
      // A suggestion of blank lines only has no indentation.
      onNone: () => Option.some(suggestion),
      onSome: ([mine, theirs, wanted]) => {
        const expected = shapeOf(real, wanted)
        if (!shapeOf(quoted, theirs).every((shape, index) => shape === expected[index])) return Option.none()
        if (mine === wanted || (theirs === wanted && mine.startsWith(wanted))) return Option.some(suggestion)
        if (mine !== theirs) return Option.none()
        return Option.some(
          suggestion.map((line) => (isBlank(line) ? line : `${wanted}${line.slice(mine.length)}`))
        )
      }
    }
  )
