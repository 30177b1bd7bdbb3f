import { FastCheck, Option } from "effect"
import { describe, expect, it } from "vitest"
import { commentable, isCommentable } from "../../src/review/Commentable.ts"
import { inBodyOnly, type PlaceLimits, placeFindings } from "../../src/review/Place.ts"
import { finding, findings, severity } from "./Findings.ts"
import { changedFile, changedFiles } from "./Patches.ts"

const all: PlaceLimits = { minSeverity: "low", maxComments: 1000, suggestions: true }

/** Line 2 is replaced by two lines, 18 more lines follow, line 21 is new: two hunks, 1–6 and 18–21. */
const before = Array.from({ length: 19 }, (_, index) => `line ${index + 1}`)
const after = [before[0], "two", "three", ...before.slice(2), "last"]
const file = changedFile("src/a.ts", `${before.join("\n")}\n`, `${after.join("\n")}\n`)
const lines = commentable([file])

describe("commentable", () => {
  it("holds the added lines and the context around them, and nothing else", () => {
    expect([...(lines.get("src/a.ts")?.keys() ?? [])]).toEqual([1, 2, 3, 4, 5, 6, 18, 19, 20, 21])
  })

  it("allows a span within one hunk only", () => {
    expect(isCommentable(lines, "src/a.ts", 2, 6)).toBe(true)
    expect(isCommentable(lines, "src/a.ts", 6, 18)).toBe(false)
    expect(isCommentable(lines, "src/a.ts", 3, 2)).toBe(false)
    expect(isCommentable(lines, "src/b.ts", 1, 1)).toBe(false)
  })

  it("has nothing to offer in a deleted file", () => {
    expect(commentable([changedFile("a.ts", "a\nb\n", "")]).size).toBe(0)
  })
})

describe("placeFindings", () => {
  it("puts comments only where GitHub takes them, whatever the findings say", () => {
    const input = changedFiles.chain((files) =>
      FastCheck.tuple(FastCheck.constant(files), findings(files.map(({ path }) => path)))
    )
    FastCheck.assert(
      FastCheck.property(input, ([files, found]) => {
        const where = commentable(files)
        for (const { comment } of placeFindings(found, where, all).comments) {
          expect(isCommentable(where, comment.path, comment.startLine ?? comment.line, comment.line)).toBe(
            true
          )
          if (comment.startLine !== undefined) expect(comment.startLine).toBeLessThan(comment.line)
          expect(comment.body.length).toBeLessThanOrEqual(65_536)
        }
      }),
      { numRuns: 200 }
    )
  })

  it("accounts for every finding: on a line, in the body, or counted among what was cut", () => {
    FastCheck.assert(
      FastCheck.property(
        findings(["src/a.ts"]),
        severity,
        FastCheck.nat(12),
        (found, minSeverity, maxComments) => {
          const { body, comments, cut } = placeFindings(found, lines, { ...all, minSeverity, maxComments })
          const { critical, high, medium, low } = cut.overLimit
          const shown = comments.length + body.length
          expect(shown).toBeLessThanOrEqual(maxComments)
          expect(shown + critical + high + medium + low + cut.belowSeverity + cut.duplicates).toBe(
            found.length
          )
        }
      ),
      { numRuns: 300 }
    )
  })

  it("shows the most severe findings when not all may be shown", () => {
    const found = (["low", "critical", "medium", "high"] as const).map((severity, index) =>
      finding({ severity, line: Option.some(index + 1) })
    )
    const { comments, cut } = placeFindings(found, lines, { ...all, maxComments: 2 })
    expect(comments.map((placed) => placed.finding.severity)).toEqual(["critical", "high"])
    expect(cut.overLimit).toEqual({ critical: 0, high: 0, medium: 1, low: 1 })
  })

  it("says one thing once for a line", () => {
    const twice = [
      finding({ severity: "low" }),
      finding({ severity: "critical" }),
      finding({ rule: "other" })
    ]
    const { comments, cut } = placeFindings(twice, lines, all)
    expect(comments.map((placed) => [placed.finding.rule, placed.finding.severity])).toEqual([
      ["some-rule", "critical"],
      ["other", "high"]
    ])
    expect(cut.duplicates).toBe(1)
  })

  it("puts a finding outside of the diff, or about a file, into the body", () => {
    const found = [finding({ line: Option.some(10) }), finding({ line: Option.none(), rule: "file" })]
    const { body, comments } = placeFindings(found, lines, all)
    expect(comments).toEqual([])
    expect(body.map((shown) => shown.finding.rule)).toEqual(["file", "some-rule"])
  })

  it("takes findings without a line for one only when they say the same", () => {
    const about = (title: string) => finding({ line: Option.none(), rule: "model/bug", title })
    const { body, cut } = placeFindings([about("One"), about("Another"), about("One")], lines, all)
    expect(body.map((shown) => shown.finding.title).sort()).toEqual(["Another", "One"])
    expect(cut.duplicates).toBe(1)
  })

  it("reduces a span that leaves its hunk to its last line, and drops the suggestion that was for all of it", () => {
    const spanning = finding({
      line: Option.some(19),
      startLine: Option.some(5),
      suggestion: Option.some("x")
    })
    const [placed] = placeFindings([spanning], lines, all).comments
    expect(placed?.comment).not.toHaveProperty("startLine")
    expect(placed?.comment.line).toBe(19)
    expect(placed?.comment.body).not.toContain("suggestion")
  })

  it("shows suggestions as GitHub's blocks, and none when they are switched off", () => {
    const withSuggestion = [finding({ suggestion: Option.some("it('x')") })]
    const bodyOf = (limits: PlaceLimits) =>
      placeFindings(withSuggestion, lines, limits).comments[0]?.comment.body
    expect(bodyOf(all)).toContain("```suggestion\nit('x')\n```")
    expect(bodyOf({ ...all, suggestions: false })).not.toContain("suggestion")
  })
})

describe("inBodyOnly", () => {
  it("keeps every finding that was shown", () => {
    const found = [
      finding({ line: Option.some(1) }),
      finding({ line: Option.some(10), severity: "critical" })
    ]
    const placement = placeFindings(found, lines, all)
    const moved = inBodyOnly(placement)
    expect(moved.comments).toEqual([])
    expect(moved.body.map((shown) => shown.finding.severity)).toEqual(["critical", "high"])
    expect(moved.cut).toEqual(placement.cut)
  })
})
