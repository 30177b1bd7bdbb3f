import { FastCheck, Option } from "effect"
import { describe, expect, it } from "vitest"
import type { ChangedFile } from "../../src/review/Diff.ts"
import { resolveQuote } from "../../src/review/Quote.ts"
import { fitSuggestion } from "../../src/review/Suggestion.ts"
import { changedFile, newFile } from "./Patches.ts"

const text = (lines: ReadonlyArray<string>): string => lines.join("\n")

/** What replaces the quoted lines; none, too, when they aren't found. */
const fitted = (file: ChangedFile, quote: ReadonlyArray<string>, suggestion: ReadonlyArray<string>) =>
  Option.flatMap(resolveQuote(file, text(quote)), (resolved) =>
    fitSuggestion(file, resolved, text(quote), text(suggestion))
  )

const fits = (...lines: ReadonlyArray<string>) => Option.some(text(lines))

/** Lines 2–4 are new. */
const file = changedFile(
  "src/a.ts",
  "function f() {\n}\n",
  "function f() {\n  if (a = b) {\n    g(a,  b)\n  }\n}\n"
)
const wrong = ["  if (a = b) {", "    g(a,  b)"]
const right = ["  if (a === b) {", "    g(a, b)"]

const yaml = newFile("a.yml", "list:", "- one", "- two")

