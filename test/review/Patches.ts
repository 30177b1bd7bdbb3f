/** Pull requests made of texts before and after, in the form in which GitHub lists their files. */
import { structuredPatch } from "diff"
import { FastCheck, Option } from "effect"
import type { PullRequestFile } from "../../src/github/Github.ts"
import type { ChangedFile } from "../../src/review/Diff.ts"
import { parseFile } from "../../src/review/ParseDiff.ts"

const lineCount = (lines: ReadonlyArray<string>, marker: string): number =>
  lines.filter((line) => line.startsWith(marker)).length

/** One entry of GitHub's list: the patch is the hunks without the file's headers and without a final line feed. */
export const pullRequestFile = (
  path: string,
  before: string,
  after: string,
  rest: Partial<PullRequestFile> = {}
): PullRequestFile => {
  const { hunks } = structuredPatch(path, path, before, after, "", "", { context: 3 })
  const text = hunks.flatMap((hunk) => {
    // The library counts from one line later than git where a side is empty.
    const oldStart = hunk.oldLines === 0 ? hunk.oldStart - 1 : hunk.oldStart
    const newStart = hunk.newLines === 0 ? hunk.newStart - 1 : hunk.newStart
    return [`@@ -${oldStart},${hunk.oldLines} +${newStart},${hunk.newLines} @@ function x() {`, ...hunk.lines]
  })
  const lines = hunks.flatMap((hunk) => hunk.lines)
  return {
    path,
    previousPath: Option.none(),
    status: before === "" ? "added" : after === "" ? "removed" : "modified",
    additions: lineCount(lines, "+"),
    deletions: lineCount(lines, "-"),
    patch: hunks.length === 0 ? Option.none() : Option.some(text.join("\n")),
    ...rest
  }
}

/** The same, parsed. */
export const changedFile = (
  path: string,
  before: string,
  after: string,
  rest: Partial<PullRequestFile> = {}
): ChangedFile => parseFile(pullRequestFile(path, before, after, rest))

/** A file of which every line is new. */
export const newFile = (path: string, ...lines: ReadonlyArray<string>): ChangedFile =>
  changedFile(path, "", `${lines.join("\n")}\n`)

/** A file for which GitHub gives no patch. */
export const withoutPatch = (path: string, rest: Partial<PullRequestFile> = {}): ChangedFile =>
  parseFile({
    path,
    previousPath: Option.none(),
    status: "modified",
    additions: 0,
    deletions: 0,
    patch: Option.none(),
    ...rest
  })

/** Lines that a careless parser takes for something else. */
const trickyLine = FastCheck.constantFrom(
  "",
  " ",
  "-- a comment in SQL",
  "++ b",
  "- item",
  "+ item",
  "--- a/file",
  "+++ b/file",
  "@@ -1,2 +1,2 @@",
  "\\ No newline at end of file",
  "diff --git a/x b/x",
  "Index: x",
  "===================================================================",
  "\ttab",
  "ends with a carriage return\r",
  "line\u2028separator",
  "äöü 漢字 🎉"
)
const plainLine = FastCheck.integer({ min: 0, max: 30 }).map((n) => `line ${n}`)
const line = FastCheck.oneof({ arbitrary: plainLine, weight: 3 }, { arbitrary: trickyLine, weight: 1 })

/** Lines of a file, and whether the last one is ended. */
const text = FastCheck.tuple(FastCheck.array(line, { maxLength: 60 }), FastCheck.boolean()).map(
  ([lines, ended]) => lines.join("\n") + (ended && lines.length > 0 ? "\n" : "")
)

/** A text and a later version of it: some lines taken out, some put in. */
export const beforeAndAfter: FastCheck.Arbitrary<readonly [before: string, after: string]> = FastCheck.oneof(
  FastCheck.tuple(text, text),
  FastCheck.tuple(
    FastCheck.array(line, { minLength: 1, maxLength: 120 }),
    FastCheck.array(
      FastCheck.record({
        at: FastCheck.nat(120),
        remove: FastCheck.nat(4),
        insert: FastCheck.array(line, { maxLength: 4 })
      }),
      { maxLength: 8 }
    )
  ).map(([lines, edits]) => {
    const after = [...lines]
    for (const { at, remove, insert } of edits) after.splice(at, remove, ...insert)
    return [`${lines.join("\n")}\n`, `${after.join("\n")}\n`] as const
  })
)

/** A pull request of up to eight files that differ. */
export const changedFiles: FastCheck.Arbitrary<ReadonlyArray<ChangedFile>> = FastCheck.array(beforeAndAfter, {
  minLength: 1,
  maxLength: 8
}).map((texts) =>
  texts
    .map(([before, after], index) => changedFile(`src/file${index}.ts`, before, after))
    .filter((file) => file.hunks.length > 0)
)
