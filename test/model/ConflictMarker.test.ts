import { describe, expect, it } from "vitest"
import { changedFile } from "../review/Patches.ts"
import { findingsIn, found, short } from "./Reviewed.ts"

const ours = `${"<".repeat(7)} HEAD`
const base = `${"|".repeat(7)} merged common ancestors`
const middle = "=".repeat(7)
const theirs = `${">".repeat(7)} feature/cart`
const block = [ours, "a", base, "b", middle, "c", theirs]

describe("conflict markers", () => {
  it("are reported once for each conflict, with all its lines", async () => {
    expect(await found("src/a.ts", "x", ...block, "y", ours, "1", middle, "2", theirs)).toEqual([
      "2-8 conflict-marker",
      "10-14 conflict-marker"
    ])
  })

  it.each([
    ["the beginning", "a.ts", [ours, "a"]],
    ["the end", "a.ts", ["a", theirs]],
    ["a beginning before another conflict", "a.py", [ours, "x", "y"]]
  ])("are reported when only %s is left", async (_, path, lines) => {
    expect(await found(path, ...lines)).toHaveLength(1)
  })

  it.each([
    ["a heading of Markdown", "README.md", ["Heading", middle]],
    ["a heading of reStructuredText", "a.rst", [middle, "Heading", middle]],
    ["a ruler in a comment", "a.py", ["# x", `# ${middle}`]],
    ["a separator alone", "a.txt", [middle]],
    ["a separator alone in code", "a.ts", [middle]],
    ["a shift operator", "a.cpp", ["std::cout <<<<<<< x"]],
    ["a longer line", "a.txt", ["<".repeat(12)]],
    ["a quotation", "mail.txt", [theirs]],
    ["an explanation in a code block", "docs/git.md", ["```", ...block, "```"]],
    ["an indented explanation", "docs/git.md", block.map((line) => `    ${line}`)]
  ])("are not seen in %s", async (_, path, lines) => {
    expect(await found(path, ...lines)).toEqual([])
  })

  it("are reported in prose when a whole conflict stands there", async () => {
    expect(await found("README.md", "Title", middle, ...block)).toEqual(["3-9 conflict-marker"])
  })

  it("are reported only where this change added them", async () => {
    const text = `${block.join("\n")}\n`
    expect(await findingsIn(changedFile("a.ts", text, `${text}new\n`))).toEqual([])
    const resolved = await findingsIn(changedFile("a.ts", text, "b\n"))
    expect(resolved.map(short)).toEqual([])
  })
})
