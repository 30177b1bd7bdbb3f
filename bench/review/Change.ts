/** Pull requests made from a seed, in the form in which GitHub lists their files and as git prints them. */
import { Option } from "effect"
import type { PullRequestFile } from "../../src/github/Github.ts"
import type { ChangedFile } from "../../src/review/Diff.ts"
import { parseFile } from "../../src/review/ParseDiff.ts"
import { codeLine, languages, sentence } from "./Code.ts"
import { type Random, random } from "./Random.ts"

export interface Size {
  readonly files: number
  /** Added and removed lines of each file. */
  readonly changesPerFile: number
}

/** A file of a pull request. */
interface MadeFile {
  readonly path: string
  readonly status: "added" | "modified"
  readonly additions: number
  readonly deletions: number
  /** The hunks, without a line feed at the end. */
  readonly patch: string
  /** Stretches of the new side, each of some lines within one hunk: what a finding can be about. */
  readonly stretches: ReadonlyArray<ReadonlyArray<string>>
}

export type Change = ReadonlyArray<MadeFile>

const context = 3

/** About this many changed lines stand together. */
const perHunk = 12

const times = <A>(count: number, make: () => A): ReadonlyArray<A> => Array.from({ length: count }, make)

/** Hunks with a third of the changes removed lines, as in changes that people make. */
const modified = (path: string, line: () => string, { int }: Random, changes: number): MadeFile => {
  const patch: Array<string> = []
  const stretches: Array<ReadonlyArray<string>> = []
  let [additions, deletions] = [0, 0]
  let [oldLine, newLine] = [1 + int(40), 0]
  newLine = oldLine
  while (additions + deletions < changes) {
    const here = Math.min(changes - additions - deletions, perHunk - 4 + int(9))
    const removed = times(Math.floor(here / 3), line)
    const added = times(here - removed.length, line)
    const [before, after] = [times(context, line), times(context, line)]
    const size = 2 * context
    patch.push(
      `@@ -${oldLine},${removed.length + size} +${newLine},${added.length + size} @@ ${line().trim()}`,
      ...before.map((text) => ` ${text}`),
      ...removed.map((text) => `-${text}`),
      ...added.map((text) => `+${text}`),
      ...after.map((text) => ` ${text}`)
    )
    stretches.push([...before, ...added, ...after])
    additions += added.length
    deletions += removed.length
    const gap = 10 + int(60)
    oldLine += removed.length + size + gap
    newLine += added.length + size + gap
  }
  return { path, status: "modified", additions, deletions, patch: patch.join("\n"), stretches }
}

const patchOfNew = (lines: ReadonlyArray<string>): string =>
  [`@@ -0,0 +1,${lines.length} @@`, ...lines.map((text) => `+${text}`)].join("\n")

/** A file of which every line is new, as the pipeline sees it. */
export const newFile = (path: string, lines: ReadonlyArray<string>): ChangedFile =>
  parseFile({
    path,
    previousPath: Option.none(),
    status: "added",
    additions: lines.length,
    deletions: 0,
    patch: Option.some(patchOfNew(lines))
  })

const added = (path: string, line: () => string, changes: number): MadeFile => {
  const lines = times(changes, line)
  return {
    path,
    status: "added",
    additions: changes,
    deletions: 0,
    patch: patchOfNew(lines),
    stretches: [lines]
  }
}

/** Every fifth file is new. */
export const makeChange = ({ changesPerFile, files }: Size, seed = 1): Change => {
  const by = random(seed)
  return Array.from({ length: files }, (_, at) => {
    const language = languages[at % languages.length] ?? "ts"
    const [folder, name] = sentence(by, 2).split(" ")
    const path = `packages/${folder}/src/${name}_${at}.${language}`
    const line = () => codeLine(language, by)
    return at % 5 === 4 ? added(path, line, changesPerFile) : modified(path, line, by, changesPerFile)
  })
}

/** As `GET /repos/{owner}/{repo}/pulls/{pull_number}/files` lists them. */
export const asGithubLists = (change: Change): ReadonlyArray<PullRequestFile> =>
  change.map(({ additions, deletions, patch, path, status }) => ({
    path,
    previousPath: Option.none(),
    status,
    additions,
    deletions,
    patch: Option.some(patch)
  }))

/** The same as JSON of GitHub's, with the fields that a review reads. */
export const asJson = (change: Change): string =>
  JSON.stringify(
    change.map(({ additions, deletions, patch, path, status }) => ({
      sha: "da39a3ee5e6b4b0d3255bfef95601890afd80709",
      filename: path,
      status,
      additions,
      deletions,
      changes: additions + deletions,
      patch
    }))
  )

/** As `git diff` prints it. */
export const asGitDiff = (change: Change): string =>
  change
    .map(({ patch, path, status }) =>
      [
        `diff --git a/${path} b/${path}`,
        ...(status === "added"
          ? ["new file mode 100644", "index 0000000..2f1d9ab", "--- /dev/null"]
          : ["index 83db48f..bf269f4 100644", `--- a/${path}`]),
        `+++ b/${path}`,
        `${patch}\n`
      ].join("\n")
    )
    .join("")
