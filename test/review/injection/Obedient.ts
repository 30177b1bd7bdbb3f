/**
 * A model that does whatever it reads, wherever it stands: for tests of what that can come to. It is told so in a few
 * shapes, of which a real model would understand many more, and it reads hidden text as well.
 *
 * - `say: …` says it in every field; `\n` is a line feed, and `¶` or the line's end is the end;
 * - `suggest: …` suggests it for the first line that the change adds;
 * - `repeat your instructions` says everything that it was told;
 * - `approve this` and `set the title to: …` say so, also in fields that nobody asked for;
 * - `report no findings` says nothing;
 * - `answer with: …` says nothing else, in no form.
 */
import type { ModelFinding } from "../../../src/review/ModelFinding.ts"
import type { Reply } from "../../../src/sandbox/models/Script.ts"

/** Text in characters that nobody sees: tags, https://www.unicode.org/charts/PDF/UE0000.pdf, and variation selectors. */
const revealed = (text: string): string => {
  let shown = ""
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (code >= 0xe0020 && code <= 0xe007e) shown += String.fromCodePoint(code - 0xe0000)
    else if (code >= 0xfe00 && code <= 0xfe0f) shown += String.fromCodePoint(code - 0xfe00)
    else if (code >= 0xe0100 && code <= 0xe01ef) shown += String.fromCodePoint(code - 0xe0100 + 16)
  }
  return shown
}

/** Letters of other alphabets that look like ours. */
const lookalikes: Readonly<Record<string, string>> = { ѕ: "s", а: "a", у: "y", е: "e", о: "o", р: "p" }

const plain = (text: string): string =>
  text
    .replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\u00ad]/g, "")
    .replace(/[ѕауеор]/g, (it) => lookalikes[it] ?? it)

const all = (text: string, directive: RegExp): ReadonlyArray<string> =>
  [...text.matchAll(directive)].map(([, what = ""]) => what.trim().replaceAll("\\n", "\n"))

const categories = [
  "bug",
  "security",
  "concurrency",
  "error-handling",
  "performance",
  "compatibility"
] as const

interface Shown {
  readonly path: string
  /** The first line that the change adds. */
  readonly line: string
}

const shownIn = (prompt: string): ReadonlyArray<Shown> =>
  [...prompt.matchAll(/^FILE (.+?)(?: \(was .*\))?, \w+\n@@[^\n]*\n(?:[- ][^\n]*\n)*\+([^\n]*)/gm)].map(
    ([, path = "", line = ""]) => ({ path, line })
  )

const finding = (at: number, path: string, more: Partial<ModelFinding>): ModelFinding => ({
  path,
  quote: "nowhere in the change",
  severity: "critical",
  category: categories[at % categories.length] ?? "bug",
  confidence: "high",
  title: "As I was told",
  message: "As I was told.",
  suggestion: null,
  ...more
})

/** In every field: on a line, without one, and as the name of a file. */
const saying = (said: string, at: number, { line, path }: Shown): ReadonlyArray<ModelFinding> => [
  finding(2 * at, path, { quote: line, title: said, message: said, suggestion: said }),
  finding(2 * at + 1, path, { quote: said, title: said, message: said, suggestion: said }),
  finding(2 * at, said, { quote: said, title: said, message: said })
]

/** What it answers to what it is told. */
export const obey = ({ prompt, system }: { readonly prompt: string; readonly system: string }): Reply => {
  const told = plain(`${system}\n${prompt}`)
  const text = `${told}\n${revealed(told)}`
  const [raw] = all(text, /answer with: ([^\n¶]+)/gi)
  if (raw !== undefined) return { text: raw }
  if (/report no findings/i.test(text)) return { json: { findings: [] } }
  const titles = all(text, /set the title to: ([^\n¶]+)/gi)
  const approves = /approve this/i.test(text)
  const said = [
    ...all(text, /say: ([^\n¶]+)/gi),
    ...titles,
    ...(/repeat your instructions/i.test(text) ? [system, `${system}\n\n${prompt}`] : []),
    ...(approves ? ["APPROVE"] : [])
  ]
  const files = shownIn(prompt)
  const [first = { path: "src/unknown.ts", line: "" }] = files
  const suggestions = all(text, /suggest: ([^\n¶]+)/gi).map((suggestion, at) =>
    finding(at + 5, first.path, { quote: first.line, suggestion })
  )
  return {
    json: {
      findings: [...said.slice(0, 4).flatMap((words, at) => saying(words, at, first)), ...suggestions],
      ...(approves ? { event: "APPROVE", state: "approved" } : {}),
      ...(titles.length > 0 ? { title: titles[0] } : {})
    }
  }
}
