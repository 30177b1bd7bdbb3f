import { Option } from "effect"
import { describe, expect, it } from "vitest"
import { commentable } from "../../src/review/Commentable.ts"
import { fingerprints } from "../../src/review/Fingerprint.ts"
import { finding } from "./Findings.ts"
import { newFile } from "./Patches.ts"

const namesIn = (path: string, text: ReadonlyArray<string>, atLines: ReadonlyArray<number>) =>
  fingerprints(
    atLines.map((line) => finding({ path, line: Option.some(line) })),
    commentable([newFile(path, ...text)])
  )

describe("fingerprints", () => {
  it("stay the same when the line moves or is indented otherwise", () => {
    const [here] = namesIn("a.ts", ["first", "  debugger;"], [2])
    expect(here).toMatch(/^[0-9a-f]{32}$/)
    expect(namesIn("a.ts", ["new", "lines", "above", "\tdebugger;"], [4])).toEqual([here])
  })

  it("differ for another text, another file and another rule", () => {
    const [one] = namesIn("a.ts", ["x = 1"], [1])
    expect(namesIn("a.ts", ["x = 2"], [1])).not.toEqual([one])
    expect(namesIn("b.ts", ["x = 1"], [1])).not.toEqual([one])
    const other = finding({ path: "a.ts", rule: "other" })
    expect(fingerprints([other], commentable([newFile("a.ts", "x = 1")]))).not.toEqual([one])
  })

  it("tell equal lines apart by their order in the file, not by the order in which they were found", () => {
    const text = ["debugger", "x", "debugger"]
    const [first, second] = namesIn("a.ts", text, [1, 3])
    expect(first).not.toBe(second)
    expect(namesIn("a.ts", text, [3, 1])).toEqual([second, first])
  })

  it("know findings without a line by their title", () => {
    const about = (title: string) => fingerprints([finding({ line: Option.none(), title })], new Map())[0]
    expect(about("one")).toBe(about("one"))
    expect(about("one")).not.toBe(about("two"))
  })

  it("hold nothing of the text", () => {
    expect(namesIn("a.ts", ["password"], [1])[0]).not.toContain("password")
  })
})
