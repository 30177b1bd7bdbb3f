/** The formats of a local review, given findings of a kind that a hostile change could bring about. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Schema } from "effect"
import { renderAnnotations } from "../../../src/cli/review/formats/Annotations.ts"
import { renderPretty } from "../../../src/cli/review/formats/Pretty.ts"
import { renderSarif } from "../../../src/cli/review/formats/Sarif.ts"
import { exitCodeOf, type FailOn, toResult } from "../../../src/cli/review/ReviewResult.ts"
import { commentable } from "../../../src/review/Commentable.ts"
import { reviewed, skipped } from "../../../src/review/Coverage.ts"
import type { Finding, Severity } from "../../../src/review/Finding.ts"
import { parseGitDiff } from "../../../src/review/ParseGitDiff.ts"
import { placeFindings } from "../../../src/review/Place.ts"
import type { ReviewedChange } from "../../../src/review/ReviewChange.ts"

const diff = `diff --git a/src/a.ts b/src/a.ts
--- a/src/a.ts
+++ b/src/a.ts
@@ -1,2 +1,4 @@
 one
+\ttwo \u001b[31m
+three
 four
`

const path = "src/a: b,c%d/\u001b[2Jé\n::error::x.ts"

const finding = (more: Partial<Finding>): Finding => ({
  path: "src/a.ts",
  line: Option.none(),
  startLine: Option.none(),
  severity: "high",
  rule: "model/bug",
  title: "A title",
  message: "A message",
  suggestion: Option.none(),
  ...more
})

const findings = [
  finding({
    startLine: Option.some(2),
    line: Option.some(3),
    severity: "critical",
    title: "Two lines: 100%",
    message: "First\r\n::set-output name=x::y\n\u001b[2J\u202egnp",
    suggestion: Option.some("\ttwo\n\tand a half\n")
  }),
  finding({ line: Option.some(4), severity: "medium", rule: "gone", suggestion: Option.some("") }),
  finding({ path, severity: "low", rule: "file" })
]

const change = (more: Partial<ReviewedChange> = {}): Effect.Effect<ReviewedChange, string> =>
  Effect.map(parseGitDiff(diff), (files) => {
    const lines = commentable(files)
    return {
      placement: placeFindings(findings, lines, { minSeverity: "low", maxComments: 10, suggestions: true }),
      coverage: [reviewed("src/a.ts"), skipped(path, { _tag: "ModelFailed", detail: "it declined" })],
      provider: "anthropic",
      model: "claude-test",
      history: Option.none(),
      notes: [".holdfast.yml:1:1: a note"],
      lines,
      inputTokens: 12,
      outputTokens: 3,
      cost: Option.some(0.5),
      ...more
    }
  })

const both = Effect.gen(function* () {
  const whole = yield* change()
  return { whole, result: yield* toResult(whole, { suggestions: true }) }
})

/** What SARIF 2.1.0 requires of what we write, and nothing beside. */
const Message = Schema.Struct({ text: Schema.NonEmptyString })
const Line = Schema.Int.pipe(Schema.positive())
const Artifact = Schema.Struct({ uri: Schema.NonEmptyString, uriBaseId: Schema.Literal("%SRCROOT%") })
const Region = Schema.Struct({
  startLine: Line,
  startColumn: Schema.optional(Line),
  endLine: Line,
  endColumn: Schema.optional(Line)
})
const Location = Schema.Struct({
  physicalLocation: Schema.Struct({ artifactLocation: Artifact, region: Schema.optional(Region) })
})
const PropertyBag = Schema.Record({ key: Schema.String, value: Schema.Unknown })
const Sarif = Schema.Struct({
  $schema: Schema.String,
  version: Schema.Literal("2.1.0"),
  runs: Schema.Tuple(
    Schema.Struct({
      tool: Schema.Struct({
        driver: Schema.Struct({
          name: Schema.NonEmptyString,
          version: Schema.NonEmptyString,
          rules: Schema.Array(Schema.Struct({ id: Schema.NonEmptyString, shortDescription: Message }))
        })
      }),
      columnKind: Schema.Literal("utf16CodeUnits", "unicodeCodePoints"),
      invocations: Schema.Array(
        Schema.Struct({
          executionSuccessful: Schema.Boolean,
          toolExecutionNotifications: Schema.Array(
            Schema.Struct({
              level: Schema.Literal("none", "note", "warning", "error"),
              message: Message,
              locations: Schema.optional(Schema.Array(Location))
            })
          )
        })
      ),
      results: Schema.Array(
        Schema.Struct({
          ruleId: Schema.NonEmptyString,
          ruleIndex: Schema.NonNegativeInt,
          level: Schema.Literal("none", "note", "warning", "error"),
          message: Message,
          locations: Schema.Array(Location),
          partialFingerprints: Schema.Record({ key: Schema.String, value: Schema.NonEmptyString }),
          properties: PropertyBag,
          fixes: Schema.optional(
            Schema.Array(
              Schema.Struct({
                description: Message,
                artifactChanges: Schema.NonEmptyArray(
                  Schema.Struct({
                    artifactLocation: Artifact,
                    replacements: Schema.NonEmptyArray(
                      Schema.Struct({ deletedRegion: Region, insertedContent: Schema.optional(Message) })
                    )
                  })
                )
              })
            )
          )
        })
      ),
      properties: PropertyBag
    })
  )
})

