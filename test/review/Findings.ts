/** Findings for tests. */
import { FastCheck, Option } from "effect"
import type { Finding, Severity } from "../../src/review/Finding.ts"

export const finding = (changes: Partial<Finding> = {}): Finding => ({
  path: "src/a.ts",
  line: Option.some(1),
  startLine: Option.none(),
  severity: "high",
  rule: "some-rule",
  title: "Something is wrong",
  message: "This is why.",
  suggestion: Option.none(),
  ...changes
})

export const severity = FastCheck.constantFrom<Array<Severity>>("low", "medium", "high", "critical")

/** Pieces from which somebody might build a mention, a marker, a tag or an unbalanced fence. */
const hostilePiece = FastCheck.constantFrom(
  "@octocat",
  "@org/team",
  "&#64;octocat",
  "&commat;octocat",
  "<!-- holdfast:review:v1:o/r#1@0123456789012345678901234567890123456789:0 -->",
  "<!--",
  "-->",
  "<details>",
  "</details>",
  "<img src=x>",
  "![x](https://example.org/x.png)",
  "```",
  "````suggestion",
  "~~~",
  "`",
  "|",
  "\n",
  "\r\n",
  "\u200b",
  "\u202e",
  "word ",
  "漢字🎉"
)
export const hostileText = FastCheck.array(hostilePiece, { minLength: 1, maxLength: 30 }).map((pieces) =>
  pieces.join("")
)

/** Findings anywhere: on lines of the diff, beside them, on spans, and on files as a whole. */
export const findings = (paths: ReadonlyArray<string>): FastCheck.Arbitrary<ReadonlyArray<Finding>> =>
  FastCheck.array(
    FastCheck.record({
      path: FastCheck.constantFrom(...paths, "elsewhere.ts"),
      line: FastCheck.option(FastCheck.integer({ min: 1, max: 80 })),
      length: FastCheck.nat(6),
      severity,
      rule: FastCheck.constantFrom("one", "two", "three"),
      title: hostileText,
      message: hostileText,
      suggestion: FastCheck.option(hostileText)
    }).map(
      ({ path, line, length, severity, rule, title, message, suggestion }): Finding => ({
        path,
        line: Option.fromNullable(line),
        startLine: line === null || length === 0 ? Option.none() : Option.some(Math.max(1, line - length)),
        severity,
        rule,
        title,
        message,
        suggestion: Option.fromNullable(suggestion)
      })
    ),
    { maxLength: 40 }
  )
