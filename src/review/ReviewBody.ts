/**
 * The body of a review: its marker, a summary that can be read in a breath, what has no place on the diff, what was left
 * out, and the coverage.
 *
 * It never exceeds GitHub's limit. What does not fit is counted, and the parts that matter least go first: rows of the
 * coverage, then findings, least severe first.
 */
import { Option } from "effect"
import { countCoverage, type FileCoverage, filesOf, sayWhy } from "./Coverage.ts"
import { sayHistory } from "./HistorySection.ts"
import { renderMarker } from "./Marker.ts"
import { codeSpan, neutralise, plainText, tableCell } from "./Neutralise.ts"
import { renderUnplaced } from "./RenderFinding.ts"
import {
  headline,
  overLimitCount,
  plural,
  type ReviewReport,
  sayCounts,
  shownCount,
  type Telling
} from "./ReviewReport.ts"
import { maxBodyLength, truncateLine } from "./Truncate.ts"

const maxNotes = 20
const maxNoteLength = 500
const maxUnplacedLength = 6_000
const maxCellLength = 400

/** Kept free for the sentences that say how much was left out. */
const reserve = 400

/** That GitHub keeps some of the files to itself, as a sentence; none where it lists them all. */
const unlistedLine = ({ coverage }: Telling): ReadonlyArray<string> => {
  const { unlisted } = countCoverage(coverage)
  if (unlisted === 0) return []
  return [
    `${plural(unlisted, "more file")} ${unlisted === 1 ? "was" : "were"} not listed by GitHub and not reviewed.`
  ]
}

/** How many of the files were reviewed, as sentences. */
export const filesLine = (report: Telling): string => {
  const { files, partial, reviewed, skipped, unchanged } = countCoverage(report.coverage)
  const parts = [
    `${reviewed} of ${plural(files, "changed file")} reviewed`,
    ...(unchanged > 0 ? [`${unchanged} unchanged since the last review`] : []),
    ...(partial > 0 ? [`${partial} in part`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : [])
  ]
  return [`${parts.join(", ")}.`, ...unlistedLine(report)].join(" ")
}

/** What was found and is not shown, as sentences. */
export const cutLines = (report: Telling): ReadonlyArray<string> => {
  const { belowSeverity, dismissed, overLimit, weak } = report.placement.cut
  const over = overLimitCount(report)
  return [
    ...(over > 0
      ? [`${plural(over, "more finding")} (${sayCounts(overLimit)}) over the limit on comments not shown.`]
      : []),
    ...(belowSeverity > 0
      ? [`${plural(belowSeverity, "finding")} below the minimum severity not shown.`]
      : []),
    ...(weak > 0 ? [`${plural(weak, "weak finding")} left out after a second look.`] : []),
    ...(dismissed > 0 ? [`${plural(dismissed, "dismissed finding")} not shown.`] : [])
  ]
}

const notes = (report: ReviewReport): ReadonlyArray<string> => [
  ...report.notes.slice(0, maxNotes).map((note) => `> ⚠️ ${plainText(truncateLine(note, maxNoteLength))}`),
  ...(report.notes.length > maxNotes
    ? [`> ⚠️ … and ${plural(report.notes.length - maxNotes, "more note")}.`]
    : [])
]

/** The summary without the marker; plain enough to be a check run's summary as well. */
export const renderSummary = (report: ReviewReport): string =>
  [
    `**${neutralise(headline(report))}**`,
    ...Option.match(report.history, { onNone: () => [], onSome: sayHistory }),
    [filesLine(report), ...cutLines(report)].join(" "),
    ...(notes(report).length > 0 ? [notes(report).join("\n>\n")] : [])
  ].join("\n\n")

/** As many of the blocks as fit, and what to say of the others. */
const fill = (
  blocks: Iterable<string>,
  total: number,
  room: number,
  left: (count: number) => string
): string => {
  let text = ""
  let taken = 0
  for (const block of blocks) {
    if (text.length + block.length > room) break
    text += block
    taken++
  }
  return taken === total ? text : `${text}${left(total - taken)}`
}

const unplaced = (report: ReviewReport, room: number): string => {
  const { body } = report.placement
  if (body.length === 0) return ""
  const title = `### ${shownCount(report) === body.length ? "Findings" : "Findings without a line in the diff"}\n\n`
  const blocks = body.map(
    ({ finding, fingerprint }) => `${renderUnplaced(finding, fingerprint, maxUnplacedLength)}\n\n`
  )
  return (
    title +
    fill(
      blocks,
      blocks.length,
      room - title.length,
      (count) => `_${plural(count, "more finding")} left out: the review would be too long for GitHub._\n\n`
    )
  )
}

const stateOf = (entry: FileCoverage): string => {
  switch (entry._tag) {
    case "Reviewed":
      return "reviewed"
    case "Partial":
      return "**in part**"
    case "Skipped":
      return entry.reason._tag === "UnchangedSince" ? "unchanged" : "skipped"
  }
}

/**
 * The coverage as rows of a table: what was left out first, since that is what a reader looks for. Files without a name
 * come before all.
 */
export const renderCoverage = (report: ReviewReport, room: number): string => {
  const rank = { Partial: 0, Skipped: 1, Reviewed: 2 } as const
  const entries = filesOf(report.coverage).toSorted((one, other) => rank[one._tag] - rank[other._tag])
  const nameless = unlistedLine(report).map((line) => `${line}\n\n`)
  const table = "| file | | why |\n|---|---|---|\n"
  const head = [...nameless, table].join("")
  const rows = entries.map((entry) => {
    const path = tableCell(codeSpan(truncateLine(entry.path, maxCellLength)))
    const why = plainText(truncateLine(sayWhy(entry), maxCellLength))
    return `| ${path} | ${stateOf(entry)} | ${why} |\n`
  })
  return (
    head +
    fill(rows, rows.length, room - head.length, (count) => `\n_${plural(count, "more file")} not listed._\n`)
  )
}

/** The body of the review for {@link ReviewReport.key}; at most 65,536 UTF-16 units. */
export const renderReviewBody = (report: ReviewReport): string => {
  const start = `${renderMarker(report.key)}\n${renderSummary(report)}\n\n`
  const by = codeSpan(
    report.model === report.provider ? report.provider : `${report.provider} ${report.model}`
  )
  const end = `\n<sub>Reviewed at ${report.key.commitSha.slice(0, 12)} by Holdfast with ${by}.</sub>\n`
  const open = "<details>\n<summary>Coverage by file</summary>\n\n"
  const close = "\n</details>\n"
  const fixed = start.length + open.length + close.length + end.length + 3 * reserve
  const findings = unplaced(report, maxBodyLength - fixed)
  const coverage = renderCoverage(report, maxBodyLength - fixed - findings.length)
  return `${start}${findings}${open}${coverage}${close}${end}`
}
