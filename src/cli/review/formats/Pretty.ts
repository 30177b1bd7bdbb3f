/** A review for people, on a terminal. */
import { Option } from "effect"
import { type Commentable, lineAt } from "../../../review/Commentable.ts"
import type { Severity } from "../../../review/Finding.ts"
import { cutLines, filesLine } from "../../../review/ReviewBody.ts"
import type { ReviewedChange } from "../../../review/ReviewChange.ts"
import type { ResultFile, ResultFinding, ReviewResult } from "../ReviewResult.ts"
import { type Colour, type Paint, paint, visible, visibleLines } from "./Terminal.ts"

const colours: { readonly [S in Severity]: Colour } = {
  critical: "red",
  high: "red",
  medium: "yellow",
  low: "cyan"
}

/** As terminals and editors find it. */
const sayPlace = ({ line, path, startLine }: ResultFinding): string => {
  if (line === null) return visible(path)
  const lines = startLine === null || startLine === line ? `${line}` : `${startLine}-${line}`
  return `${visible(path)}:${lines}`
}

/** The lines that a suggestion replaces, and what it puts there. */
const suggestionOf = (
  { line, path, startLine, suggestion }: ResultFinding,
  lines: Commentable,
  to: Paint
) => {
  if (suggestion === null || line === null) return []
  const before = Array.from({ length: line - (startLine ?? line) + 1 }, (_, at) =>
    Option.match(lineAt(lines, path, (startLine ?? line) + at), {
      onNone: () => "",
      onSome: ({ line }) => line.text
    })
  )
  const after = suggestion === "" ? [] : visibleLines(suggestion.replace(/\r?\n$/, ""))
  return [
    ...before.map((text) => to("red", `    - ${visible(text)}`)),
    ...after.map((text) => to("green", `    + ${text}`))
  ]
}

const renderFinding = (finding: ResultFinding, lines: Commentable, to: Paint): string => {
  const { message, rule, severity, title } = finding
  return [
    `${to("bold", sayPlace(finding))}  ${to(colours[severity], severity)}  ${visible(title)}  ${to("dim", visible(rule))}`,
    ...visibleLines(message).map((line) => `    ${line}`.trimEnd()),
    ...suggestionOf(finding, lines, to)
  ].join("\n")
}

const renderFiles = (coverage: ReadonlyArray<ResultFile>, to: Paint): ReadonlyArray<string> => {
  const said = (file: ResultFile) => `  ${visible(file.path)}: ${file.reasons.map(visible).join("; ")}`
  const missing = coverage.filter(({ shortfall }) => shortfall)
  const skipped = coverage.filter(({ shortfall, state }) => !shortfall && state !== "reviewed")
  return [
    ...(missing.length === 0
      ? []
      : [[to("red", "Not or not fully reviewed:"), ...missing.map(said)].join("\n")]),
    ...(skipped.length === 0 ? [] : [[to("dim", "Skipped:"), ...skipped.map(said)].join("\n")])
  ]
}

const reviewer = ({ cost, model, provider, usage }: ReviewResult): string => {
  if (provider === "rules") return "Reviewed with the rules alone."
  const spent = `${usage.inputTokens} tokens in, ${usage.outputTokens} out`
  return `Reviewed with ${provider} ${visible(model)}: ${spent}${cost === null ? "" : `, $${cost.toFixed(4)}`}.`
}

export const renderPretty = (
  result: ReviewResult,
  reviewed: ReviewedChange,
  options: { readonly colours: boolean }
): string => {
  const to = paint(options.colours)
  const { coverage, findings, notes } = result
  const summary = [filesLine(reviewed), ...cutLines(reviewed), reviewer(result)].join(" ")
  return [
    ...findings.map((finding) => renderFinding(finding, reviewed.lines, to)),
    ...renderFiles(coverage, to),
    ...notes.map((note) => `${to("yellow", "note")}  ${visible(note)}`),
    [to("bold", result.headline), ...(coverage.length === 0 ? [] : [summary])].join("\n")
  ].join("\n\n")
}
