/** What a check run says of a finished review: from the same report as the review's body, so that they can't differ. */
import type { CheckConclusion } from "../github/Github.ts"
import { countCoverage } from "./Coverage.ts"
import { renderCoverage, renderSummary } from "./ReviewBody.ts"
import {
  headline,
  openCount,
  overLimitCount,
  type ReviewReport,
  shortfalls,
  shownCount
} from "./ReviewReport.ts"
import { maxOutputLength, truncate, truncateLine } from "./Truncate.ts"

/** What the check run becomes when there are findings. */
export type OnFindings = "success" | "neutral" | "failure"

export interface CheckOutput {
  readonly title: string
  /** Markdown. */
  readonly summary: string
  /** Markdown: the coverage. */
  readonly text: string
}

/**
 * Never green for what was not looked at: whatever is wanted of findings, it is `success` only if every file that should
 * have been reviewed was, and at least one was, now or by the review that this one goes on from.
 */
export const conclusionOf = (report: ReviewReport, onFindings: OnFindings): CheckConclusion => {
  const { reviewed, unchanged } = countCoverage(report.coverage)
  const isWhole = shortfalls(report) === 0 && reviewed + unchanged > 0
  const hasFindings = shownCount(report) + overLimitCount(report) + openCount(report) > 0
  const wanted = hasFindings ? onFindings : "success"
  return wanted === "success" && !isWhole ? "neutral" : wanted
}

/** Within GitHub's limits: https://docs.github.com/en/rest/checks/runs#create-a-check-run */
export const renderCheckOutput = (report: ReviewReport): CheckOutput => ({
  title: truncateLine(headline(report), 255),
  summary: truncate(renderSummary(report), maxOutputLength),
  text: renderCoverage(report, maxOutputLength - 200)
})
