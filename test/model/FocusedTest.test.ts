import { describe, expect, it } from "vitest"
import { changedFile } from "../review/Patches.ts"
import { findingsIn, found, suggested } from "./Reviewed.ts"

/** Put together here, so that a search for focused tests doesn't find this file. */
const only = ".on" + "ly"
const fIt = "f" + "it"
const fDescribe = "f" + "describe"

describe("a focused test", () => {
  it.each([
    ["src/a.test.ts", `it${only}("works", () => {`, `it("works", () => {`],
    ["src/a.spec.tsx", `  describe${only}('x', function () {`, `  describe('x', function () {`],
    ["test/a.js", `test.concurrent${only}("x", async () => {`, `test.concurrent("x", async () => {`],
    ["a.test.ts", `it${only}.each([1])("x", () => {`, `it.each([1])("x", () => {`],
    ["a.test.ts", `test.describe${only}("x", () => {`, `test.describe("x", () => {`],
    ["__tests__/a.ts", `${fIt}("x", () => {`, `it("x", () => {`],
    ["__tests__/a.ts", `${fDescribe}('x', () => {`, `describe('x', () => {`],
    ["spec/a_spec.rb", `  ${fIt} "works" do`, `  it "works" do`],
    ["spec/a_spec.rb", `  it "works", focus: true do`, `  it "works" do`],
    ["spec/a_spec.rb", `  describe Cart, :focus do`, `  describe Cart do`],
    ["a_test.go", `\tF${"It"}("works", func() {`, `\tIt("works", func() {`],
    ["tests/Feature/A.php", `})->on${"ly"}();`, `});`]
  ])("in %s: %s", async (path, line, without) => {
    expect(await found(path, "", line)).toEqual(["2 focused-test"])
    expect(await suggested(path, "", line)).toBe(without)
  })

  it("is found as an option of node's runner, where no suggestion is certain", async () => {
    expect(await found("a.test.mjs", `test("x", { on${"ly"}: true }, () => {`)).toEqual(["1 focused-test"])
    expect(await suggested("a.test.mjs", `test("x", { on${"ly"}: true }, () => {`)).toBeUndefined()
  })

  it.each([
    ["another object's method", "a.test.ts", `expect(query${only}(1))`],
    ["a name that is only alike", "a.test.ts", "const fitted = fit(data, 2)"],
    ["a function of statistics", "a.test.ts", "fit(model, data)"],
    ["a method", "a.test.ts", `scaler.${fIt}("minmax")`],
    ["a string", "a.test.ts", `expect(run('it${only}("x")')).toFail()`],
    ["a template over several lines", "a.test.ts", `const source = \`\n  it${only}("x", () => {})\n\``],
    ["a comment", "a.test.ts", `// it${only}("x")`],
    ["a block comment", "a.test.ts", `/*\n it${only}("x")\n*/`],
    ["the middle of a block comment", "a.test.ts", ` * it${only}("x")`],
    ["a file that is no test", "src/a.ts", `describe${only}("x", () => {`],
    ["plain Go", "a_test.go", "\tFindIt(1)"],
    ["a focus that is no tag", "spec/a_spec.rb", "  element.focus"],
    ["a schema", "a.test.ts", `const schema = object({ on${"ly"}: true })`]
  ])("is not seen in %s", async (_, path, text) => {
    expect(await found(path, ...text.split("\n"))).toEqual([])
  })

  it("is reported only where this change added it", async () => {
    const before = `it${only}("old", () => {})\n`
    expect(await findingsIn(changedFile("a.test.ts", before, `${before}it("new", () => {})\n`))).toEqual([])
    expect(await findingsIn(changedFile("a.test.ts", before, `it("old", () => {})\n`))).toEqual([])
  })
})
