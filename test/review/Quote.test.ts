import { Option } from "effect"
import { describe, expect, it } from "vitest"
import type { ChangedFile } from "../../src/review/Diff.ts"
import { type Resolved, resolveQuote } from "../../src/review/Quote.ts"
import { changedFile, newFile, withoutPatch } from "./Patches.ts"

const text = (lines: ReadonlyArray<string>): string => `${lines.join("\n")}\n`

const edited = (before: ReadonlyArray<string>, after: ReadonlyArray<string>): ChangedFile =>
  changedFile("src/a.ts", text(before), text(after))

/** As in "exact 2-3", or "nowhere". */
const placed = (file: ChangedFile, ...quote: ReadonlyArray<string>): string =>
  Option.match(resolveQuote(file, quote.join("\n")), {
    onNone: () => "nowhere",
    onSome: ({ how, line, startLine }: Resolved) =>
      startLine === line ? `${how} ${line}` : `${how} ${startLine}-${line}`
  })

const filler = (from: number, to: number): ReadonlyArray<string> =>
  Array.from({ length: to - from + 1 }, (_, index) => `  step(${from + index})`)

/** Two hunks, 2–10 and 28–34: line 6 is replaced, line 7 is new; line 31 is new. */
const before = ["function work() {", ...filler(2, 5), "  check(input, limit)", ...filler(8, 40), "}"]
const after = [
  "function work() {",
  ...filler(2, 5),
  '  if (input !== "") {',
  "    use(input,  limit)",
  ...filler(8, 30),
  "  step(30)",
  ...filler(31, 40),
  "}"
]
const file = edited(before, after)

