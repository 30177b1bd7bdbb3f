/** What a model is asked to answer: findings that quote the code they are about. Our code finds the lines. */
import { Option, Schema } from "effect"
import type { ChangedFile } from "./Diff.ts"
import { type Finding, Severity } from "./Finding.ts"
import { resolveQuote } from "./Quote.ts"
import { fitSuggestion } from "./Suggestion.ts"

const Category = Schema.Literal(
  "bug",
  "security",
  "concurrency",
  "error-handling",
  "performance",
  "compatibility",
  "tests",
  "documentation",
  "maintainability"
)

const Confidence = Schema.Literal("low", "medium", "high")

/** Every field is there in every finding: some services take no optional ones. */
export const ModelFinding = Schema.Struct({
  path: Schema.String.annotations({ description: "The file's path, exactly as it is given." }),
  quote: Schema.String.annotations({
    description:
      "The lines that the finding is about, copied exactly from the new version of the file, without the mark in front of each line. As few as show it, at most ten."
  }),
  severity: Severity.annotations({
    description:
      "critical: data loss, a security hole, an outage. high: wrong in common cases. medium: wrong in rare cases, or costly. low: worth knowing."
  }),
  category: Category,
  confidence: Confidence.annotations({ description: "How sure you are that this is really so." }),
  title: Schema.String.annotations({ description: "What is wrong, in one short line." }),
  message: Schema.String.annotations({
    description: "What happens, when, and what to do about it, in a few sentences of Markdown."
  }),
  suggestion: Schema.NullOr(Schema.String).annotations({
    description:
      "The exact text that replaces the quoted lines whole, with their indentation; null where that isn't certain."
  })
})
export type ModelFinding = typeof ModelFinding.Type

export const ReviewAnswer = Schema.Struct({
  findings: Schema.Array(ModelFinding)
})
export type ReviewAnswer = typeof ReviewAnswer.Type

const oneLine = (text: string) => text.replace(/\s+/g, " ").trim()

const textOr = (text: string, otherwise: string) => (text.trim() === "" ? otherwise : text.trim())

/** The same finding on the lines that it quotes; without lines where the quote is nowhere in the change. */
const toFinding = (files: ReadonlyMap<string, ChangedFile>, said: ModelFinding): Finding => {
  const file = Option.fromNullable(files.get(said.path))
  const place = Option.flatMap(file, (changed) => resolveQuote(changed, said.quote))
  const suggestion = Option.flatMap(Option.all({ file, place }), ({ file, place }) =>
    // Some models answer an empty text where there is nothing to suggest; to others it would mean to delete the lines.
    Option.fromNullable(said.suggestion).pipe(
      Option.filter((text) => text.trim() !== ""),
      Option.flatMap((text) => fitSuggestion(file, place, said.quote, text))
    )
  )
  const title = textOr(oneLine(said.title), `A possible problem: ${said.category}`)
  return {
    path: said.path,
    line: Option.map(place, ({ line }) => line),
    startLine: Option.filterMap(place, ({ line, startLine }) =>
      startLine < line ? Option.some(startLine) : Option.none()
    ),
    severity: said.severity,
    rule: `model/${said.category}`,
    title,
    message: textOr(said.message, title),
    suggestion
  }
}

/**
 * The findings of an answer about these files. What the model says of other files is left out: it has not seen them. So
 * is what it isn't sure of, unless it would be critical.
 */
export const toFindings = (
  files: ReadonlyArray<ChangedFile>,
  answer: ReviewAnswer
): ReadonlyArray<Finding> => {
  const byPath = new Map(files.map((file) => [file.path, file]))
  return answer.findings
    .filter(({ confidence, path, severity }) => {
      return byPath.has(path) && (confidence !== "low" || severity === "critical")
    })
    .map((said) => toFinding(byPath, said))
}
