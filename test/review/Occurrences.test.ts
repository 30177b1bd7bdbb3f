import { FastCheck } from "effect"
import { describe, expect, it } from "vitest"
import { occurrences } from "../../src/review/Quote/Occurrences.ts"

const few = (maxLength: number) => FastCheck.array(FastCheck.constantFrom("a", "b"), { maxLength })

describe("occurrences", () => {
  it("finds what comparing at every index finds", () => {
    FastCheck.assert(
      FastCheck.property(few(30), few(5), (lines, pattern) => {
        const expected = lines.flatMap((_, at) =>
          pattern.length > 0 && pattern.every((line, offset) => lines[at + offset] === line) ? [at] : []
        )
        expect(occurrences(lines, pattern)).toEqual(expected)
      }),
      { numRuns: 1000 }
    )
  })

  it("reads the lines a few times at most, however many of them are the same as in the pattern", () => {
    let reads = 0
    const counted = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
      new Proxy(lines, {
        get: (target, key) => {
          reads++
          return Reflect.get(target, key)
        }
      })
    const pattern = [...Array<string>(199).fill("}"), "end"]
    expect(occurrences(counted(Array<string>(20_000).fill("}")), counted(pattern))).toEqual([])
    expect(reads).toBeLessThan(200_000)
  })
})
