import { FastCheck, Option } from "effect"
import { describe, expect, it } from "vitest"
import { conclusionOf, renderCheckOutput } from "../../src/review/CheckOutput.ts"
import { openFence } from "../../src/review/CodeFence.ts"
import { commentable } from "../../src/review/Commentable.ts"
import {
  type Coverage,
  type CoverageEntry,
  reviewed,
  skipped,
  withReason
} from "../../src/review/Coverage.ts"
import type { Posted } from "../../src/review/Earlier.ts"
import type { Finding } from "../../src/review/Finding.ts"
import { bearsMarker, type MarkerKey } from "../../src/review/Marker.ts"
import { type PlaceLimits, placeFindings } from "../../src/review/Place.ts"
import { renderComment, renderSuggestion } from "../../src/review/RenderFinding.ts"
import { renderReviewBody } from "../../src/review/ReviewBody.ts"
import type { History, ReviewReport } from "../../src/review/ReviewReport.ts"
import { finding, findings, hostileText } from "./Findings.ts"
import { newFile } from "./Patches.ts"

const key: MarkerKey = {
  owner: "acme",
  repo: "shop",
  pullRequest: 7,
  commitSha: "0123456789abcdef0123456789abcdef01234567",
  generation: 2
}
const all: PlaceLimits = { minSeverity: "low", maxComments: 10_000, suggestions: true }

const report = (
  found: ReadonlyArray<Finding>,
  coverage: Coverage = [reviewed("src/a.ts")],
  changes: Partial<ReviewReport> & { readonly limits?: PlaceLimits } = {}
): ReviewReport => {
  const lines = commentable([newFile("src/a.ts", "one", "two", "three")])
  return {
    key,
    placement: placeFindings(found, lines, changes.limits ?? all),
    coverage,
    provider: "rules",
    model: "rules",
    history: Option.none(),
    notes: [],
    ...changes
  }
}

const failed = skipped("b.ts", { _tag: "TooLarge", changedLines: 30_000 })
const lockFile = skipped("yarn.lock", { _tag: "LockFile" })

const openFinding = (fingerprint: string, title: string): Posted => ({
  fingerprint,
  path: "src/a.ts",
  rule: "model/bug",
  severity: "high",
  title
})

/** What is said of a review after one that had two findings. */
const following = (scope: History["scope"], changes: Partial<History> = {}) => ({
  history: Option.some<History>({
    commitSha: "fedcba9876543210fedcba9876543210fedcba98",
    scope,
    open: [openFinding("1".repeat(32), "Divides by | zero")],
    gone: [openFinding("2".repeat(32), "Was *wrong*")],
    ...changes
  })
})
const unchanged = skipped("src/b.ts", { _tag: "UnchangedSince", commitSha: "fedcba9876543210" })

describe("the body of a later review", () => {
  it("begins with what changed since the last one", () => {
    const body = renderReviewBody(
      report(
        [finding({ line: Option.some(2) })],
        [reviewed("src/a.ts"), unchanged],
        following({ _tag: "Since", commits: 3 })
      )
    )
    expect(body).toContain(`
**1 new finding: 1 high; 1 still open**

This review covers what changed since the last one, at \`fedcba987654\`: 3 commits.

Still open, and not repeated:

- 🔴 High: Divides by \\| zero (\`src/a.ts\`, 11111111)

Gone since:

- 🔴 High: Was \\*wrong\\* (\`src/a.ts\`, 22222222)

1 of 2 changed files reviewed, 1 unchanged since the last review.
`)
    expect(body).toContain("| `src/b.ts` | unchanged | since the review of fedcba987654 |")
  })

  it("says why everything was reviewed again", () => {
    const said = (scope: History["scope"]) => renderReviewBody(report([], undefined, following(scope)))
    expect(said({ _tag: "Asked" })).toContain("Everything was reviewed again, as it was asked for.")
    expect(said({ _tag: "Rewritten" })).toContain("the branch has been rewritten since the last review")
    expect(said({ _tag: "ByRules" })).toContain("was by the rules alone.")
    expect(said({ _tag: "TooMuch" })).toContain("too much changed since the last review")
  })

  it("is not green while findings of before are open, and is when they are gone", () => {
    const scope = { _tag: "Since", commits: 1 } as const
    expect(conclusionOf(report([], [unchanged], following(scope)), "failure")).toBe("failure")
    expect(conclusionOf(report([], [unchanged], following(scope, { open: [] })), "failure")).toBe("success")
  })

  it("stays within the limit, however much there is to tell of before", () => {
    const many = Array.from({ length: 3000 }, (_, at) =>
      openFinding(String(at).padStart(32, "0"), "x".repeat(2000))
    )
    const body = renderReviewBody(
      report([], [unchanged], following({ _tag: "Asked" }, { open: many, gone: many }))
    )
    expect(body.length).toBeLessThanOrEqual(65_536)
    expect(body).toContain("- … and 2990 more")
  })
})

