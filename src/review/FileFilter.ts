/**
 * Decides for each changed file whether it is reviewed. Nothing is dropped: what is not reviewed comes back with its
 * reason.
 */
import { Array as Arr, Either, Option } from "effect"
import { type FileCoverage, type SkipReason, skipped } from "./Coverage.ts"
import type { ChangedFile } from "./Diff.ts"
import { generatedMarker } from "./FileFilter/GeneratedMarker.ts"
import type { Gitattributes } from "./FileFilter/Gitattributes.ts"
import { byImportance } from "./FileFilter/Importance.ts"
import { generatedByName, isBinaryName, isLockFile, isVendored } from "./FileFilter/Names.ts"
import { firstMatch, type Glob } from "./Glob.ts"

export interface FilterRules {
  readonly ignore: ReadonlyArray<Glob>
  readonly generated: "skip" | "review"
  /** How many files are reviewed at most. */
  readonly maxFiles: number
  /** Of the base commit. */
  readonly gitattributes: Gitattributes
}

export interface Filtered {
  /** Most important first, see {@link byImportance}. */
  readonly review: ReadonlyArray<ChangedFile>
  /** In the order of the pull request, and after them what was over the limit. */
  readonly skipped: ReadonlyArray<FileCoverage>
}

const isSubmodule = (file: ChangedFile): boolean =>
  file.hunks.length > 0 &&
  file.hunks.every((hunk) =>
    hunk.lines.every((line) => /^Subproject commit [0-9a-f]{40,64}(-dirty)?$/.test(line.text))
  )

/** Why there is nothing to read in a file without hunks. */
const withoutHunks = (file: ChangedFile): SkipReason => {
  const changedLines = file.additions + file.deletions
  switch (file.completeness._tag) {
    case "Unreadable":
      return { _tag: "Unreadable", detail: file.completeness.reason }
    case "Binary":
      return { _tag: "Binary" }
    default:
      if (changedLines > 0) return { _tag: "TooLarge", changedLines }
      return isBinaryName(file.path) ? { _tag: "Binary" } : { _tag: "NothingToRead" }
  }
}

const byOrigin = (file: ChangedFile, rules: FilterRules): Option.Option<SkipReason> => {
  const { gitattributes } = rules
  const skipGenerated = rules.generated === "skip"
  const generated = (by: string): SkipReason => ({ _tag: "Generated", by })
  const said = gitattributes.isGenerated(file.path)
  if (isLockFile(file.path)) return Option.some({ _tag: "LockFile" })
  if (Option.getOrElse(gitattributes.isVendored(file.path), () => isVendored(file.path))) {
    return Option.some({ _tag: "Vendored" })
  }
  // What the repository says about a file wins over a guess, in both directions.
  if (!skipGenerated || Option.contains(said, false)) return Option.none()
  if (Option.contains(said, true)) return Option.some(generated(".gitattributes"))
  return Option.fromNullable(generatedByName(file.path)).pipe(
    Option.orElse(() => generatedMarker(file)),
    Option.map(generated)
  )
}

/** Why a file is not reviewed, the limit on their number aside. */
export const skipReason = (file: ChangedFile, rules: FilterRules): Option.Option<SkipReason> => {
  if (file.status === "removed") return Option.some({ _tag: "Deleted" })
  const ignored = firstMatch(rules.ignore, file.path)
  if (Option.isSome(ignored)) return Option.some({ _tag: "Ignored", glob: ignored.value.source })
  if (file.status === "renamed" && file.hunks.length === 0 && file.additions + file.deletions === 0) {
    return Option.some({ _tag: "PureRename", from: Option.getOrElse(file.previousPath, () => "elsewhere") })
  }
  return Option.orElse(byOrigin(file, rules), () => {
    if (file.hunks.length === 0) return Option.some(withoutHunks(file))
    return isSubmodule(file) ? Option.some<SkipReason>({ _tag: "Submodule" }) : Option.none()
  })
}

/** Splits the files of a pull request into what is reviewed and what is not. */
export const filterFiles = (files: ReadonlyArray<ChangedFile>, rules: FilterRules): Filtered => {
  const [wanted, unwanted] = Arr.partitionMap(files, (file) =>
    Option.match(skipReason(file, rules), {
      onNone: () => Either.left(file),
      onSome: (reason) => Either.right(skipped(file.path, reason))
    })
  )
  const [review, over] = Arr.splitAt(Arr.sort(wanted, byImportance), rules.maxFiles)
  return {
    review,
    skipped: [
      ...unwanted,
      ...over.map((file) => skipped(file.path, { _tag: "OverMaxFiles", maxFiles: rules.maxFiles }))
    ]
  }
}
