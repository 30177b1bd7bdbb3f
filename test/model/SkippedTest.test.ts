import { describe, expect, it } from "vitest"
import { found } from "./Reviewed.ts"

const skip = ".sk" + "ip"
const xIt = "x" + "it"

describe("a test that was switched off", () => {
  it.each([
    ["a.test.ts", `it${skip}("x", () => {`],
    ["a.test.ts", `describe${skip}('x', () => {`],
    ["a.test.ts", `${xIt}("x", () => {`],
    ["test_a.py", `@pytest.mark${skip}`],
    ["test_a.py", `@pytest.mark${skip}()`],
    ["a_test.go", "\tt.Sk" + "ip()"],
    ["src/test/java/ATest.java", "  @Dis" + "abled"],
    ["spec/a_spec.rb", `  ${xIt} "x" do`]
  ])("in %s: %s", async (path, line) => {
    expect(await found(path, "", line)).toEqual(["2 skipped-test"])
  })

  it.each([
    ["a comment on the line", "a.test.ts", `it${skip}("x", () => { // flaky, see #12`],
    ["a comment above", "a.test.ts", `// waits for the new API\nit${skip}("x", () => {`],
    ["pytest's reason", "test_a.py", `@pytest.mark${skip}(reason="no network")`],
    ["JUnit's reason", "src/test/java/ATest.java", `  @Dis${"abled"}("no network")`],
    ["a condition", "a.test.ts", `test${skip}(browserName === "webkit", "not there")`],
    ["a condition of vitest", "a.test.ts", `it${skip}If(process.platform === "win32")("x", () => {`],
    ["Go's reason", "a_test.go", `\tt.Sk${"ip"}("no network")`],
    ["code that is no test", "src/a.ts", `it${skip}("x")`]
  ])("is left alone with %s", async (_, path, text) => {
    expect(await found(path, ...text.split("\n"))).toEqual([])
  })
})
