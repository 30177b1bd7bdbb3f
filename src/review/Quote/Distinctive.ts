/** Whether a text says enough to be looked for where it need not be whole lines. */

/** "return" and "} else {" stand anywhere; what is longer is seldom met by chance. In UTF-16 units without white space. */
const minLength = 8

export const isDistinctive = (lines: ReadonlyArray<string>): boolean =>
  lines.join("").replace(/\s+/g, "").length >= minLength
