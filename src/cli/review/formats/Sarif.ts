/**
 * A review as SARIF 2.1.0, for code scanning and editors:
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
import { Array as Arr } from "effect"
import type { Severity } from "../../../review/Finding.ts"
import type { ResultFile, ResultFinding, ReviewResult } from "../ReviewResult.ts"

const levels: { readonly [S in Severity]: "error" | "warning" | "note" } = {
  critical: "error",
  high: "error",
  medium: "warning",
  low: "note"
}

/** A relative reference: a path's own colons, blanks and the like must not be taken for parts of it. */
const artifact = (path: string) => ({
  uri: path.split("/").map(encodeURIComponent).join("/"),
  uriBaseId: "%SRCROOT%"
})

const regionOf = ({ line, startLine }: ResultFinding) =>
  line === null ? {} : { region: { startLine: startLine ?? line, endLine: line } }

/** Whole lines: without columns a region ends before its last line's end, so that one is deleted by name. */
const fixesOf = ({ line, path, startLine, suggestion }: ResultFinding) => {
  if (suggestion === null || line === null) return {}
  const lines = { startLine: startLine ?? line, endLine: line }
  const replacement =
    suggestion === ""
      ? { deletedRegion: { ...lines, startColumn: 1, endLine: line + 1, endColumn: 1 } }
      : { deletedRegion: lines, insertedContent: { text: suggestion.replace(/\r?\n$/, "") } }
  return {
    fixes: [
      {
        description: { text: "The reviewer's suggestion" },
        artifactChanges: [{ artifactLocation: artifact(path), replacements: [replacement] }]
      }
    ]
  }
}

const resultOf = (finding: ResultFinding, rules: ReadonlyArray<string>) => ({
  ruleId: finding.rule,
  ruleIndex: rules.indexOf(finding.rule),
  level: levels[finding.severity],
  message: { text: `${finding.title}\n\n${finding.message}` },
  locations: [{ physicalLocation: { artifactLocation: artifact(finding.path), ...regionOf(finding) } }],
  partialFingerprints: { "holdfast/v1": finding.fingerprint },
  properties: { severity: finding.severity },
  ...fixesOf(finding)
})

const notificationOf = ({ path, reasons, shortfall, state }: ResultFile) => ({
  level: shortfall ? "error" : "note",
  message: {
    text: `${path}: ${state === "partial" ? "reviewed in part" : "not reviewed"}: ${reasons.join("; ")}`
  },
  locations: [{ physicalLocation: { artifactLocation: artifact(path) } }]
})

export const renderSarif = (result: ReviewResult, version: string): string => {
  const rules = Arr.dedupe(result.findings.map(({ rule }) => rule))
  return JSON.stringify({
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "Holdfast",
            version,
            rules: rules.map((id) => ({ id, shortDescription: { text: id } }))
          }
        },
        columnKind: "utf16CodeUnits",
        invocations: [
          {
            executionSuccessful: result.complete,
            toolExecutionNotifications: [
              ...result.coverage.filter(({ state }) => state !== "reviewed").map(notificationOf),
              ...result.notes.map((text) => ({ level: "warning", message: { text } }))
            ]
          }
        ],
        results: result.findings.map((finding) => resultOf(finding, rules)),
        properties: {
          provider: result.provider,
          model: result.model,
          headline: result.headline,
          usage: result.usage,
          cost: result.cost,
          cut: result.cut
        }
      }
    ]
  })
}
