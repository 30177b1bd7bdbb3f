/** Random changes to this repository's own code and pages. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { FastCheck } from "effect"

const root = fileURLToPath(new URL("../..", import.meta.url))

const textsIn = (folder: string, extension: string): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(extension))
    .sort()
    .map((name) => readFileSync(join(root, folder, name), "utf8"))

/** This repository's own code and pages, each up to as many lines. */
const maxLines = 250
const sources = [...textsIn("src", ".ts"), ...textsIn("docs", ".md")].map((text) =>
  text.split("\n").slice(0, maxLines)
)

const names = [
  "plain.ts",
  "with space.ts",
  'quo"te.ts',
  "tab\there.ts",
  "ünïcødé 漢字 🎉.ts",
  "back\\slash.ts",
  "a b/c b/x.ts",
  "it's.ts",
  "line\nfeed.ts",
  "-dash.ts",
  "ends with a blank ",
  " begins with one"
]

const trickyLine = FastCheck.constantFrom(
  "",
  "\t",
  "-- a comment in SQL",
  "++ counter",
  "--- a/file",
  "+++ b/file",
  "@@ -1,2 +1,2 @@",
  "\\ No newline at end of file",
  "diff --git a/x b/x",
  "    deeply(nested)",
  "one\rline",
  "line\u2028separator and\fform feed",
  "äöü 漢字 🎉",
  "12 | numbered",
  "...",
  "```"
)

const editArbitrary = FastCheck.record({
  at: FastCheck.nat(maxLines),
  remove: FastCheck.nat(5),
  insert: FastCheck.array(
    FastCheck.oneof(
      { arbitrary: trickyLine, weight: 1 },
      {
        arbitrary: FastCheck.tuple(FastCheck.nat(sources.length - 1), FastCheck.nat(maxLines)),
        weight: 3
      }
    ),
    { maxLength: 5 }
  )
})

const changeArbitrary = FastCheck.record({
  source: FastCheck.nat(sources.length - 1),
  name: FastCheck.constantFrom(...names),
  lineEnd: FastCheck.constantFrom("\n", "\n", "\r\n"),
  endedBefore: FastCheck.boolean(),
  endedAfter: FastCheck.boolean(),
  edits: FastCheck.array(editArbitrary, { minLength: 1, maxLength: 6 }),
  kind: FastCheck.oneof(
    { arbitrary: FastCheck.constant("edit" as const), weight: 8 },
    { arbitrary: FastCheck.constant("rename" as const), weight: 3 },
    {
      arbitrary: FastCheck.constantFrom(
        ...(["new", "gone", "emptied", "filled", "empty", "mode", "modeOnly", "link", "binary"] as const)
      ),
      weight: 4
    }
  )
})
type Drawn = typeof changeArbitrary extends FastCheck.Arbitrary<infer A> ? A : never

const edited = (lines: ReadonlyArray<string>, edits: Drawn["edits"]): ReadonlyArray<string> => {
  const result = [...lines]
  for (const { at, insert, remove } of edits) {
    const put = insert.map((line) => {
      if (typeof line === "string") return line
      const source = sources[line[0]] ?? []
      return source[line[1] % source.length] ?? ""
    })
    result.splice(at % (result.length + 1), remove, ...put)
  }
  return result
}

/** What happens to a file. */
export interface Change {
  /** A name that git may have to quote. */
  readonly name: string
  readonly kind: Drawn["kind"]
  readonly before: string
  readonly after: string
}

/** So many changes of all kinds; the same ones for the same seed. */
export const randomChanges = (seed: number, count: number): ReadonlyArray<Change> =>
  FastCheck.sample(changeArbitrary, { seed, numRuns: count }).map((drawn) => {
    const { edits, endedAfter, endedBefore, kind, lineEnd, name } = drawn
    const source = sources[drawn.source] ?? []
    const text = (lines: ReadonlyArray<string>, isEnded: boolean): string =>
      lines.join(lineEnd) + (isEnded ? lineEnd : "")
    return { name, kind, before: text(source, endedBefore), after: text(edited(source, edits), endedAfter) }
  })

/** Lines that are in no change: from anywhere in the sources. */
export const sourceLines = (source: number, at: number, count: number): ReadonlyArray<string> => {
  const lines = sources[source % sources.length] ?? []
  const start = at % Math.max(1, lines.length - count)
  return lines.slice(start, start + count)
}
