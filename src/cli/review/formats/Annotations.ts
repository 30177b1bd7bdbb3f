/**
 * A review as workflow commands of GitHub Actions, which become annotations of the change:
 * https://docs.github.com/en/actions/writing-workflows/choosing-what-your-workflow-does/workflow-commands-for-github-actions
 */
import type { Severity } from "../../../review/Finding.ts"
import type { ResultFile, ResultFinding, ReviewResult } from "../ReviewResult.ts"

const commands: { readonly [S in Severity]: "error" | "warning" | "notice" } = {
  critical: "error",
  high: "error",
  medium: "warning",
  low: "notice"
}

/** As https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts escapes what stands behind the colons. */
const escapeData = (text: string): string =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A")

const escapeProperty = (text: string): string =>
  escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C")

const command = (
  name: string,
  properties: Readonly<Record<string, string | number | null>>,
  message: string
): string => {
  const given = Object.entries(properties).flatMap(([key, value]) =>
    value === null ? [] : [`${key}=${escapeProperty(String(value))}`]
  )
  return `::${name} ${given.join(",")}::${escapeData(message)}`
}

const ofFinding = ({ line, message, path, rule, severity, startLine, title }: ResultFinding): string =>
  command(
    commands[severity],
    { file: path, line: startLine, endLine: line, title },
    `${message}\n\n(${severity}, ${rule})`
  )

const ofFile = ({ path, reasons }: ResultFile): string =>
  command("error", { file: path, title: "Not or not fully reviewed" }, reasons.join("; "))

export const renderAnnotations = ({ coverage, findings, headline, notes }: ReviewResult): string =>
  [
    ...findings.map(ofFinding),
    ...coverage.filter(({ shortfall }) => shortfall).map(ofFile),
    ...notes.map((note) => command("warning", { title: "Holdfast" }, note)),
    command("notice", { title: "Holdfast" }, headline)
  ].join("\n")
