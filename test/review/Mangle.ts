/** What models do to the lines that they quote. */
import type { DiffLine } from "../../src/review/Diff.ts"

export type Lines = ReadonlyArray<string>

export const whiteSpaces = ["as it is", "trimmed", "indented", "tabs", "runs", "carriage returns"] as const
export const prefixes = ["none", "markers", "bars", "colons", "bars and markers"] as const
export const wraps = ["none", "fence", "tildes", "diff fence", "open fence", "backticks"] as const

export interface Mangling {
  readonly whiteSpace: (typeof whiteSpaces)[number]
  readonly prefix: (typeof prefixes)[number]
  readonly wrap: (typeof wraps)[number]
  readonly blankEnds: boolean
}

export const unmangled: Mangling = { whiteSpace: "as it is", prefix: "none", wrap: "none", blankEnds: false }

const spaced = (line: string, how: Mangling["whiteSpace"]): string => {
  switch (how) {
    case "as it is":
      return line
    case "trimmed":
      return line.trim()
    case "indented":
      return `      ${line}  `
    case "tabs":
      return line.replace(/ {2}/g, "\t")
    case "runs":
      return line.replace(/ /g, "  ")
    case "carriage returns":
      return `${line}\r`
  }
}

const marker = { context: " ", added: "+", removed: "-" } as const

/** @param line the line that is quoted, from which the text may differ */
const prefixed = (text: string, line: DiffLine, number: number, how: Mangling["prefix"]): string => {
  switch (how) {
    case "none":
      return text
    case "markers":
      return `${marker[line.kind]}${text}`
    case "bars":
      return `${number} | ${text}`
    case "colons":
      return `${number}: ${text}`
    case "bars and markers":
      return `${number} | ${marker[line.kind]}${text}`
  }
}

const wrapped = (lines: Lines, how: Mangling["wrap"]): Lines => {
  const hasTicks = lines.some((line) => line.includes("`") || line.includes("~~~"))
  switch (how) {
    case "none":
      return lines
    case "fence":
      return ["```ts", ...lines, "```"]
    case "tildes":
      return ["~~~", ...lines, "~~~"]
    case "diff fence":
      return ["```diff", ...lines, "```", ""]
    case "open fence":
      return hasTicks ? lines : ["```", ...lines]
    case "backticks":
      return hasTicks ? lines : `\`${lines.join("\n")}\``.split("\n")
  }
}

/** A quote of the lines of a diff, whose texts are given separately. */
export const mangle = (texts: Lines, of: ReadonlyArray<DiffLine>, how: Mangling): string => {
  const lines = of.map((line, at) =>
    prefixed(spaced(texts[at] ?? "", how.whiteSpace), line, 90 + at, how.prefix)
  )
  const whole = wrapped(lines, how.wrap)
  const quote = (how.blankEnds ? ["", "  ", ...whole, "", ""] : whole).join("\n")
  // Else the line feed before a last line that is blank would only end the line before.
  return quote.endsWith("\n") ? `${quote}\n` : quote
}
