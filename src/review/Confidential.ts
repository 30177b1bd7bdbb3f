/**
 * Keeps what a model was told about how to review out of what it says: Holdfast's own words, the operator's and the
 * repository's instructions.
 *
 * What is recognised is a long stretch, word for word, or a whole line of the instructions, whatever the case, the
 * punctuation and the spaces between. Words that are translated, encoded, shortened or mixed with others are not.
 */
import { Option } from "effect"
import type { Finding } from "./Finding.ts"

/** Letters and digits: some twelve words of English. Shorter agreements come about by themselves. */
const stretch = 60

/** The fewest of a line that is recognised when all of it is repeated. */
const leastLine = 24

interface Letters {
  readonly text: string
  /** Where each of them stands in the original, in UTF-16 units. */
  readonly at: ReadonlyArray<number>
}

const isLetter = /[\p{L}\p{N}]/u

const lettersOf = (original: string): Letters => {
  let text = ""
  const at: Array<number> = []
  let index = 0
  for (const character of original) {
    const plain = character < "\u0080" ? character : character.normalize("NFKC")
    for (const letter of plain.toLowerCase()) {
      if (!isLetter.test(letter)) continue
      text += letter
      for (let unit = 0; unit < letter.length; unit++) at.push(index)
    }
    index += character.length
  }
  return { text, at }
}

/** Runs of letters by which the texts are recognised, by what they begin with. */
const runsOf = (texts: ReadonlyArray<string>): ReadonlyMap<string, ReadonlyArray<string>> => {
  const runs = new Map<string, Array<string>>()
  const add = (run: string) => {
    const start = run.slice(0, leastLine)
    const known = runs.get(start)
    if (known === undefined) runs.set(start, [run])
    else if (!known.includes(run)) known.push(run)
  }
  for (const text of texts) {
    const { text: letters } = lettersOf(text)
    for (let at = 0; at + stretch <= letters.length; at++) add(letters.slice(at, at + stretch))
    for (const line of text.split("\n")) {
      const whole = lettersOf(line).text
      if (whole.length >= leastLine && whole.length < stretch) add(whole)
    }
  }
  return runs
}

const replacement = "[left out: it repeats the instructions]"

/** Cuts out of a text what repeats the confidential ones. */
export type Cut = (text: string) => string

export const withoutRepeating = (confidential: ReadonlyArray<string>): Cut => {
  const runs = runsOf(confidential)
  return (text) => {
    const letters = lettersOf(text)
    let cut = ""
    let written = 0
    /** Up to which of the letters the stretch goes that is being cut out, and where it began. */
    let open: { readonly start: number; end: number } | undefined
    const close = () => {
      if (open === undefined) return
      cut += `${text.slice(written, letters.at[open.start])}${replacement}`
      const last = letters.at[open.end - 1] ?? text.length
      written = last + ((text.codePointAt(last) ?? 0) > 0xffff ? 2 : 1)
      open = undefined
    }
    for (let at = 0; at < letters.text.length; at++) {
      for (const run of runs.get(letters.text.slice(at, at + leastLine)) ?? []) {
        if (!letters.text.startsWith(run, at)) continue
        if (open !== undefined && at > open.end) close()
        open = { start: open?.start ?? at, end: Math.max(open?.end ?? 0, at + run.length) }
      }
    }
    close()
    return cut + text.slice(written)
  }
}

/** A finding of a model's without what it repeats. A suggestion that does is left out. */
export const keepConfidential =
  (cut: Cut) =>
  (finding: Finding): Finding => ({
    ...finding,
    title: cut(finding.title),
    message: cut(finding.message),
    suggestion: Option.filter(finding.suggestion, (text) => cut(text) === text)
  })
