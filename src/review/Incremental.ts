/**
 * What of a pull request has changed since it was last reviewed. Pure.
 *
 * The diff that is reviewed, and commented on, is always that of the pull request; of it those hunks are left that what
 * was pushed since reaches into. So a merge of the base branch brings nothing to review but what it changes in the
 * pull request's own lines.
 */
import { Option } from "effect"
import { type Coverage, type CoverageEntry, filesOf, isShortfall, skipped } from "./Coverage.ts"
import type { ChangedFile, Hunk } from "./Diff.ts"

/** Lines of the new side, both ends included. */
type Stretch = readonly [first: number, last: number]

/** What a diff touches: the lines it adds, and the lines between which it removes some. */
const touchedBy = ({ hunks }: ChangedFile): ReadonlyArray<Stretch> =>
  hunks.flatMap(({ lines, newStart }) => {
    // Where a side is empty, git names the line before it.
    let next = lines.some(({ newLine }) => Option.isSome(newLine)) ? newStart : newStart + 1
    return lines.flatMap((line): ReadonlyArray<Stretch> => {
      if (Option.isSome(line.newLine)) next = line.newLine.value + 1
      switch (line.kind) {
        case "added":
          return [[next - 1, next - 1]]
        case "removed":
          return [[next - 1, next]]
        case "context":
          return []
      }
    })
  })

const stretchOf = ({ lines, newStart }: Hunk): Stretch => {
  const numbers = lines.flatMap(({ newLine }) => Option.toArray(newLine))
  return [numbers[0] ?? newStart, numbers.at(-1) ?? newStart + 1]
}

const meets = ([first, last]: Stretch, [otherFirst, otherLast]: Stretch): boolean =>
  first <= otherLast && otherFirst <= last

/** What was pushed since the last review. */
export interface Since {
  /** The head that was reviewed; an ancestor of the head that is. */
  readonly commitSha: string
  /** How many commits there are between the two. */
  readonly commits: number
  /** The diff between the two. */
  readonly files: ReadonlyArray<ChangedFile>
}

export interface Narrowed {
  /** Files with what is to be reviewed of them, in the order in which they came. */
  readonly review: ReadonlyArray<ChangedFile>
  readonly unchanged: ReadonlyArray<CoverageEntry>
}

/**
 * Leaves what has changed. A file that the last review did not cover whole is left whole, and so is one of which the diff
 * since is not known whole.
 *
 * @param files of the pull request's diff
 * @param before the coverage of the last review
 */
export const narrow = (files: ReadonlyArray<ChangedFile>, before: Coverage, since: Since): Narrowed => {
  const covered = new Map(filesOf(before).map((entry) => [entry.path, entry]))
  const changes = new Map(since.files.map((file) => [file.path, file]))
  const review: Array<ChangedFile> = []
  const unchanged: Array<CoverageEntry> = []
  for (const file of files) {
    const change = changes.get(file.path)
    const path = Option.getOrElse(
      Option.flatMap(Option.fromNullable(change), ({ previousPath }) => previousPath),
      () => file.path
    )
    const entry = covered.get(path)
    const wasRead =
      entry?._tag === "Reviewed" || (entry?._tag === "Skipped" && entry.reason._tag === "UnchangedSince")
    if (!wasRead || isShortfall(entry)) {
      review.push(file)
      continue
    }
    const isSame = change === undefined || change.additions + change.deletions === 0
    if (!isSame && change.completeness._tag !== "Whole") {
      review.push(file)
      continue
    }
    const touched = isSame ? [] : touchedBy(change)
    const hunks = file.hunks.filter((hunk) => touched.some((stretch) => meets(stretch, stretchOf(hunk))))
    if (hunks.length > 0) review.push({ ...file, hunks })
    else unchanged.push(skipped(file.path, { _tag: "UnchangedSince", commitSha: since.commitSha }))
  }
  return { review, unchanged }
}
