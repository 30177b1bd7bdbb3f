/** What a local review comes to. All formats are made from it, and `--format json` prints it as it is. */
import { Effect, Option, Schema } from "effect"
import { filesOf, isShortfall, sayReason } from "../../review/Coverage.ts"
import { Severity, severityRank } from "../../review/Finding.ts"
import type { Shown } from "../../review/Place.ts"
import type { ReviewedChange } from "../../review/ReviewChange.ts"
import { headline, shortfalls } from "../../review/ReviewReport.ts"
import { redactSecrets } from "../../review/Secrets.ts"

const Count = Schema.NonNegativeInt

export const ResultFinding = Schema.Struct({
  /** From the repository's root, with slashes. */
  path: Schema.String,
  /** The first of its lines, from 1, after the change; null where it is about the file as a whole. */
  startLine: Schema.NullOr(Schema.Int),
  /** The last of its lines. */
  line: Schema.NullOr(Schema.Int),
  severity: Severity,
  rule: Schema.String,
  title: Schema.String,
  /** Markdown. */
  message: Schema.String,
  /** Replaces the lines from `startLine` to `line` whole; null where there is none, empty to delete them. */
  suggestion: Schema.NullOr(Schema.String),
  /** The same when lines have moved. */
  fingerprint: Schema.String
})
export type ResultFinding = typeof ResultFinding.Type

export const ResultFile = Schema.Struct({
  path: Schema.String,
  state: Schema.Literal("reviewed", "partial", "skipped"),
  /** Why not whole. */
  reasons: Schema.Array(Schema.String),
  /** Whether something that should have been reviewed was not. */
  shortfall: Schema.Boolean
})
export type ResultFile = typeof ResultFile.Type

/** The document of `--format json`. Fields may be added to version 1; none is taken away or changes its meaning. */
export const ReviewResult = Schema.Struct({
  version: Schema.Literal(1),
  provider: Schema.String,
  model: Schema.String,
  usage: Schema.Struct({ inputTokens: Count, outputTokens: Count }),
  /** In US dollars; null where it isn't known. */
  cost: Schema.NullOr(Schema.Number),
  /** In one line. */
  headline: Schema.String,
  /** Whether everything that should have been reviewed was. */
  complete: Schema.Boolean,
  findings: Schema.Array(ResultFinding),
  /** One entry for each changed file. */
  coverage: Schema.Array(ResultFile),
  /** Findings that are not among `findings`. */
  cut: Schema.Struct({
    duplicates: Count,
    belowSeverity: Count,
    overLimit: Schema.Struct({ low: Count, medium: Count, high: Count, critical: Count })
  }),
  /** What the reader should know of the configuration. */
  notes: Schema.Array(Schema.String)
})
export type ReviewResult = typeof ReviewResult.Type

export const encodeResult = Schema.encodeSync(ReviewResult)

const toFinding =
  (suggestions: boolean) =>
  ({ finding, fingerprint }: Shown): ResultFinding => {
    const line = Option.getOrNull(finding.line)
    return {
      path: finding.path,
      startLine: Option.getOrElse(finding.startLine, () => line),
      line,
      severity: finding.severity,
      rule: finding.rule,
      title: finding.title,
      message: finding.message,
      suggestion: suggestions ? Option.getOrNull(finding.suggestion) : null,
      fingerprint
    }
  }

const states = { Reviewed: "reviewed", Partial: "partial", Skipped: "skipped" } as const

const toFiles = ({ coverage }: Pick<ReviewedChange, "coverage">) =>
  Effect.forEach(filesOf(coverage), (entry) =>
    Effect.gen(function* () {
      const reasons =
        entry._tag === "Reviewed"
          ? []
          : (entry._tag === "Partial" ? entry.reasons : [entry.reason]).map((reason) => sayReason(reason))
      const file: ResultFile = {
        path: entry.path,
        state: states[entry._tag],
        reasons: yield* Effect.forEach(reasons, redactSecrets),
        shortfall: isShortfall(entry)
      }
      return file
    })
  )

/** The findings are free of secrets already; what else is said is made so here. */
export const toResult = (reviewed: ReviewedChange, { suggestions }: { readonly suggestions: boolean }) =>
  Effect.gen(function* () {
    const { cut, body, comments } = reviewed.placement
    const coverage = yield* toFiles(reviewed)
    const result: ReviewResult = {
      version: 1,
      provider: reviewed.provider,
      model: reviewed.model,
      usage: { inputTokens: reviewed.inputTokens, outputTokens: reviewed.outputTokens },
      cost: Option.getOrNull(reviewed.cost),
      headline: headline(reviewed),
      complete: shortfalls(reviewed) === 0,
      findings: [...comments, ...body].map(toFinding(suggestions)),
      coverage,
      cut,
      notes: yield* Effect.forEach(reviewed.notes, redactSecrets)
    }
    return result
  })

/** From which severity on findings make the command fail. */
export type FailOn = Severity | "never"

/**
 * What a script is told. That something was not reviewed weighs more than what was found: nobody can know what is there.
 */
export const exitCodeOf = ({ complete, cut, findings }: ReviewResult, failOn: FailOn): 0 | 1 | 2 => {
  if (!complete) return 2
  if (failOn === "never") return 0
  const fails = (severity: Severity) => severityRank(severity) >= severityRank(failOn)
  const hidden = Severity.literals.some((severity) => fails(severity) && cut.overLimit[severity] > 0)
  return hidden || findings.some(({ severity }) => fails(severity)) ? 1 : 0
}
