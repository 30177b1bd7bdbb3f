/** Finds a run of lines in lines. */

/** For each prefix of the pattern, how long the longest shorter prefix is that it also ends with. */
const borders = (pattern: ReadonlyArray<string>): ReadonlyArray<number> => {
  const lengths = [0]
  let length = 0
  for (let at = 1; at < pattern.length; at++) {
    while (length > 0 && pattern[at] !== pattern[length]) length = lengths[length - 1] ?? 0
    if (pattern[at] === pattern[length]) length++
    lengths.push(length)
  }
  return lengths
}

/**
 * The indexes at which the pattern occurs in the lines, in order, overlapping ones too; none for an empty pattern.
 *
 * Knuth, Morris and Pratt's algorithm: the time is that of reading both once, also where a file of 20,000 equal lines is
 * searched for 200 of them.
 */
export const occurrences = (
  lines: ReadonlyArray<string>,
  pattern: ReadonlyArray<string>
): ReadonlyArray<number> => {
  if (pattern.length === 0 || pattern.length > lines.length) return []
  const lengths = borders(pattern)
  const found: Array<number> = []
  let matched = 0
  lines.forEach((line, at) => {
    while (matched > 0 && line !== pattern[matched]) matched = lengths[matched - 1] ?? 0
    if (line === pattern[matched]) matched++
    if (matched === pattern.length) {
      found.push(at - matched + 1)
      matched = lengths[matched - 1] ?? 0
    }
  })
  return found
}