describe("resolveQuote", () => {
  it("finds lines of the new side: added ones, context, and both together", () => {
    expect(placed(file, '  if (input !== "") {')).toBe("exact 6")
    expect(placed(file, "  step(8)")).toBe("exact 8")
    expect(placed(file, "  step(5)", '  if (input !== "") {', "    use(input,  limit)", "  step(8)")).toBe(
      "exact 5-8"
    )
    expect(placed(file, "  step(5)", '  if (input !== "") {', "")).toBe("exact 5-6")
  })

  it("finds nothing outside of the hunks, across two of them, or in a file without any", () => {
    expect(placed(file, "  step(20)")).toBe("nowhere")
    expect(placed(file, "  step(10)", "  step(28)")).toBe("nowhere")
    expect(placed(file, "  step(40)", "}")).toBe("nowhere")
    expect(placed(withoutPatch("big.bin"), "anything at all")).toBe("nowhere")
    expect(placed(changedFile("gone.ts", "only(line)\n", ""), "only(line)")).toBe("nowhere")
  })

  it.each([
    ["nothing", ""],
    ["blanks", " \n\t\n"],
    ["an empty block", "```ts\n```"],
    ["an ellipsis", "..."]
  ])("finds nothing for %s", (_, quote) => expect(placed(file, quote)).toBe("nowhere"))

  it("prefers what the change adds, then the first", () => {
    expect(placed(edited(["same", "b", "c"], ["same", "b", "same", "c"]), "same")).toBe("exact 3")
    expect(placed(newFile("a.ts", "x", "same", "same"), "same")).toBe("exact 2")
    expect(placed(edited(["x", "y", "z"], ["x", "y", "x", "y", "z"]), "x", "y")).toMatch(/^exact/)
    expect(placed(edited(["f(a)", "b"], ["f(a)", "b", " f(a)"]), "f(a)")).toBe("exact 1")
  })

  it.each([
    ["indentation", ['if (input !== "") {', "use(input,  limit)"]],
    ["tabs", ['\tif (input !== "") {', "\t\tuse(input,\tlimit)"]],
    ["runs", ['  if  (input  !==  "")  {  ', "    use(input, limit)"]],
    ["carriage returns", ['  if (input !== "") {\r', "    use(input,  limit)\r"]]
  ])("does not mind other white space: %s", (_, quote) => {
    expect(placed(file, ...quote)).toBe("whitespace 6-7")
  })

  it.each([
    ["markers", ["   step(5)", '+  if (input !== "") {', "+    use(input,  limit)"]],
    [
      "markers that context lines have lost",
      ["  step(5)", '+  if (input !== "") {', "+    use(input,  limit)"]
    ],
    ["numbers with a bar", ["5 |   step(5)", '6 |   if (input !== "") {', "7 |     use(input,  limit)"]],
    ["numbers with a colon", ["105:   step(5)", '106:   if (input !== "") {', "107:     use(input,  limit)"]],
    ["numbers and markers", ["5 |    step(5)", '6 | +  if (input !== "") {', "7 | +    use(input,  limit)"]],
    ["a block", ["```ts", "  step(5)", '  if (input !== "") {', "    use(input,  limit)", "```"]],
    ["a block that isn't closed", ["~~~", "  step(5)", '  if (input !== "") {', "    use(input,  limit)"]],
    [
      "a block of a diff",
      ["```diff", "   step(5)", '+  if (input !== "") {', "+    use(input,  limit)", "```", ""]
    ],
    ["backticks", ["`  step(5)", '  if (input !== "") {', "    use(input,  limit)`"]],
    ["blank lines", ["", " ", "  step(5)", '  if (input !== "") {', "    use(input,  limit)", "", ""]]
  ])("takes off what models put around code: %s", (_, quote) => {
    expect(placed(file, ...quote)).toMatch(/^(exact|whitespace) 5-7$/)
  })

  it("takes a fence for code where the file has it, also with a marker before it", () => {
    const lines = ["```", "a line of a block", "added"]
    const page = edited(lines.slice(0, 2), lines)
    expect(placed(page, ...lines)).toBe("exact 1-3")
    expect(placed(page, " ```", " a line of a block", "+added")).toBe("exact 1-3")
    const indented = edited(["  ```", lines[1] ?? ""], ["  ```", ...lines.slice(1)])
    expect(placed(indented, " ```", " a line of a block", "+added")).toBe("whitespace 1-3")
  })

  it("takes nothing off that is code", () => {
    const yaml = edited(
      ["a:", "  - one"],
      ["a:", "  - one", "- one", "+x", "12: y", "`z`", "one", "x", "y", "z"]
    )
    expect(["- one", "+x", "12: y", "`z`"].map((quote) => placed(yaml, quote))).toEqual([
      "exact 3",
      "exact 4",
      "exact 5",
      "exact 6"
    ])
  })

  it.each([
    ["...", "partial 5-8"],
    ["…", "partial 5-8"],
    ["  // ...", "partial 5-8"],
    ["# [...]", "partial 5-8"],
    ["/* … */", "partial 5-8"],
    ["etc.", "nowhere"]
  ])("bridges the ellipsis %s", (ellipsis, expected) => {
    expect(placed(file, "  step(5)", ellipsis, "  step(8)")).toBe(expected)
  })

  it("bridges no gap between hunks, none backwards, and none between lines that say nothing", () => {
    expect(placed(file, "  step(5)", "...", "  step(30)")).toBe("nowhere")
    expect(placed(file, "  step(8)", "...", "  step(5)")).toBe("nowhere")
    expect(placed(newFile("a.ts", "{", "x", "}"), "{", "...", "}")).toBe("nowhere")
  })

  it("ends a quote with an ellipsis at the nearest line that fits, by its indentation if need be", () => {
    const nested = newFile("a.ts", "function f() {", "  if (a) {", "    b()", "  }", "}", "g() {", "}")
    expect(placed(nested, "function f() {", "  // …", "}")).toBe("partial 1-5")
    expect(placed(nested, "function f() {", "...")).toBe("partial 1")
  })

  it("finds the line of which a quote is a part, when the quote is long enough", () => {
    expect(placed(file, "(input, limit)")).toBe("partial 7")
    expect(placed(file, '`input !== ""`')).toBe("partial 6")
    expect(placed(file, "if (input !== ...")).toBe("partial 6")
    expect(placed(file, "... (input !== …")).toBe("partial 6")
    expect(placed(newFile("a.ts", "send(request, to)"), "  ...request,")).toBe("nowhere")
    expect(["{", ";", "input", "(input"].map((quote) => placed(file, quote))).toEqual(
      Array(4).fill("nowhere")
    )
  })

  it("takes a quote with removed lines to the lines that are left of it, or next to it", () => {
    expect(placed(file, "  step(5)", "  check(input, limit)", '  if (input !== "") {')).toBe("partial 5-6")
    expect(placed(file, "-  check(input, limit)", '+  if (input !== "") {')).toBe("partial 6")
    expect(placed(file, "  step(5)", "  check(input, limit)", "  step(8)")).toBe("partial 5-8")
    expect(placed(file, "check(input, limit)")).toBe("partial 6")
    expect(placed(edited(["a", "b", "removed(line)"], ["a", "b"]), "removed(line)")).toBe("partial 2")
    expect(placed(edited(["a", "b", "gone()"], ["a", "b"]), "gone()")).toBe("nowhere")
  })

  it("skips removed lines between lines of the new side", () => {
    const replaced = edited(["a", "old", "b"], ["a", "b", "c"])
    expect(placed(replaced, "a", "b", "c")).toBe("exact 1-3")
  })

  it("numbers a Windows file, and one without a line feed at its end", () => {
    expect(placed(changedFile("a", "one\r\n", "one\r\ntwo two\r\n"), "one", "two two")).toBe("exact 1-2")
    expect(placed(changedFile("a", "one\r\n", "one\r\ntwo two\r\n"), "one\r", "two two\r")).toBe(
      "whitespace 1-2"
    )
    expect(placed(changedFile("a", "one\ntwo", "one\n2\nthree"), "2", "three")).toBe("exact 2-3")
  })

  it("finds the last lines of a large file, also where many are nearly the same", () => {
    const lines = [...Array<string>(19_999).fill("  }"), "  the end"]
    const large = newFile("large.ts", ...lines)
    expect(placed(large, ...lines.slice(-200))).toBe("exact 19801-20000")
    expect(placed(large, ...lines.slice(-200, -1), "something else")).toBe("nowhere")
  })
})
