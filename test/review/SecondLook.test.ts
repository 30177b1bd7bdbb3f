/** The second look at what a model found: what follows from its verdicts, and what a review makes of it over HTTP. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { commentable } from "../../src/review/Commentable.ts"
import type { Severity } from "../../src/review/Finding.ts"
import type { ModelFinding } from "../../src/review/ModelFinding.ts"
import { candidatesOf, judge, secondLookPrompt, type Verdicts } from "../../src/review/SecondLook.ts"
import { ModelSandbox, type ModelSandboxOptions } from "../../src/sandbox/ModelSandbox.ts"
import { settingsFor } from "../model/Asked.ts"
import { finding } from "./Findings.ts"
import { newFile } from "./Patches.ts"
import { begin } from "./Reviewing.ts"

const shown = (name: string, severity: Severity = "medium", rule = "model/bug") => ({
  fingerprint: name,
  finding: finding({ title: name, rule, severity, line: Option.some(2) })
})
const posted = {
  fingerprint: "e",
  path: "src/a.ts",
  rule: "model/bug",
  severity: "high",
  title: "Said"
} as const

const verdicts = (
  ...all: ReadonlyArray<readonly [finding: string, score: number, duplicateOf?: string]>
): Verdicts => ({
  verdicts: all.map(([name, score, duplicateOf = null]) => ({ finding: name, score, duplicateOf }))
})

describe("the verdicts of a second look", () => {
  const candidates = candidatesOf([shown("a"), shown("b"), shown("c", "critical")], [posted])
  // The most severe first: F1 is c.
  const dropped = (style: "chill" | "balanced" | "strict", said: Verdicts) => {
    const { duplicates, weak } = judge(candidates, said, style)
    return { weak: [...weak], duplicates: [...duplicates] }
  }

  it("are about what the model found, and not about what rules did", () => {
    assert.deepStrictEqual(
      candidatesOf([shown("a"), shown("rule", "critical", "secret/aws")], []).findings.map(
        ({ fingerprint }) => fingerprint
      ),
      ["a"]
    )
  })

  it("drop what is weak for the style, but nothing that is critical", () => {
    const said = verdicts(["F1", 0], ["F2", 3], ["F3", 5])
    assert.deepStrictEqual(dropped("strict", said), { weak: [], duplicates: [] })
    assert.deepStrictEqual(dropped("balanced", said), { weak: ["a"], duplicates: [] })
    assert.deepStrictEqual(dropped("chill", said), { weak: ["a", "b"], duplicates: [] })
  })

  it("drop what another one says, or an earlier review", () => {
    assert.deepStrictEqual(dropped("balanced", verdicts(["F2", 9, "F1"], ["F3", 9, "E1"])).duplicates, [
      "a",
      "b"
    ])
  })

  it("never drop both of two that are called each other's duplicates, nor one for a name that there is not", () => {
    assert.deepStrictEqual(dropped("balanced", verdicts(["F2", 9, "F3"], ["F3", 9, "F2"])).duplicates, ["a"])
    assert.deepStrictEqual(dropped("balanced", verdicts(["F2", 9, "F2"], ["F3", 9, "F7"], ["F9", 0])), {
      weak: [],
      duplicates: []
    })
  })

  it("are asked for with the lines of each finding, and nothing that a person can't see", () => {
    const lines = commentable([newFile("src/a.ts", "one", "two\u200b", "three")])
    const prompt = secondLookPrompt(candidates, lines)
    assert.include(prompt, "F1: src/a.ts, critical: c")
    assert.include(prompt, "+two\n")
    assert.include(prompt, "E1: src/a.ts: Said")
    assert.notInclude(prompt, "\u200b")
  })
})

const files = {
  before: { "src/a.ts": "export const a = 1\n" },
  after: { "src/a.ts": "export const a = 1\nexport const b = a / 0\nexport const c = a / 0 + 1\n" }
}
const found = (quote: string, title: string): ModelFinding => ({
  path: "src/a.ts",
  quote,
  severity: "high",
  category: "bug",
  confidence: "high",
  title,
  message: "It divides by zero.",
  suggestion: null
})
const two = {
  json: {
    findings: [found("export const b = a / 0", "First"), found("export const c = a / 0 + 1", "Second")]
  }
}

const reviewWith = (secondLook: NonNullable<ModelSandboxOptions["secondLook"]>, config = "") =>
  Effect.gen(function* () {
    const models = yield* ModelSandbox.make({ script: () => two, secondLook })
    const configured = config === "" ? {} : { ".github/holdfast.yml": config }
    const reviewing = yield* begin(
      { before: { ...files.before, ...configured }, after: { ...files.after, ...configured } },
      settingsFor("openai-compatible", models)
    )
    yield* reviewing.finish
    const [review] = yield* reviewing.sandbox.view.allReviews(reviewing.pull)
    if (review === undefined) return yield* Effect.dieMessage("no review")
    const questions = (yield* models.journal.entries).map(({ question }) => question?.schemaName)
    return { review, questions, record: reviewing.records[0] }
  })

describe("a second look", () => {
  it.scopedLive("is one question about all findings, after which the weak ones are only counted", () =>
    Effect.gen(function* () {
      const { questions, record, review } = yield* reviewWith(() => ({
        json: verdicts(["F1", 8], ["F2", 1])
      }))
      assert.deepStrictEqual(questions, ["review", "second_look"])
      assert.lengthOf(review.comments, 1)
      assert.include(review.body, "1 finding: 1 high")
      assert.include(review.body, "1 weak finding left out after a second look.")
      assert.isAbove(record?.inputTokens ?? 0, 0)
    })
  )

  it.scopedLive("drops what is said twice", () =>
    Effect.gen(function* () {
      const { review } = yield* reviewWith(() => ({ json: verdicts(["F2", 8, "F1"]) }))
      assert.lengthOf(review.comments, 1)
    })
  )

  it.scopedLive("leaves everything as it is when the model can't answer", () =>
    Effect.forEach(
      [
        { text: "Sorry." },
        { fault: { _tag: "ServerFailure", status: 503 } },
        { fault: { _tag: "RateLimited", retryAfterSeconds: 3600 } }
      ] as const,
      (reply) =>
        Effect.gen(function* () {
          const { review } = yield* reviewWith(() => reply)
          assert.lengthOf(review.comments, 2)
        }).pipe(Effect.scoped),
      { discard: true }
    )
  )

  it.scopedLive("is not taken without a budget for it", () =>
    Effect.gen(function* () {
      const { questions, review } = yield* reviewWith(
        () => ({ json: verdicts(["F1", 0], ["F2", 0]) }),
        "version: 1\nlimits: { max_tokens: 300 }\n"
      )
      assert.lengthOf(review.comments, 2)
      assert.deepStrictEqual(questions, ["review"])
    })
  )
})