describe("renderReviewBody", () => {
  it("reads like this", () => {
    const partial = withReason(reviewed("src/b|c.ts"), {
      _tag: "OverTokenLimit",
      maxTokens: 1000,
      reviewedLines: 10,
      lines: 300
    })
    const body = renderReviewBody(
      report(
        [
          finding({ title: "On a line", line: Option.some(2) }),
          finding({
            path: ".env",
            line: Option.none(),
            severity: "critical",
            rule: "environment-file",
            title: "`.env` is committed",
            message: "Take it out."
          })
        ],
        [reviewed("src/a.ts"), partial, lockFile],
        { notes: ["holdfast.yml:3:5: files.max_file is not known; did you mean files.max_files?"] }
      )
    )
    expect(body).toBe(`<!-- holdfast:review:v1:acme/shop#7@0123456789abcdef0123456789abcdef01234567:2 -->
**2 findings: 1 critical, 1 high; 1 file not or not fully reviewed**

1 of 3 changed files reviewed, 1 in part, 1 skipped.

> ⚠️ holdfast.yml:3:5: files.max\\_file is not known; did you mean files.max\\_files?

### Findings without a line in the diff

\`.env\`
**🛑 Critical: \`.env\` is committed**

Take it out.

<sub>\`environment-file\` · f40567b5</sub>

<details>
<summary>Coverage by file</summary>

| file | | why |
|---|---|---|
| \`src/b\\|c.ts\` | **in part** | over the limit of 1000 tokens: 10 of 300 lines of the diff were reviewed |
| \`yarn.lock\` | skipped | lock file |
| \`src/a.ts\` | reviewed |  |

</details>

<sub>Reviewed at 0123456789ab by Holdfast with \`rules\`.</sub>
`)
  })

  it("never exceeds GitHub's limit, always bears its marker, and leaves no code block open", () => {
    const entry: FastCheck.Arbitrary<CoverageEntry> = FastCheck.tuple(hostileText, hostileText).map(
      ([path, glob]) => skipped(path, { _tag: "Ignored", glob })
    )
    FastCheck.assert(
      FastCheck.property(
        findings(["src/a.ts"]),
        FastCheck.array(entry, { maxLength: 30 }),
        FastCheck.array(hostileText, { maxLength: 30 }),
        FastCheck.integer({ min: 1, max: 400 }),
        (found, coverage, notes, times) => {
          const body = renderReviewBody(
            report(
              found.map((one) => ({ ...one, message: one.message.repeat(times) })),
              Array.from({ length: times }, () => coverage).flat(),
              { notes }
            )
          )
          expect(body.length).toBeLessThanOrEqual(65_536)
          expect(bearsMarker(body, key)).toBe(true)
          expect(body.match(/<!--/g)).toHaveLength(1)
          expect(body.match(/<details>/g)).toHaveLength(1)
          expect(openFence(body)).toBe("")
        }
      ),
      { numRuns: 100 }
    )
  })

  it("takes no fence from a title that is too long", () => {
    const body = renderReviewBody(report([finding({ title: `~~~${"x".repeat(400)}` })], []))
    expect(openFence(body)).toBe("")
  })

  it("counts what it leaves out when there is too much", () => {
    const found = Array.from({ length: 100 }, (_, index) =>
      finding({
        path: `f${index}.ts`,
        message: "x".repeat(5000),
        severity: index === 99 ? "critical" : "low"
      })
    )
    const coverage = Array.from({ length: 3000 }, (_, index) => reviewed(`${"deep/".repeat(20)}${index}.ts`))
    const body = renderReviewBody(report(found, coverage))
    expect(body).toContain("🛑 Critical")
    const shown = body.match(/🛑|🔵/g)?.length ?? 0
    expect(body).toContain(`${100 - shown} more findings left out`)
    const listed = body.match(/\| reviewed \|/g)?.length ?? 0
    expect(body).toContain(`${3000 - listed} more files not listed`)
  })

  it("tells what the limits cut", () => {
    const found = [
      finding({ severity: "low" }),
      finding({ rule: "b" }),
      finding({ rule: "c" }),
      finding({ rule: "d" })
    ]
    const limits: PlaceLimits = { minSeverity: "medium", maxComments: 1, suggestions: true }
    const body = renderReviewBody(report(found, undefined, { limits }))
    expect(body).toContain("2 more findings (2 high) over the limit on comments not shown.")
  })
})