describe("a local review", () => {
  it.effect("as SARIF has rules, levels, places and fixes", () =>
    Effect.gen(function* () {
      const { result } = yield* both
      const text = renderSarif(result, "1.2.3")
      const sarif = yield* Schema.decodeUnknown(Schema.parseJson(Sarif), { onExcessProperty: "error" })(text)
      const [{ invocations, results, tool }] = sarif.runs
      assert.deepStrictEqual(
        results.map(({ level, ruleId, ruleIndex }) => [level, ruleId, tool.driver.rules[ruleIndex]?.id]),
        [
          ["error", "model/bug", "model/bug"],
          ["warning", "gone", "gone"],
          ["note", "file", "file"]
        ]
      )
      assert.deepStrictEqual(results[0]?.locations[0]?.physicalLocation.region, { startLine: 2, endLine: 3 })
      assert.isUndefined(results[2]?.locations[0]?.physicalLocation.region)
      const uri = results[2]?.locations[0]?.physicalLocation.artifactLocation.uri ?? ""
      assert.match(uri, /^[\w\-.~!*'()%/]+$/)
      assert.strictEqual(decodeURIComponent(uri), path)
      const replacements = results.map(({ fixes }) => fixes?.[0]?.artifactChanges[0]?.replacements[0])
      assert.deepStrictEqual(replacements, [
        {
          deletedRegion: { startLine: 2, endLine: 3 },
          insertedContent: { text: "\ttwo\n\tand a half" }
        },
        { deletedRegion: { startLine: 4, startColumn: 1, endLine: 5, endColumn: 1 } },
        undefined
      ])
      assert.isFalse(invocations[0]?.executionSuccessful)
      assert.deepStrictEqual(
        invocations[0]?.toolExecutionNotifications.map(({ level }) => level),
        ["error", "warning"]
      )
    })
  )

  it.effect("as annotations is one command a line, whatever names and messages hold", () =>
    Effect.gen(function* () {
      const { result } = yield* both
      assert.deepStrictEqual(renderAnnotations(result).split("\n"), [
        "::error file=src/a.ts,line=2,endLine=3,title=Two lines%3A 100%25::First%0D%0A::set-output name=x::y%0A\u001b[2J\u202egnp%0A%0A(critical, model/bug)",
        "::warning file=src/a.ts,line=4,endLine=4,title=A title::A message%0A%0A(medium, gone)",
        "::notice file=src/a%3A b%2Cc%25d/\u001b[2Jé%0A%3A%3Aerror%3A%3Ax.ts,title=A title::A message%0A%0A(low, file)",
        "::error file=src/a%3A b%2Cc%25d/\u001b[2Jé%0A%3A%3Aerror%3A%3Ax.ts,title=Not or not fully reviewed::the model failed: it declined",
        "::warning title=Holdfast::.holdfast.yml:1:1: a note",
        "::notice title=Holdfast::3 findings: 1 critical, 1 medium, 1 low; 1 file not or not fully reviewed"
      ])
    })
  )

  it.effect("for people shows suggestions as a diff, and nothing that a terminal would obey", () =>
    Effect.gen(function* () {
      const { result, whole } = yield* both
      const text = renderPretty(result, whole, { colours: false })
      assert.deepStrictEqual(text.split("\n").slice(0, 8), [
        "src/a.ts:2-3  critical  Two lines: 100%  model/bug",
        "    First",
        "    ::set-output name=x::y",
        "    \ufffd[2J\ufffdgnp",
        "    -   two \ufffd[31m",
        "    - three",
        "    +   two",
        "    +   and a half"
      ])
      assert.include(text, "src/a.ts:4  medium  A title  gone\n    A message\n    - four\n")
      assert.include(text, "src/a: b,c%d/\ufffd[2Jé\ufffd::error::x.ts  low  A title  file\n")
      assert.match(text, /Not or not fully reviewed:\n {2}src\/a: .*: the model failed: it declined\n/)
      assert.include(text, "note  .holdfast.yml:1:1: a note")
      assert.match(text, /\n3 findings: 1 critical, 1 medium, 1 low; 1 file not or not fully reviewed\n/)
      assert.match(text, /1 of 2 changed files reviewed, 1 skipped\. .*12 tokens in, 3 out, \$0\.5000\.$/)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that there is none is the point
      assert.notMatch(text, /[\u0000-\u0009\u000b-\u001f\u202e]/)
      const coloured = renderPretty(result, whole, { colours: true })
      assert.include(coloured, "\u001b[31mcritical\u001b[0m")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of one
      assert.strictEqual(coloured.replaceAll(/\u001b\[\d+m/g, ""), text)
    })
  )

  it.effect("shows no suggestions where the configuration wants none", () =>
    Effect.gen(function* () {
      const result = yield* toResult(yield* change(), { suggestions: false })
      assert.deepStrictEqual(
        result.findings.map(({ suggestion }) => suggestion),
        [null, null, null]
      )
    })
  )

  it.effect(
    "fails for a finding from the severity on, shown or cut, and always for what was not reviewed",
    () =>
      Effect.gen(function* () {
        const whole = yield* change({ coverage: [reviewed("src/a.ts")] })
        const result = yield* toResult(whole, { suggestions: true })
        const only = (severity: Severity) => ({
          ...result,
          findings: result.findings.slice(0, 1).map((found) => ({ ...found, severity }))
        })
        const cut = (severity: Severity) => ({
          ...result,
          findings: [],
          cut: { ...result.cut, overLimit: { ...result.cut.overLimit, [severity]: 1 } }
        })
        const order = ["low", "medium", "high", "critical"] as const
        for (const [at, severity] of order.entries()) {
          for (const one of [only(severity), cut(severity)]) {
            order.forEach((failOn, from) => {
              assert.strictEqual(exitCodeOf(one, failOn), at >= from ? 1 : 0, `${severity} ${failOn}`)
            })
            assert.strictEqual(exitCodeOf(one, "never"), 0)
            for (const failOn of [...order, "never"] satisfies ReadonlyArray<FailOn>) {
              assert.strictEqual(exitCodeOf({ ...one, complete: false }, failOn), 2)
            }
          }
        }
      })
  )
})
