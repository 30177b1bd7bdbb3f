import { FastCheck, Option } from "effect"
import { describe, expect, it } from "vitest"
import { type Coverage, reviewed, skipped } from "../../src/review/Coverage.ts"
import type { ChangedFile } from "../../src/review/Diff.ts"
import { narrow } from "../../src/review/Incremental.ts"
import { changedFile, withoutPatch } from "./Patches.ts"

const path = "src/a.ts"
const text = (lines: ReadonlyArray<string>): string => lines.map((line) => `${line}\n`).join("")
const numbered = (count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, at) => `line ${at}`)

/** A version with some of its lines replaced. */
const edited = (lines: ReadonlyArray<string>, edits: Readonly<Record<number, ReadonlyArray<string>>>) =>
  lines.flatMap((line, at) => edits[at] ?? [line])

const since = (files: ReadonlyArray<ChangedFile>) => ({ commitSha: "c0ffee", commits: 1, files })

const narrowed = (
  base: ReadonlyArray<string>,
  last: ReadonlyArray<string>,
  head: ReadonlyArray<string>,
  before: Coverage = [reviewed(path)]
) =>
  narrow(
    [changedFile(path, text(base), text(head))],
    before,
    since(text(last) === text(head) ? [] : [changedFile(path, text(last), text(head))])
  )

const base = numbered(60)
const last = edited(base, { 5: ["first"], 40: ["second"] })

describe("what has changed since the last review", () => {
  it("is the hunks that the push reaches into", () => {
    const head = edited(base, { 5: ["first"], 40: ["second, again"] })
    const { review, unchanged } = narrowed(base, last, head)
    expect(unchanged).toEqual([])
    expect(review.map(({ hunks }) => hunks.map(({ newStart }) => newStart))).toEqual([[38]])
  })

  it("is nothing of a file that was not touched, and the coverage says so", () => {
    const { review, unchanged } = narrowed(base, last, last)
    expect(review).toEqual([])
    expect(unchanged).toEqual([skipped(path, { _tag: "UnchangedSince", commitSha: "c0ffee" })])
  })

  it("is nothing where the base branch was merged, beside the pull request's own lines", () => {
    const moved = edited(base, { 20: ["of the base branch"] })
    const head = edited(last, { 20: ["of the base branch"] })
    expect(narrowed(moved, last, head).review).toEqual([])
  })

  it("is also where lines were taken out, at the beginning, amid and at the end", () => {
    const all = ["new", ...base, "new too"]
    for (const gone of [0, 1, 30, 59]) {
      const lines = edited(base, { [gone]: [] })
      const { review } = narrowed(base, all, gone === 30 ? edited(all, { 31: [] }) : lines)
      expect(review.length, String(gone)).toBe(1)
    }
  })

  it("is the whole file where the last review did not read it whole", () => {
    const failed = { _tag: "ModelFailed", detail: "no answer" } as const
    const befores: ReadonlyArray<Coverage> = [
      [],
      [skipped(path, failed)],
      [{ _tag: "Partial", path, reasons: [failed] }],
      [skipped(path, { _tag: "Ignored", glob: "src/**" })]
    ]
    for (const before of befores) expect(narrowed(base, last, last, before).review[0]?.hunks).toHaveLength(2)
  })

  it("goes on from a review that went on from another one", () => {
    const before = [skipped(path, { _tag: "UnchangedSince", commitSha: "0ff1ce" })]
    expect(narrowed(base, last, last, before).review).toEqual([])
  })

  it("follows a renamed file", () => {
    const file = changedFile("src/b.ts", text(base), text(last))
    const renamed = withoutPatch("src/b.ts", { status: "renamed", previousPath: Option.some(path) })
    expect(narrow([file], [reviewed(path)], since([renamed])).review).toEqual([])
    expect(narrow([file], [reviewed("src/other.ts")], since([renamed])).review).toEqual([file])
  })

  it("is the whole file where GitHub gives no whole diff of what was pushed", () => {
    const file = changedFile(path, text(base), text(last))
    const tooLarge = withoutPatch(path, { additions: 9000 })
    expect(narrow([file], [reviewed(path)], since([tooLarge])).review).toEqual([file])
  })

  it("holds every line that is new, and no hunk that nothing came near to", () => {
    const line = FastCheck.constantFrom("a", "b", "c", "d", "e")
    const edits = FastCheck.dictionary(
      FastCheck.nat(59).map(String),
      FastCheck.array(line, { maxLength: 3 }),
      {
        maxKeys: 6
      }
    )
    FastCheck.assert(
      FastCheck.property(edits, edits, (first, second) => {
        const last = edited(base, first)
        const head = edited(last, second)
        const whole = changedFile(path, text(base), text(head))
        const pushed = changedFile(path, text(last), text(head))
        const { review } = narrowed(base, last, head)
        const kept = new Set(
          review.flatMap(({ hunks }) =>
            hunks.flatMap(({ lines }) => lines.flatMap(({ newLine }) => Option.toArray(newLine)))
          )
        )
        const inDiff = whole.hunks
          .flatMap(({ lines }) => lines)
          .flatMap(({ newLine }) => Option.toArray(newLine))
        const isNew = pushed.hunks
          .flatMap(({ lines }) => lines)
          .filter(({ kind }) => kind === "added")
          .flatMap(({ newLine }) => Option.toArray(newLine))
        for (const number of inDiff) if (isNew.includes(number)) expect(kept.has(number)).toBe(true)
        const near = new Set(
          pushed.hunks.flatMap(({ lines }) => lines).flatMap(({ newLine }) => Option.toArray(newLine))
        )
        for (const { hunks } of review)
          for (const { lines } of hunks) {
            const numbers = lines.flatMap(({ newLine }) => Option.toArray(newLine))
            expect(numbers.length === 0 || numbers.some((number) => near.has(number))).toBe(true)
          }
      }),
      { numRuns: 2000 }
    )
  })
})
