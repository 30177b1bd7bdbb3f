/** All that is told of one review, in the review itself and in its check run. Both are made from this alone. */
import { Option } from "effect"
import { type Coverage, countCoverage, countFiles, isShortfall } from "./Coverage.ts"
import type { Posted } from "./Earlier.ts"
import type { Severity } from "./Finding.ts"
import type { MarkerKey } from "./Marker.ts"
import type { Placement } from "./Place.ts"

/** What there is to say of earlier reviews of the pull request. */
export interface History {
  /** The head of the last one. */
  readonly commitSha: string
  /**
   * What this review looked at: what `commits` commits have changed since; everything, because it was asked for;
   * because no model has read what the last review did; because the last head is no ancestor of this one, or is not there
   * any more; or because too much has changed for GitHub to list it.
   */
  readonly scope:
    | { readonly _tag: "Since"; readonly commits: number }
    | { readonly _tag: "Asked" }
    | { readonly _tag: "ByRules" }
    | { readonly _tag: "Rewritten" }
    | { readonly _tag: "TooMuch" }
  /** Findings of before that stand. */
  readonly open: ReadonlyArray<Posted>
  /** Findings of before whose code is gone. */
  readonly gone: ReadonlyArray<Posted>
}

export interface ReviewReport {
  readonly key: MarkerKey
  readonly placement: Placement
  readonly coverage: Coverage
  readonly provider: string
  readonly model: string
  /** None for the first review. */
  readonly history: Option.Option<History>
  /** Sentences that the reader should know, such as a warning about the repository's configuration. Plain text. */
  readonly notes: ReadonlyArray<string>
}

/** What is told, whatever it is about. */
export type Telling = Omit<ReviewReport, "key">

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`

const order: ReadonlyArray<Severity> = ["critical", "high", "medium", "low"]

/** As in "1 critical, 2 medium". */
export const sayCounts = (counts: { readonly [S in Severity]: number }): string =>
  order
    .filter((severity) => counts[severity] > 0)
    .map((severity) => `${counts[severity]} ${severity}`)
    .join(", ")

/** How many findings are shown, by severity. */
export const shownBySeverity = ({ placement }: Telling): { readonly [S in Severity]: number } => {
  const counts = { low: 0, medium: 0, high: 0, critical: 0 }
  for (const { finding } of [...placement.comments, ...placement.body]) counts[finding.severity]++
  return counts
}

export const shownCount = ({ placement }: Telling): number =>
  placement.comments.length + placement.body.length

/** How many findings were found and are not shown because of the limit on comments. */
export const overLimitCount = ({ placement }: Telling): number =>
  order.reduce((sum, severity) => sum + placement.cut.overLimit[severity], 0)

/** How many files should have been reviewed and were not, or not whole. */
export const shortfalls = ({ coverage }: Telling): number => countFiles(coverage, isShortfall)

/** How many findings of earlier reviews stand. */
export const openCount = ({ history }: Telling): number =>
  Option.match(history, { onNone: () => 0, onSome: ({ open }) => open.length })

/** What the review found, in one line without Markdown. */
export const headline = (report: Telling): string => {
  const { files, partial, reviewed, unchanged } = countCoverage(report.coverage)
  const found = shownCount(report)
  const missing = shortfalls(report)
  const open = openCount(report)
  const but = [
    ...(open > 0 ? [`${open} still open`] : []),
    ...(missing > 0 ? [`${plural(missing, "file")} not or not fully reviewed`] : [])
  ]
  const say = (what: string): string => [what, ...but].join("; ")
  const isFirst = Option.isNone(report.history)
  const findings = (count: number) => plural(count, isFirst ? "finding" : "new finding")
  if (found > 0) return say(`${findings(found)}: ${sayCounts(shownBySeverity(report))}`)
  if (overLimitCount(report) > 0) return say(`${findings(overLimitCount(report))}, none shown`)
  if (files === 0) return say("Nothing to review: no file was changed")
  if (reviewed + partial + unchanged === 0)
    return say(missing > 0 ? "Nothing was reviewed" : "Nothing to review")
  return say(isFirst ? "No findings" : "No new findings")
}
