/** A finding as Markdown: as an inline comment, or as an entry in the body of the review. */
import { Option } from "effect"
import { fenceFor, withFencesClosed } from "./CodeFence.ts"
import type { Finding, Severity } from "./Finding.ts"
import { findingName, renderFindingMarker } from "./Marker.ts"
import { codeSpan, neutralise, neutraliseLine } from "./Neutralise.ts"
import { maxBodyLength, truncate, truncateLine } from "./Truncate.ts"

const names: { readonly [S in Severity]: string } = {
  critical: "🛑 Critical",
  high: "🔴 High",
  medium: "🟠 Medium",
  low: "🔵 Low"
}

/** A severity as people read it. */
export const saySeverity = (severity: Severity): string => names[severity]

const maxTitleLength = 300

/** Room for the heading, the rule and the words that say that something was cut. */
const maxMessageLength = 20_000

const heading = (finding: Finding): string =>
  `**${saySeverity(finding.severity)}: ${truncateLine(neutraliseLine(finding.title), maxTitleLength)}**`

/**
 * A suggestion as GitHub's block, which replaces the commented lines with its content. The fence is longer than every
 * run of backticks in it. An empty block deletes the lines.
 */
export const renderSuggestion = (suggestion: string): string => {
  const fence = fenceFor(suggestion, 3)
  const content = suggestion === "" ? "" : `${suggestion.replace(/\r?\n$/, "")}\n`
  return `${fence}suggestion\n${content}${fence}`
}

const footer = (finding: Finding, fingerprint: string): string =>
  `<sub>${codeSpan(truncateLine(finding.rule, maxTitleLength))} · ${findingName(fingerprint)}</sub>`

/**
 * The body of an inline comment, within GitHub's limit. A suggestion that would not fit is left out: half a suggestion is
 * a wrong one.
 */
export const renderComment = (finding: Finding, fingerprint: string, suggestions: boolean): string => {
  const head = heading(finding)
  const message = withFencesClosed(truncate(neutralise(finding.message), maxMessageLength))
  const rule = `${footer(finding, fingerprint)}\n\n${renderFindingMarker(fingerprint)}`
  const blocks = Option.toArray(
    Option.map(
      Option.filter(finding.suggestion, () => suggestions),
      renderSuggestion
    )
  )
  const whole = [head, message, ...blocks, rule].join("\n\n")
  return whole.length <= maxBodyLength ? whole : [head, message, rule].join("\n\n")
}

const where = (finding: Finding): string =>
  Option.match(finding.line, {
    onNone: () => "",
    onSome: (line) =>
      Option.match(finding.startLine, {
        onNone: () => `, line ${line}`,
        onSome: (start) => `, lines ${start}–${line}`
      })
  })

/** A finding that has no place on the diff, as a section of the review's body. */
export const renderUnplaced = (finding: Finding, fingerprint: string, maxLength: number): string => {
  const place = `${codeSpan(truncateLine(finding.path, maxTitleLength))}${where(finding)}`
  const start = `${place}\n${heading(finding)}\n\n`
  const end = `\n\n${footer(finding, fingerprint)}`
  const room = Math.max(0, maxLength - start.length - end.length)
  return `${start}${withFencesClosed(truncate(neutralise(finding.message), room - 16))}${end}`
}
