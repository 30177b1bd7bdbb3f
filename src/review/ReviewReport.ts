/** All that is told of one review, in the review itself and in its check run. Both are made from this alone. */
import { type Coverage, countCoverage, isShortfall } from "./Coverage.ts"
import type { Severity } from "./Finding.ts"
import type { MarkerKey } from "./Marker.ts"
import type { Placement } from "./Place.ts"

export interface ReviewReport {
  readonly key: MarkerKey
  readonly placement: Placement
  readonly coverage: Coverage
  readonly provider: string
  readonly model: string
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
export const shortfalls = ({ coverage }: Telling): number => coverage.filter(isShortfall).length

/** What the review found, in one line without Markdown. */
export const headline = (report: Telling): string => {
  const { files, reviewed, partial } = countCoverage(report.coverage)
  const found = shownCount(report)
  const missing = shortfalls(report)
  const but = missing === 0 ? "" : `; ${plural(missing, "file")} not or not fully reviewed`
  if (found > 0) return `${plural(found, "finding")}: ${sayCounts(shownBySeverity(report))}${but}`
  if (overLimitCount(report) > 0) return `${plural(overLimitCount(report), "finding")}, none shown${but}`
  if (files === 0) return "Nothing to review: no file was changed"
  if (reviewed + partial === 0) return missing > 0 ? `Nothing was reviewed${but}` : "Nothing to review"
  return `No findings${but}`
}
