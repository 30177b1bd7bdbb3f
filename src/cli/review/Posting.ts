/** What a review would put on a pull request. */
import { Schema } from "effect"
import { visibleLines } from "./formats/Terminal.ts"

/** The document of `--dry-run --format json`. */
export const Posting = Schema.Struct({
  version: Schema.Literal(1),
  /** The commit that the review would name. */
  commitSha: Schema.String,
  /** Why nothing would be posted; null where something would. */
  skipped: Schema.NullOr(Schema.String),
  /** The review's body, in Markdown. */
  body: Schema.NullOr(Schema.String),
  comments: Schema.Array(
    Schema.Struct({ path: Schema.String, startLine: Schema.Int, line: Schema.Int, body: Schema.String })
  ),
  /** What the check run would say in the end. */
  check: Schema.NullOr(
    Schema.Struct({ conclusion: Schema.String, title: Schema.String, summary: Schema.String })
  )
})
export type Posting = typeof Posting.Type

export const encodePosting = Schema.encodeSync(Posting)

const block = (head: string, text: string): string => [head, ...visibleLines(text)].join("\n")

/** The same for people: each text as it would be sent, but for what a terminal would obey. */
export const renderPosting = ({ body, check, comments, commitSha, skipped }: Posting): string => {
  if (skipped !== null) return `Nothing would be posted: ${visibleLines(skipped).join(" ")}.`
  return [
    block(`=== Review of ${commitSha} ===`, body ?? ""),
    ...comments.map(({ body, line, path, startLine }) =>
      block(
        `=== Comment on ${visibleLines(path).join(" ")}:${startLine === line ? line : `${startLine}-${line}`} ===`,
        body
      )
    ),
    ...(check === null
      ? []
      : [block(`=== Check run: ${check.conclusion}: ${check.title} ===`, check.summary)])
  ].join("\n\n")
}
