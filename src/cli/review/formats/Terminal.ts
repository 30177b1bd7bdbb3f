/** Text on a terminal: colours where they are wanted, and nothing of other people's that a terminal would obey. */

export type Colour = "red" | "yellow" | "cyan" | "green" | "dim" | "bold"

const codes: { readonly [C in Colour]: number } = {
  bold: 1,
  dim: 2,
  red: 31,
  green: 32,
  yellow: 33,
  cyan: 36
}

export type Paint = (colour: Colour, text: string) => string

export const paint =
  (colours: boolean): Paint =>
  (colour, text) =>
    colours ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text

/** Shows what would move the cursor or turn the direction of text (https://www.unicode.org/reports/tr9/) as a mark. */
export const visible = (text: string): string =>
  text
    .replaceAll("\t", "  ")
    .replaceAll(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "\ufffd")

/** The lines of a text, each made visible. */
export const visibleLines = (text: string): ReadonlyArray<string> => text.split(/\r?\n/).map(visible)
