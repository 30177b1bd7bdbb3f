/**
 * The coverage ledger: what became of each changed file, and why. It is kept with the review and shown in it, so that
 * a partial review never looks whole.
 */
import { Match, Schema } from "effect"

const reason = <Tag extends string, Fields extends Schema.Struct.Fields>(tag: Tag, fields: Fields) =>
  Schema.TaggedStruct(tag, fields)

/** Why nothing of a file was reviewed. */
export const SkipReason = Schema.Union(
  reason("Deleted", {}),
  reason("PureRename", { from: Schema.String }),
  reason("Ignored", { glob: Schema.String }),
  reason("LockFile", {}),
  reason("Vendored", {}),
  /** `by` says what gave it away: a name, a marker in the file, or `.gitattributes`. */
  reason("Generated", { by: Schema.String }),
  reason("Submodule", {}),
  reason("Binary", {}),
  /** No patch and no changed lines: GitHub does not say whether the file is binary, empty or changed its mode. */
  reason("NothingToRead", {}),
  reason("TooLarge", { changedLines: Schema.Int }),
  reason("Unreadable", { detail: Schema.String }),
  reason("OverMaxFiles", { maxFiles: Schema.Int }),
  reason("OverTokenLimit", { maxTokens: Schema.Int }),
  reason("ModelFailed", { detail: Schema.String }),
  /** An earlier review read it, at that commit, and nothing that it would read has changed. */
  reason("UnchangedSince", { commitSha: Schema.String })
)
export type SkipReason = typeof SkipReason.Type

/** Why only some of a file was reviewed. */
export const PartialReason = Schema.Union(
  reason("DiffCut", { detail: Schema.String }),
  reason("OverTokenLimit", { maxTokens: Schema.Int, reviewedLines: Schema.Int, lines: Schema.Int }),
  reason("LinesTooLong", { lines: Schema.Int }),
  reason("ModelFailed", { detail: Schema.String })
)
export type PartialReason = typeof PartialReason.Type

export const FileCoverage = Schema.Union(
  Schema.TaggedStruct("Reviewed", { path: Schema.String }),
  Schema.TaggedStruct("Partial", {
    path: Schema.String,
    reasons: Schema.NonEmptyArray(PartialReason)
  }),
  Schema.TaggedStruct("Skipped", { path: Schema.String, reason: SkipReason })
)
export type FileCoverage = typeof FileCoverage.Type

/**
 * Files that GitHub counts and does not list: not even their names are known.
 *
 * https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files: "a maximum of 3000 files"
 */
const Unlisted = Schema.TaggedStruct("Unlisted", { files: Schema.Int.pipe(Schema.positive()) })

export const CoverageEntry = Schema.Union(FileCoverage, Unlisted)
export type CoverageEntry = typeof CoverageEntry.Type

/** One entry for each changed file that has a name, and at most one for those that have none. */
export const Coverage = Schema.Array(CoverageEntry)
export type Coverage = typeof Coverage.Type

export const reviewed = (path: string): FileCoverage => ({ _tag: "Reviewed", path })
export const skipped = (path: string, reason: SkipReason): FileCoverage => ({
  _tag: "Skipped",
  path,
  reason
})

/** What there is to say of files that are not listed, when as many have changed and as many are listed. */
export const unlisted = (changed: number, listed: number): Coverage =>
  changed > listed ? [{ _tag: "Unlisted", files: changed - listed }] : []

/** The entries of files that have a name. */
export const filesOf = (coverage: Coverage): ReadonlyArray<FileCoverage> =>
  coverage.flatMap((entry) => (entry._tag === "Unlisted" ? [] : [entry]))

/** Adds a reason to what is known of a file. A file that was skipped stays skipped. */
export const withReason = (entry: FileCoverage, reason: PartialReason): FileCoverage => {
  switch (entry._tag) {
    case "Reviewed":
      return { _tag: "Partial", path: entry.path, reasons: [reason] }
    case "Partial":
      return { _tag: "Partial", path: entry.path, reasons: [...entry.reasons, reason] }
    case "Skipped":
      return entry
  }
}

