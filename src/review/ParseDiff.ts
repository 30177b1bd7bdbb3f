/**
 * From GitHub's list of changed files to numbered hunks.
 *
 * Total: what can't be read is not dropped but comes back as a file whose `completeness` says why.
 */
import { parsePatch, type StructuredPatchHunk } from "diff"
import { Either, Option } from "effect"
import type { PullRequestFile } from "../github/Github.ts"
import type { ChangedFile, DiffLine, Hunk } from "./Diff.ts"

/** Git ends a line with a line feed only; a carriage return before it belongs to the file's line end. */
const withoutLineEnd = (line: string): string => (line.endsWith("\r") ? line.slice(0, -1) : line)

/** Numbers the lines of a hunk. "\ No newline at end of file" is about a line and is not one. */
export const numberHunk = (hunk: StructuredPatchHunk): Hunk => {
  let oldLine = hunk.oldStart
  let newLine = hunk.newStart
  const lines: Array<DiffLine> = []
  for (const raw of hunk.lines) {
    const text = withoutLineEnd(raw.slice(1))
    switch (raw.charAt(0)) {
      case "\\":
        break
      case "+":
        lines.push({ kind: "added", oldLine: Option.none(), newLine: Option.some(newLine++), text })
        break
      case "-":
        lines.push({ kind: "removed", oldLine: Option.some(oldLine++), newLine: Option.none(), text })
        break
      default:
        lines.push({
          kind: "context",
          oldLine: Option.some(oldLine++),
          newLine: Option.some(newLine++),
          text
        })
    }
  }
  return { oldStart: hunk.oldStart, newStart: hunk.newStart, lines }
}

/** How many lines the hunks add and remove. */
export const countChanges = (
  hunks: ReadonlyArray<Hunk>
): { readonly additions: number; readonly deletions: number } => {
  let additions = 0
  let deletions = 0
  for (const hunk of hunks) {
    for (const line of hunk.lines) {
      if (line.kind === "added") additions++
      else if (line.kind === "removed") deletions++
    }
  }
  return { additions, deletions }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export const isNumbered = (hunk: StructuredPatchHunk): boolean =>
  Number.isSafeInteger(hunk.oldStart) && Number.isSafeInteger(hunk.newStart)

const parseHunks = (patch: string): Either.Either<ReadonlyArray<Hunk>, string> =>
  Either.try({ try: () => parsePatch(patch), catch: messageOf }).pipe(
    Either.flatMap((files) => {
      const [file, ...others] = files
      // The parser skips what stands before the first "@@" or after the last hunk as prose; here it is a fault. So is a
      // header without numbers, of which it makes lines numbered NaN.
      return file !== undefined &&
        others.length === 0 &&
        file.hunks.length > 0 &&
        patch.startsWith("@@ ") &&
        file.hunks.every(isNumbered)
        ? Either.right(file.hunks.map(numberHunk))
        : Either.left("it is not a sequence of hunks")
    })
  )

type Read = Pick<ChangedFile, "hunks" | "completeness">

/**
 * A patch that breaks off in its last hunk still has good hunks before it. A line that starts with "@@ -" in the first
 * column is always a hunk's header: lines of content have their marker there.
 */
const readBeforeTheBreak = (patch: string, reason: string): Read => {
  const lastHeader = patch.lastIndexOf("\n@@ -")
  const rest = lastHeader > 0 ? parseHunks(patch.slice(0, lastHeader + 1)) : Either.left(reason)
  return Either.match(rest, {
    onLeft: () => ({ hunks: [], completeness: { _tag: "Unreadable", reason } }),
    onRight: (hunks) => ({
      hunks,
      completeness: { _tag: "Cut", reason: `the last hunk of the diff can't be read: ${reason}` }
    })
  })
}

const readPatch = (patch: string): Read =>
  Either.match(parseHunks(patch), {
    onLeft: (reason) => readBeforeTheBreak(patch, reason),
    onRight: (hunks) => ({ hunks, completeness: { _tag: "Whole" } })
  })

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`

/** A patch that is well-formed but shows fewer or more lines than GitHub counted is not the whole change. */
const compareWithCounts = (read: Read, file: PullRequestFile): Read => {
  if (read.completeness._tag !== "Whole") return read
  const { additions, deletions } = countChanges(read.hunks)
  if (additions === file.additions && deletions === file.deletions) return read
  const reason =
    `GitHub counts ${plural(file.additions, "added line")} and ${plural(file.deletions, "removed line")}, ` +
    `but its diff shows ${additions} and ${deletions}`
  return { hunks: read.hunks, completeness: { _tag: "Cut", reason } }
}

/**
 * Reads one entry of https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files, whose `patch` is the hunks of
 * a unified diff without the file's headers.
 */
export const parseFile = (file: PullRequestFile): ChangedFile => {
  const read: Read = Option.match(
    Option.filter(file.patch, (patch) => patch !== ""),
    {
      onNone: () => ({ hunks: [], completeness: { _tag: "Missing" } }),
      onSome: (patch) => compareWithCounts(readPatch(patch), file)
    }
  )
  return {
    path: file.path,
    previousPath: file.previousPath,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    ...read
  }
}
