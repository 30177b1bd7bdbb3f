/** What earlier reviews of a pull request said, and what became of it. Pure. */
import { Option, Schema } from "effect"
import type { ReviewThread } from "../github/Github.ts"
import { Coverage, filesOf } from "./Coverage.ts"
import { Severity } from "./Finding.ts"
import { findFindingMarker } from "./Marker.ts"

/** A finding that stands in a published review. */
export const Posted = Schema.Struct({
  fingerprint: Schema.String,
  path: Schema.String,
  rule: Schema.String,
  severity: Severity,
  title: Schema.String
})
export type Posted = typeof Posted.Type

/** The comments on a finding. */
const Thread = Schema.Struct({
  /** GitHub's, for resolving it. */
  id: Schema.String,
  fingerprint: Schema.String,
  path: Schema.String,
  /** At the head; null when it is outdated. */
  startLine: Schema.NullOr(Schema.Int),
  line: Schema.NullOr(Schema.Int),
  isResolved: Schema.Boolean,
  isOutdated: Schema.Boolean,
  /** Whether anybody else wrote something. */
  isAnswered: Schema.Boolean
})
export type Thread = typeof Thread.Type

/** What stands for the provider, and the model, of a review without a model. */
export const rulesAlone = "rules"

export const LastReview = Schema.Struct({
  commitSha: Schema.String,
  coverage: Coverage,
  /** Where a step of an older version does not say, no model is taken to have read anything. */
  provider: Schema.optionalWith(Schema.String, { default: () => rulesAlone })
})

export const Earlier = Schema.Struct({
  /** The last review; null when there was none. */
  last: Schema.NullOr(LastReview),
  /** Without those that are gone. */
  posted: Schema.Array(Posted),
  threads: Schema.Array(Thread)
})
export type Earlier = typeof Earlier.Type

export const nothingEarlier: Earlier = { last: null, posted: [], threads: [] }

/** The threads that Holdfast began, each about one finding. */
export const ownThreads = (threads: ReadonlyArray<ReviewThread>, ownLogin: string): ReadonlyArray<Thread> =>
  threads.flatMap(
    ({ comments, id, isOutdated, isResolved, line, path, startLine }): ReadonlyArray<Thread> => {
      const [first, ...others] = comments
      if (first?.authorLogin !== ownLogin) return []
      return Option.match(findFindingMarker(first.body), {
        onNone: () => [],
        onSome: (fingerprint) => [
          {
            id,
            fingerprint,
            path,
            startLine: Option.getOrNull(Option.orElse(startLine, () => line)),
            line: Option.getOrNull(line),
            isResolved,
            isOutdated,
            isAnswered: others.some(({ authorLogin }) => authorLogin !== ownLogin)
          }
        ]
      })
    }
  )

/** What became of the findings that were posted before. */
export interface Aftermath {
  readonly open: ReadonlyArray<Posted>
  /** Their code is gone. */
  readonly gone: ReadonlyArray<Posted>
  /** The threads of the latter that nobody has answered or resolved. */
  readonly toResolve: ReadonlyArray<string>
}

/**
 * Whether a finding that was not found again can be gone for that: its file was looked at, or is not there any more. Of a
 * file that this review had no need to look at, what stood on lines that are outdated is gone with them.
 */
const canTell = (coverage: Coverage, path: string, hadLines: boolean): boolean => {
  const entry = filesOf(coverage).find((one) => one.path === path)
  switch (entry?._tag) {
    case undefined:
      // Unless it may be one of the files that GitHub does not list.
      return !coverage.some(({ _tag }) => _tag === "Unlisted")
    case "Reviewed":
      return true
    case "Partial":
      return false
    case "Skipped":
      return entry.reason._tag === "Deleted" || (hadLines && entry.reason._tag === "UnchangedSince")
  }
}

/**
 * A finding is open until its code has gone, or a person resolved it or dismissed it. That it was not found again says
 * nothing as long as its lines are there: a model does not find the same twice.
 *
 * @param repeated the fingerprints of those that were found again
 * @param coverage of this review
 */
export const aftermath = (
  { posted, threads }: Earlier,
  dismissed: ReadonlySet<string>,
  repeated: ReadonlySet<string>,
  coverage: Coverage
): Aftermath => {
  const open: Array<Posted> = []
  const gone: Array<Posted> = []
  const toResolve: Array<string> = []
  for (const finding of posted) {
    const { fingerprint } = finding
    const own = threads.filter((thread) => thread.fingerprint === fingerprint)
    if (dismissed.has(fingerprint) || own.some(({ isResolved }) => isResolved)) continue
    const isGone =
      !repeated.has(fingerprint) &&
      own.every(({ isOutdated }) => isOutdated) &&
      canTell(coverage, finding.path, own.length > 0)
    if (!isGone) open.push(finding)
    else {
      gone.push(finding)
      toResolve.push(...own.filter(({ isAnswered }) => !isAnswered).map(({ id }) => id))
    }
  }
  return { open, gone, toResolve }
}
