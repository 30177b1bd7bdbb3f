import { readFileSync } from "node:fs"
import { Either, Option } from "effect"
import { describe, expect, it } from "vitest"
import { parseGitDiff } from "../../src/review/ParseGitDiff.ts"

/** Recorded from git 2.39 with `git diff -M -C --find-copies-harder`. */
const everything = readFileSync(new URL("fixtures/everything.diff", import.meta.url), "utf8")
const files = Either.getOrThrow(parseGitDiff(everything))
const file = (path: string) => files.find((candidate) => candidate.path === path)

describe("parseGitDiff", () => {
  it("finds every file that git listed, under its true name", () => {
    expect(files.map(({ path }) => path)).toEqual([
      "a b/c b/x.txt",
      "copy.txt",
      "crlf.txt",
      "dashes.sql",
      "empty-new.txt",
      "gone.txt",
      "link",
      "new name b.txt",
      "noend.txt",
      "pic.bin",
      "plain.txt",
      "puré.txt",
      'quo"te.txt',
      "run.sh",
      "source.txt",
      "sub",
      "tab\there.txt",
      "was-empty.txt",
      "with space.txt",
      "ünïcødé.txt"
    ])
  })

  it.each([
    ["copy.txt", "copied", "source.txt"],
    ["new name b.txt", "renamed", "old-name.txt"],
    ["puré.txt", "renamed", "pure.txt"]
  ])("knows where %s was %s from", (path, status, from) => {
    expect(file(path)).toMatchObject({ status, previousPath: Option.some(from) })
  })

  it.each([
    ["gone.txt", "removed", 0, 1],
    ["was-empty.txt", "modified", 1, 0],
    ["run.sh", "changed", 0, 0],
    ["noend.txt", "modified", 1, 1],
    ["sub", "modified", 1, 1],
    ["crlf.txt", "modified", 1, 1],
    ["dashes.sql", "modified", 1, 1]
  ])("counts the lines of %s (%s)", (path, status, additions, deletions) => {
    expect(file(path)).toMatchObject({ status, additions, deletions })
  })

  it("knows that a binary file is binary", () => {
    expect(file("pic.bin")?.completeness).toEqual({ _tag: "Binary" })
  })

  it("numbers the lines of a hunk in the middle of a file", () => {
    const lines = file("new name b.txt")?.hunks[0]?.lines ?? []
    expect(lines.find(({ kind }) => kind === "added")).toMatchObject({
      newLine: Option.some(15),
      text: "LINE 15"
    })
  })

  it("keeps the blank at the end of a name, behind which git puts a tab", () => {
    const diff = (name: string) =>
      `diff --git a/${name} b/${name}\n--- a/${name}\t\n+++ b/${name}\t\n@@ -1 +1 @@\n-+++ b/x \t\n+b\n`
    const paths = Either.map(parseGitDiff(diff("one ") + diff("the other")), (parsed) =>
      parsed.map(({ path }) => path)
    )
    expect(paths).toEqual(Either.right(["one ", "the other"]))
  })

  it("takes no text for no changes, and anything else than a diff of git for a mistake", () => {
    expect(parseGitDiff("\n")).toEqual(Either.right([]))
    expect(Either.isLeft(parseGitDiff("hello"))).toBe(true)
    expect(Either.isLeft(parseGitDiff("@@ -1 +1 @@\n-a\n+b"))).toBe(true)
    expect(Either.isLeft(parseGitDiff(everything.slice(0, everything.indexOf("-two"))))).toBe(true)
  })
})
