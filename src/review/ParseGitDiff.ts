/** Reads the output of `git diff`, for reviews without GitHub. */
import { parsePatch, type StructuredPatch } from "diff"
import { Either, Option } from "effect"
import type { ChangedFile, Completeness, FileStatus } from "./Diff.ts"
import { countChanges, isNumbered, numberHunk } from "./ParseDiff.ts"

/** Each file's part of the diff: a line of content never begins with "diff", because its marker stands there. */
const sectionsOf = (text: string): ReadonlyArray<string> =>
  text.split(/(?<=^|\n)(?=diff --git )/).filter((section) => section.startsWith("diff --git "))

/**
 * The name behind "---" or "+++" when it ends with a blank. Git puts a tab behind a name with blanks, to show where it
 * ends; the parser takes the blanks off together with the tab.
 */
const nameWithBlank = (section: string, sign: "---" | "+++"): string | undefined =>
  section
    .slice(0, section.indexOf("\n@@ "))
    .split("\n")
    .find((line) => line.startsWith(`${sign} `) && line.endsWith(" \t"))
    ?.slice(sign.length + 1, -1)

const withBlanksInNames = (patch: StructuredPatch, section: string): StructuredPatch => ({
  ...patch,
  oldFileName: nameWithBlank(section, "---") ?? patch.oldFileName,
  newFileName: nameWithBlank(section, "+++") ?? patch.newFileName
})

const withoutPrefix = (name: string | undefined): string => name?.replace(/^[ab]\//, "") ?? ""

const statusOf = (patch: StructuredPatch): FileStatus => {
  if (patch.isCreate === true || patch.oldFileName === "/dev/null") return "added"
  if (patch.isDelete === true || patch.newFileName === "/dev/null") return "removed"
  if (patch.isRename === true) return "renamed"
  if (patch.isCopy === true) return "copied"
  return patch.hunks.length === 0 && patch.newMode !== undefined ? "changed" : "modified"
}

const completenessOf = (patch: StructuredPatch): Completeness => {
  if (patch.hunks.length > 0) return { _tag: "Whole" }
  return patch.isBinary === true ? { _tag: "Binary" } : { _tag: "Missing" }
}

const toFile = (patch: StructuredPatch): ChangedFile => {
  const status = statusOf(patch)
  const hunks = patch.hunks.map(numberHunk)
  const moved = status === "renamed" || status === "copied"
  return {
    path: withoutPrefix(status === "removed" ? patch.oldFileName : patch.newFileName),
    previousPath: moved ? Option.some(withoutPrefix(patch.oldFileName)) : Option.none(),
    status,
    ...countChanges(hunks),
    hunks,
    completeness: completenessOf(patch)
  }
}

/**
 * The changed files of a diff with git's own headers, with the prefixes `a/` and `b/`. Left: why it can't be read. With
 * `--binary` a binary file comes out as one whose patch is missing.
 */
export const parseGitDiff = (text: string): Either.Either<ReadonlyArray<ChangedFile>, string> =>
  Either.try({
    try: () => (text.trim() === "" ? [] : parsePatch(text)),
    catch: (error) => (error instanceof Error ? error.message : String(error))
  }).pipe(
    Either.filterOrLeft(
      (patches) => patches.every((patch) => patch.isGit === true && patch.hunks.every(isNumbered)),
      () => "it is not the output of git diff"
    ),
    Either.map((patches) => {
      const sections = sectionsOf(text)
      return patches.map((patch, index) => toFile(withBlanksInNames(patch, sections[index] ?? "")))
    })
  )