/**
 * Whether something that should have been reviewed was not. A deleted or generated file is left out by intent; a file
 * that was too large or over a limit is not, and a review with such files is never called clean.
 */
export const isShortfall = (entry: CoverageEntry): boolean => {
  switch (entry._tag) {
    case "Reviewed":
      return false
    case "Partial":
    case "Unlisted":
      return true
    case "Skipped":
      switch (entry.reason._tag) {
        case "TooLarge":
        case "Unreadable":
        case "OverMaxFiles":
        case "OverTokenLimit":
        case "ModelFailed":
          return true
        default:
          return false
      }
  }
}

export interface CoverageCounts {
  readonly files: number
  readonly reviewed: number
  readonly partial: number
  /** Read by an earlier review, and unchanged since. */
  readonly unchanged: number
  /** Those that GitHub does not list. */
  readonly unlisted: number
  /** The others. */
  readonly skipped: number
}

const isUnchanged = (entry: CoverageEntry): boolean =>
  entry._tag === "Skipped" && entry.reason._tag === "UnchangedSince"

/** How many files an entry is about. */
const sizeOf = (entry: CoverageEntry): number => (entry._tag === "Unlisted" ? entry.files : 1)

/** How many files there are of which the entries say so. */
export const countFiles = (coverage: Coverage, says: (entry: CoverageEntry) => boolean): number =>
  coverage.reduce((sum, entry) => (says(entry) ? sum + sizeOf(entry) : sum), 0)

export const countCoverage = (coverage: Coverage): CoverageCounts => ({
  files: countFiles(coverage, () => true),
  reviewed: countFiles(coverage, (entry) => entry._tag === "Reviewed"),
  partial: countFiles(coverage, (entry) => entry._tag === "Partial"),
  unchanged: countFiles(coverage, isUnchanged),
  unlisted: countFiles(coverage, (entry) => entry._tag === "Unlisted"),
  skipped: countFiles(coverage, (entry) => entry._tag === "Skipped" && !isUnchanged(entry))
})

/** A commit's name as people read it. */
export const shortSha = (commitSha: string): string => commitSha.slice(0, 12)

/** Says a reason in a few plain words. Parts of it may come from the code under review. */
export const sayReason = Match.type<SkipReason | PartialReason>().pipe(
  Match.tags({
    Deleted: () => "deleted",
    PureRename: ({ from }) => `renamed from ${from}, nothing else changed`,
    Ignored: ({ glob }) => `ignored by the pattern ${glob}`,
    LockFile: () => "lock file",
    Vendored: () => "vendored code",
    Generated: ({ by }) => `generated (${by})`,
    Submodule: () => "submodule",
    Binary: () => "binary",
    NothingToRead: () => "no changed lines to read (binary, empty, or only its mode changed)",
    TooLarge: ({ changedLines }) => `too large: GitHub gives no diff for its ${changedLines} changed lines`,
    Unreadable: ({ detail }) => `its diff can't be read: ${detail}`,
    OverMaxFiles: ({ maxFiles }) => `over the limit of ${maxFiles} files`,
    ModelFailed: ({ detail }) => `the model failed: ${detail}`,
    UnchangedSince: ({ commitSha }) => `since the review of ${shortSha(commitSha)}`,
    DiffCut: ({ detail }) => detail,
    LinesTooLong: ({ lines }) => `${lines === 1 ? "a line is" : `${lines} lines are`} too long to be reviewed`
  }),
  Match.tag("OverTokenLimit", (over) =>
    "lines" in over
      ? `over the limit of ${over.maxTokens} tokens: ${over.reviewedLines} of ${over.lines} lines of the diff were reviewed`
      : `over the limit of ${over.maxTokens} tokens`
  ),
  Match.exhaustive
)

/** All reasons of an entry, in one line; empty for a file that was reviewed whole. */
export const sayWhy = (entry: FileCoverage): string => {
  switch (entry._tag) {
    case "Reviewed":
      return ""
    case "Partial":
      return entry.reasons.map((reason) => sayReason(reason)).join("; ")
    case "Skipped":
      return sayReason(entry.reason)
  }
}
