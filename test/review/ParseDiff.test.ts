import { FastCheck, Option } from "effect"
import { describe, expect, it } from "vitest"
import type { ChangedFile } from "../../src/review/Diff.ts"
import { countChanges, parseFile } from "../../src/review/ParseDiff.ts"
import { beforeAndAfter, changedFile, pullRequestFile, withoutPatch } from "./Patches.ts"

const withPatch = (patch: string, additions: number, deletions: number): ChangedFile =>
  withoutPatch("a.txt", { patch: Option.some(patch), additions, deletions })

const linesOf = (file: ChangedFile) => file.hunks.flatMap((hunk) => hunk.lines)

const lineOfText = (text: string, number: number): string | undefined =>
  text.split("\n")[number - 1]?.replace(/\r$/, "")

describe("parseFile", () => {
  it("numbers every line as it stands in the file before and after, whatever the lines look like", () => {
    FastCheck.assert(
      FastCheck.property(beforeAndAfter, ([before, after]) => {
        for (const line of linesOf(changedFile("a.txt", before, after))) {
          if (Option.isSome(line.oldLine)) expect(lineOfText(before, line.oldLine.value)).toBe(line.text)
          if (Option.isSome(line.newLine)) expect(lineOfText(after, line.newLine.value)).toBe(line.text)
          expect(Option.isSome(line.oldLine)).toBe(line.kind !== "added")
          expect(Option.isSome(line.newLine)).toBe(line.kind !== "removed")
        }
      }),
      { numRuns: 300 }
    )
  })

  it("finds as many added and removed lines as GitHub counts, and then calls the diff whole", () => {
    FastCheck.assert(
      FastCheck.property(beforeAndAfter, ([before, after]) => {
        const given = pullRequestFile("a.txt", before, after)
        const file = parseFile(given)
        expect(countChanges(file.hunks)).toEqual({ additions: given.additions, deletions: given.deletions })
        expect(file.completeness._tag).toBe(Option.isSome(given.patch) ? "Whole" : "Missing")
      }),
      { numRuns: 300 }
    )
  })

  it("never calls a diff whole that was cut anywhere, and keeps only hunks that are right", () => {
    FastCheck.assert(
      FastCheck.property(
        beforeAndAfter,
        FastCheck.double({ min: 0, max: 1, noNaN: true }),
        ([before, after], part) => {
          const given = pullRequestFile("a.txt", before, after)
          const patch = Option.getOrElse(given.patch, () => "")
          const whole = linesOf(parseFile(given)).length
          const file = parseFile({
            ...given,
            patch: Option.some(patch.slice(0, Math.floor(patch.length * part)))
          })
          if (file.completeness._tag === "Whole") expect(linesOf(file)).toHaveLength(whole)
          // Only a line that is itself cut short may differ, and a diff says nothing of where its lines end.
          for (const line of linesOf(file).slice(0, -1)) {
            if (Option.isSome(line.newLine)) expect(lineOfText(after, line.newLine.value)).toBe(line.text)
          }
        }
      ),
      { numRuns: 300 }
    )
  })

  it("keeps the hunks before one that breaks off, and says so", () => {
    const file = withPatch("@@ -1 +1 @@\n-a\n+b\n@@ -10,3 +10,3 @@\n c\n-d", 2, 2)
    expect(linesOf(file).map((line) => line.text)).toEqual(["a", "b"])
    expect(file.completeness).toMatchObject({ _tag: "Cut" })
  })

  it("notices when whole hunks are missing, because GitHub's own counts are higher", () => {
    expect(withPatch("@@ -1 +1 @@\n-a\n+b", 7, 1).completeness).toEqual({
      _tag: "Cut",
      reason: "GitHub counts 7 added lines and 1 removed line, but its diff shows 1 and 1"
    })
  })

  it.each([
    ["prose", "no diff at all"],
    ["a header that is none", "@@ what @@\n+a"],
    ["fewer lines than announced", "@@ -1,5 +1,5 @@\n a"],
    ["more lines than announced", "@@ -1 +1 @@\n-a\n+b\n+c"],
    ["an unknown marker", "@@ -1 +1 @@\n*a\n+b"],
    ["a combined diff of a merge", "@@@ -1 -1 +1 @@@\n--a\n++b"],
    ["two files", "@@ -1 +1 @@\n-a\n+b\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-c\n+d"]
  ])("reports %s as unreadable with a reason, and shows no line of it", (_, patch) => {
    const file = withPatch(patch, 1, 1)
    expect(file.hunks).toEqual([])
    expect(file.completeness).toMatchObject({ _tag: "Unreadable", reason: expect.stringMatching(/\w+ \w+/) })
  })

  it("reads removed and added lines that look like the headers of a file", () => {
    const file = withPatch(
      "@@ -1,2 +1,2 @@\n keep\n--- old comment\n+++ new\n\\ No newline at end of file",
      1,
      1
    )
    expect(linesOf(file).map(({ kind, text }) => [kind, text])).toEqual([
      ["context", "keep"],
      ["removed", "-- old comment"],
      ["added", "++ new"]
    ])
  })

  it("reads a context line whose blank was trimmed on the way", () => {
    const file = withPatch("@@ -1,3 +1,4 @@\n a\n\n+b\n c", 1, 0)
    expect(linesOf(file).map(({ text }) => text)).toEqual(["a", "", "b", "c"])
  })

  it("leaves the carriage returns of a Windows file out of the text", () => {
    const file = withPatch("@@ -1 +1,2 @@ f\r\n a\r\n+b\r\n", 1, 0)
    expect(linesOf(file).map(({ text }) => text)).toEqual(["a", "b"])
  })

  it("takes an empty patch for a missing one", () => {
    expect(withPatch("", 0, 0).completeness).toEqual({ _tag: "Missing" })
  })
})
