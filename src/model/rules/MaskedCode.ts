/**
 * Blanks out strings and comments, so that a rule doesn't take a word in them for code. Columns stay as they are.
 *
 * It knows the lexical rules only roughly, and of a hunk it doesn't know what began before. Where it errs, it should err
 * on the side of silence.
 */
import { type Language, languageOf } from "./Language.ts"

interface Syntax {
  readonly lineComments: ReadonlyArray<string>
  readonly blockComments: boolean
  /** Delimiters of strings that end with the line at the latest. */
  readonly quotes: string
  /** Delimiters of strings that go over several lines, longest first. */
  readonly longQuotes: ReadonlyArray<string>
}

const cLike: Syntax = { lineComments: ["//"], blockComments: true, quotes: "\"'", longQuotes: [] }
const hashLike: Syntax = { lineComments: ["#"], blockComments: false, quotes: "\"'", longQuotes: [] }

const syntaxes: { readonly [L in Language]: Syntax } = {
  javascript: { ...cLike, longQuotes: ["`"] },
  go: { ...cLike, longQuotes: ["`"] },
  // A single quote also begins a lifetime.
  rust: { ...cLike, quotes: '"' },
  java: { ...cLike, longQuotes: ['"""'] },
  csharp: { ...cLike, longQuotes: ['"""'] },
  c: cLike,
  php: { ...cLike, lineComments: ["//", "#"] },
  python: { ...hashLike, longQuotes: ['"""', "'''"] },
  ruby: hashLike,
  elixir: { ...hashLike, quotes: '"', longQuotes: ['"""'] },
  other: hashLike
}

/** What a line leaves open for the next: nothing, or the text that closes it. */
type Open = string | undefined

interface Masked {
  readonly code: string
  readonly open: Open
}

const blank = (length: number): string => " ".repeat(length)

/** The index behind the closing text, or -1; a backslash takes the next character with it. */
const closedAt = (text: string, from: number, close: string): number => {
  for (let at = from; at < text.length; at++) {
    if (text.charAt(at) === "\\" && close !== "*/") at++
    else if (text.startsWith(close, at)) return at + close.length
  }
  return -1
}

const maskLine = (text: string, open: Open, syntax: Syntax): Masked => {
  let code = ""
  let at = 0
  const skipTo = (close: string, keep: number): boolean => {
    const behind = closedAt(text, at + keep, close)
    const found = behind >= 0
    const stop = found ? behind : text.length
    // The delimiters stay, so that a rule sees that an argument is a string.
    const tail = found && close !== "*/" ? close : ""
    code += text.slice(at, at + keep) + blank(stop - at - keep - tail.length) + tail
    at = stop
    return found
  }
  if (open !== undefined && !skipTo(open, 0)) return { code, open }
  while (at < text.length) {
    const long = syntax.longQuotes.find((quote) => text.startsWith(quote, at))
    if (syntax.lineComments.some((comment) => text.startsWith(comment, at))) {
      return { code: code + blank(text.length - at), open: undefined }
    }
    if (syntax.blockComments && text.startsWith("/*", at)) {
      if (!skipTo("*/", 0)) return { code, open: "*/" }
    } else if (long !== undefined) {
      if (!skipTo(long, long.length)) return { code, open: long }
    } else if (syntax.quotes.includes(text.charAt(at))) {
      skipTo(text.charAt(at), 1)
    } else {
      code += text.charAt(at)
      at++
    }
  }
  return { code, open: undefined }
}

/** A line that continues a block comment which began before the hunk: "* text". */
const continuesComment = /^\s*\*(\s|\/|$)/

/** The lines of one side of a hunk, masked, in the same order. */
export const maskLines = (lines: ReadonlyArray<string>, path: string): ReadonlyArray<string> => {
  const syntax = syntaxes[languageOf(path)]
  let open: Open
  return lines.map((text) => {
    if (open === undefined && syntax.blockComments && continuesComment.test(text)) return blank(text.length)
    const masked = maskLine(text, open, syntax)
    open = masked.open
    return masked.code
  })
}
