/** One thing that a reviewer found. */
import { Schema } from "effect"

/** From least to most severe. */
export const Severity = Schema.Literal("low", "medium", "high", "critical")
export type Severity = typeof Severity.Type

const rank: { readonly [S in Severity]: number } = { low: 0, medium: 1, high: 2, critical: 3 }

/** Orders severities; larger is more severe. */
export const severityRank = (severity: Severity): number => rank[severity]

export const Finding = Schema.Struct({
  /** Path of the file at the head commit. */
  path: Schema.String,
  /** Line at the head commit, from 1; none when the finding is about the file as a whole. */
  line: Schema.OptionFromSelf(Schema.Int.pipe(Schema.positive())),
  /** First line, when the finding is about several; `line` is then the last. */
  startLine: Schema.OptionFromSelf(Schema.Int.pipe(Schema.positive())),
  severity: Severity,
  /** What kind of finding it is, as in `secret/aws-access-key` or `focused-test`. Stable: fingerprints use it. */
  rule: Schema.NonEmptyString,
  /** One short line. */
  title: Schema.NonEmptyString,
  /** What is wrong, what it means and what to do. Markdown. Never contains a secret. */
  message: Schema.NonEmptyString,
  /** Replaces lines `startLine`…`line` whole, when the right text is certain. An empty string deletes them. */
  suggestion: Schema.OptionFromSelf(Schema.String)
})
export type Finding = typeof Finding.Type