describe("fitSuggestion", () => {
  it("replaces whole lines that are quoted exactly", () => {
    expect(fitted(file, wrong, right)).toEqual(fits(...right))
  })

  it.each([
    ["without a line feed at the end", "  if (a === b) {"],
    ["with one", "  if (a === b) {\n"],
    ["with the line ends of Windows", "  if (a === b) {\r\n"]
  ])("takes a suggestion %s", (_, suggestion) => {
    expect(fitted(file, wrong.slice(0, 1), [suggestion])).toEqual(fits("  if (a === b) {"))
  })

  it("gives line feeds only, in a Windows file too", () => {
    const windows = changedFile("a.ts", "", "one\r\ntwo\r\n")
    expect(fitted(windows, ["one\r", "two\r"], ["1\r", "2\r", ""])).toEqual(fits("1", "2"))
  })

  it("deletes the lines with an empty suggestion", () => {
    expect(fitted(file, wrong, [""])).toEqual(fits(""))
  })

  it("has none for part of a line, for lines that are only context, and for the text that is there", () => {
    expect(fitted(file, ["if (a = b)"], ["if (a === b)"])).toEqual(Option.none())
    expect(fitted(file, ["function f() {"], ["function g() {"])).toEqual(Option.none())
    expect(fitted(file, wrong, wrong)).toEqual(Option.none())
    expect(fitted(file, ["function f() {", ...wrong], ["function g() {", ...right])).toEqual(
      fits("function g() {", ...right)
    )
  })

  it("moves a suggestion as far as its quote is from the lines", () => {
    expect(fitted(file, ["if (a = b) {", "  g(a, b)"], ["if (a === b) {", "", "  g(a, b)"])).toEqual(
      fits("  if (a === b) {", "", "    g(a, b)")
    )
    expect(
      fitted(
        file,
        wrong.map((line) => `\t${line}`),
        right.map((line) => `\t${line}`)
      )
    ).toEqual(fits(...right))
    expect(fitted(file, ["\tg(a, b)"], ["\tg(b)"])).toEqual(fits("    g(b)"))
  })

  it("leaves a suggestion that has the indentation of the lines, or goes deeper, where it is", () => {
    expect(fitted(file, ["if (a = b) {"], ["  if (a === b) {"])).toEqual(fits("  if (a === b) {"))
    expect(fitted(file, ["    g(a,  b)"], ["      g(b)"])).toEqual(fits("      g(b)"))
  })

  it.each([
    ["the quote has lost the indentation of one line only", ["if (a = b) {", "    g(a,  b)"], right],
    ["the suggestion goes along with neither", ["if (a = b) {"], ["      if (a === b) {"]],
    ["the suggestion would leave the block", ["    g(a,  b)"], ["g(b)"]]
  ])("has none when %s", (_, quote, suggestion) => {
    expect(fitted(file, quote, suggestion)).toEqual(Option.none())
  })

  it.each([
    ["a block", wrong, ["```suggestion", ...right, "```"]],
    ["a block with blank lines around it", wrong, ["", "~~~", ...right, "~~~", ""]],
    ["markers", wrong.map((line) => `+${line}`), right.map((line) => `+${line}`)],
    ["markers that the quote did not have", wrong, right.map((line) => `+${line}`)],
    ["both sides of a diff", wrong, [...wrong.map((line) => `-${line}`), ...right.map((line) => `+${line}`)]],
    ["a diff with context", wrong, ["-  if (a = b) {", "+  if (a === b) {", "-    g(a,  b)", "+    g(a, b)"]],
    ["line numbers", ["2 |   if (a = b) {", "3 |     g(a,  b)"], ["2 |   if (a === b) {", "3 |     g(a, b)"]],
    ["wrong numbers", ["7:   if (a = b) {", "8:     g(a,  b)"], ["7:   if (a === b) {", "8:     g(a, b)"]],
    ["numbers that the quote did not have", wrong, ["2:   if (a === b) {", "3:     g(a, b)"]]
  ])("takes off %s", (_, quote, suggestion) => {
    expect(fitted(file, quote, suggestion)).toEqual(fits(...right))
  })

  it("takes off backticks that the quote had as well", () => {
    expect(fitted(file, ["`    g(a,  b)`"], ["`    g(b)`"])).toEqual(fits("    g(b)"))
    expect(fitted(newFile("a", "'one' + two"), ["'one' + two"], ["`one`"])).toEqual(fits("`one`"))
  })

  it.each([
    ["a block that isn't closed", ["```", ...right]],
    ["text beside a block", ["```", ...right, "```", "Like so."]],
    ["markers on some lines", ["  if (a === b) {", "+    g(a, b)"]],
    ["the diff of other lines", ["-  if (x) {", "+  if (y) {"]],
    ["numbers from elsewhere", ["70 |   if (a === b) {", "71 |     g(a, b)"]],
    ["an ellipsis", ["  if (a === b) {", "    // ..."]]
  ])("has none for %s", (_, suggestion) => {
    expect(fitted(file, wrong, suggestion)).toEqual(Option.none())
  })

  it("takes nothing off that is the text of the file", () => {
    expect(fitted(yaml, ["- one"], ["- 1"])).toEqual(fits("- 1"))
    expect(fitted(yaml, ["+- one"], ["+- 1"])).toEqual(fits("- 1"))
    const codes = newFile("a.ts", "  404: missing,", "  500: broken")
    expect(fitted(codes, ["  404: missing,"], ["  410: gone,"])).toEqual(fits("  410: gone,"))
    expect(fitted(codes, ["  500: broken"], ["  503: closed"])).toEqual(fits("  503: closed"))
    expect(fitted(newFile("a.ts", "  default: x"), ["  default: x"], ["  404: x"])).toEqual(fits("  404: x"))
    const page = newFile("a.md", "```sh", "run", "```")
    expect(fitted(page, ["```sh", "run", "```"], ["```sh", "walk", "```"])).toEqual(
      fits("```sh", "walk", "```")
    )
    const stub = newFile("a.py", "def f():", "    ...")
    expect(fitted(stub, ["def f():", "    ..."], ["def g():", "    ..."])).toEqual(
      fits("def g():", "    ...")
    )
  })

  it("gives what was meant, however far the model has moved quote and suggestion together", () => {
    const indentation = FastCheck.constantFrom("", " ", "  ", "\t", "      ")
    const code = FastCheck.array(
      FastCheck.tuple(indentation, FastCheck.constantFrom("a()", "b(c)", "}")).map((parts) => parts.join("")),
      { minLength: 1, maxLength: 5 }
    )
    FastCheck.assert(
      FastCheck.property(indentation, indentation, code, code, (real, moved, old, meant) => {
        const at = (by: string, lines: ReadonlyArray<string>) => ["x", ...lines].map((line) => by + line)
        const found = fitted(newFile("a.ts", ...at(real, old)), at(moved, old), at(moved, meant))
        expect(found).toEqual(text(old) === text(meant) ? Option.none() : fits(...at(real, meant)))
      }),
      { numRuns: 1000 }
    )
  })
})