describe("the check run", () => {
  it.each<[string, ReadonlyArray<Finding>, Coverage, string, string]>([
    ["a clean review", [], [reviewed("a.ts"), lockFile], "No findings", "success"],
    ["findings", [finding()], [reviewed("a.ts")], "1 finding: 1 high", "failure"],
    [
      "a file that could not be reviewed",
      [],
      [reviewed("a.ts"), failed],
      "No findings; 1 file not or not fully reviewed",
      "neutral"
    ],
    [
      "nothing but what could not be reviewed",
      [],
      [failed],
      "Nothing was reviewed; 1 file not or not fully reviewed",
      "neutral"
    ],
    ["nothing to review", [], [lockFile], "Nothing to review", "neutral"],
    ["no files", [], [], "Nothing to review: no file was changed", "neutral"]
  ])("is never green for what was not looked at: %s", (_, found, coverage, title, conclusion) => {
    const told = report(found, coverage)
    expect(renderCheckOutput(told).title).toBe(title)
    expect(conclusionOf(told, "failure")).toBe(conclusion)
  })

  it("is not green beside findings that are no reason not to be, where something was not looked at", () => {
    const found = [finding()]
    expect(conclusionOf(report(found, [reviewed("a.ts")]), "success")).toBe("success")
    expect(conclusionOf(report(found, [reviewed("a.ts"), failed]), "success")).toBe("neutral")
    expect(conclusionOf(report(found, [lockFile]), "success")).toBe("neutral")
    expect(conclusionOf(report(found, [failed]), "failure")).toBe("failure")
  })

  it("is not green when findings were found and none may be shown", () => {
    const told = report([finding()], undefined, { limits: { ...all, maxComments: 0 } })
    expect(conclusionOf(told, "neutral")).toBe("neutral")
    expect(renderCheckOutput(told).title).toBe("1 finding, none shown")
  })

  it("stays within GitHub's limits", () => {
    const coverage = Array.from({ length: 3000 }, (_, index) => reviewed(`${"x".repeat(200)}${index}`))
    const { summary, text, title } = renderCheckOutput(report([], coverage))
    expect(title.length).toBeLessThanOrEqual(255)
    expect(summary.length).toBeLessThanOrEqual(65_535)
    expect(text.length).toBeLessThanOrEqual(65_535)
  })
})

const fingerprint = "0123456789abcdef0123456789abcdef"

describe("renderComment", () => {
  it("keeps a suggestion out of reach of what the message leaves open", () => {
    const body = renderComment(
      finding({ message: "look:\n```ts\nx", suggestion: Option.some("y") }),
      fingerprint,
      true
    )
    expect(body).toContain("```ts\nx\n```\n\n```suggestion\ny\n```\n")
  })

  it("leaves out a suggestion that does not fit, rather than half of it", () => {
    const body = renderComment(finding({ suggestion: Option.some("x".repeat(70_000)) }), fingerprint, true)
    expect(body).not.toContain("suggestion")
    expect(body).toContain("Something is wrong")
  })
})

describe("renderSuggestion", () => {
  it("gives back exactly the lines that were suggested, whatever backticks they have", () => {
    const text = FastCheck.array(FastCheck.constantFrom("`", "```", "a", "\n", "  ", "~~~", "@x"), {
      minLength: 1
    })
    FastCheck.assert(
      FastCheck.property(
        text.map((pieces) => pieces.join("")),
        (suggestion) => {
          const [open, ...rest] = renderSuggestion(suggestion).split("\n")
          const fence = open?.replace("suggestion", "") ?? ""
          expect(rest.at(-1)).toBe(fence)
          expect(rest.slice(0, -1).every((line) => !line.includes(fence))).toBe(true)
          expect(rest.slice(0, -1).join("\n")).toBe(suggestion.replace(/\n$/, ""))
        }
      )
    )
  })

  it("deletes the line with an empty block", () => {
    expect(renderSuggestion("")).toBe("```suggestion\n```")
  })
})
