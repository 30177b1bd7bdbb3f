import { Option } from "effect"
import { describe, expect, it } from "vitest"
import type { ReviewThread } from "../../src/github/Github.ts"
import { type Coverage, reviewed, skipped, unlisted } from "../../src/review/Coverage.ts"
import { aftermath, ownThreads, type Thread } from "../../src/review/Earlier.ts"
import { renderFindingMarker } from "../../src/review/Marker.ts"
import { earlier, outdated, thread } from "./EarlierFindings.ts"

const one = "1".repeat(32)
const none: ReadonlySet<string> = new Set()

describe("a finding of before", () => {
  const became = (
    threads: ReadonlyArray<Thread>,
    repeated = none,
    dismissed = none,
    coverage: Coverage = [reviewed("src/a.ts")]
  ) => {
    const { gone, open, toResolve } = aftermath(earlier({ threads }), dismissed, repeated, coverage)
    return { open: open.length, gone: gone.length, toResolve }
  }

  it("is open while its lines are there, found again or not", () => {
    expect(became([thread()])).toEqual({ open: 1, gone: 0, toResolve: [] })
    expect(became([thread(outdated)], new Set([one]))).toEqual({ open: 1, gone: 0, toResolve: [] })
  })

  it("is gone with its lines, and its thread is resolved unless somebody answered", () => {
    expect(became([thread(outdated)])).toEqual({ open: 0, gone: 1, toResolve: ["T1"] })
    expect(became([thread({ ...outdated, isAnswered: true })])).toEqual({ open: 0, gone: 1, toResolve: [] })
  })

  it("is not gone where nobody has looked", () => {
    const failed = skipped("src/a.ts", { _tag: "ModelFailed", detail: "no answer" })
    expect(became([thread(outdated)], none, none, [failed])).toMatchObject({ open: 1, gone: 0 })
    const unchanged = skipped("src/a.ts", { _tag: "UnchangedSince", commitSha: "c0ffee" })
    expect(became([], none, none, [unchanged])).toMatchObject({ open: 1, gone: 0 })
    // But its lines are: what is left of the file's diff was read before.
    expect(became([thread(outdated)], none, none, [unchanged])).toMatchObject({ open: 0, gone: 1 })
  })

  it("is not gone with its file where GitHub does not list all files", () => {
    const coverage = [reviewed("src/b.ts"), ...unlisted(3001, 3000)]
    expect(became([thread(outdated)], none, none, coverage)).toMatchObject({ open: 1, gone: 0 })
  })

  it("without a thread is gone when its file was looked at and it was not found, or the file is gone", () => {
    expect(became([])).toMatchObject({ open: 0, gone: 1 })
    expect(became([], none, none, [])).toMatchObject({ open: 0, gone: 1 })
    expect(became([], none, none, [skipped("src/a.ts", { _tag: "Deleted" })])).toMatchObject({ gone: 1 })
  })

  it("is settled when a person resolved or dismissed it", () => {
    expect(became([thread({ isResolved: true })])).toEqual({ open: 0, gone: 0, toResolve: [] })
    expect(became([thread()], none, new Set([one]))).toEqual({ open: 0, gone: 0, toResolve: [] })
  })
})

describe("the threads that are ours", () => {
  const of = (comments: ReadonlyArray<readonly [login: string, body: string]>): ReviewThread => ({
    id: "T1",
    isResolved: false,
    isOutdated: false,
    path: "src/a.ts",
    line: Option.some(12),
    startLine: Option.none(),
    comments: comments.map(([authorLogin, body], id) => ({ id, authorLogin, body }))
  })
  const body = `Wrong.\n\n${renderFindingMarker(one)}`
  const own = (thread: ReviewThread) => ownThreads([thread], "holdfast[bot]")

  it("are those that we began, with a finding's marker in the last line", () => {
    expect(own(of([["holdfast[bot]", body]]))).toEqual([thread({ startLine: 12 })])
    expect(own(of([["octocat", body]]))).toEqual([])
    expect(own(of([["holdfast[bot]", `${renderFindingMarker(one)}\nor not`]]))).toEqual([])
    expect(own(of([]))).toEqual([])
  })

  it("tell whether anybody else has answered", () => {
    const answers = (login: string) =>
      own(
        of([
          ["holdfast[bot]", body],
          [login, "No."]
        ])
      )[0]?.isAnswered
    expect(answers("octocat")).toBe(true)
    expect(answers("holdfast[bot]")).toBe(false)
  })
})
