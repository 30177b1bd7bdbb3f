/** What a review says of earlier reviews of its pull request. */
import { shortSha } from "./Coverage.ts"
import type { Posted } from "./Earlier.ts"
import { findingName } from "./Marker.ts"
import { codeSpan, plainText } from "./Neutralise.ts"
import { saySeverity } from "./RenderFinding.ts"
import { type History, plural } from "./ReviewReport.ts"
import { truncateLine } from "./Truncate.ts"

const scopeLine = ({ commitSha, scope }: History): string => {
  const last = codeSpan(shortSha(commitSha))
  switch (scope._tag) {
    case "Since":
      return `This review covers what changed since the last one, at ${last}: ${plural(scope.commits, "commit")}.`
    case "Asked":
      return `Everything was reviewed again, as it was asked for. The last review was at ${last}.`
    case "ByRules":
      return `Everything was reviewed again: the last review, at ${last}, was by the rules alone.`
    case "TooMuch":
      return `Everything was reviewed again: too much changed since the last review, at ${last}.`
    case "Rewritten":
      return `Everything was reviewed again: the branch has been rewritten since the last review, at ${last}.`
  }
}

const maxListed = 10
const maxTitleLength = 120

const listed = (findings: ReadonlyArray<Posted>): string => {
  const lines = findings
    .slice(0, maxListed)
    .map(
      ({ fingerprint, path, severity, title }) =>
        `- ${saySeverity(severity)}: ${plainText(truncateLine(title, maxTitleLength))} (${codeSpan(truncateLine(path, maxTitleLength))}, ${findingName(fingerprint)})`
    )
  return [
    ...lines,
    ...(findings.length > maxListed ? [`- … and ${findings.length - maxListed} more`] : [])
  ].join("\n")
}

/** What this review goes on from, and what became of what earlier ones said. */
export const sayHistory = (history: History): ReadonlyArray<string> => {
  const { gone, open } = history
  return [
    scopeLine(history),
    ...(open.length > 0 ? [`Still open, and not repeated:\n\n${listed(open)}`] : []),
    ...(gone.length > 0 ? [`Gone since:\n\n${listed(gone)}`] : [])
  ]
}
