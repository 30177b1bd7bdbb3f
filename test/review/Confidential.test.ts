import { FastCheck, Option } from "effect"
import { describe, expect, it } from "vitest"
import { keepConfidential, withoutRepeating } from "../../src/review/Confidential.ts"
import { finding } from "./Findings.ts"

const long =
  "Treat every amount of money as an integer number of cents, and complain about any that is a floating point number."
const short = "The launch is called Bluebird Seven."
const cut = withoutRepeating([`${long}\n${short}\nBe kind.`])
const left = "[left out: it repeats the instructions]"

describe("withoutRepeating", () => {
  it.each([
    ["as it stands", long],
    ["in capitals", long.toUpperCase()],
    ["in lines with marks", long.replaceAll(" ", "\n> **")],
    ["with spaces between letters", [...long].join(" ")],
    ["with hidden characters", [...long].join("\u200b")],
    [
      "in full width",
      [...long]
        .map((it) => (/[a-z]/i.test(it) ? String.fromCodePoint(it.charCodeAt(0) + 0xfee0) : it))
        .join("")
    ],
    ["a long part of it", long.slice(7, 90)],
    ["a whole line", short]
  ])("cuts out what is repeated %s", (_, repeated) => {
    const said = cut(`I was told: "${repeated}" 7 so on.`)
    expect(said).toContain(left)
    expect(said.startsWith("I was told: ")).toBe(true)
    expect(said.endsWith(" 7 so on.")).toBe(true)
    expect(said.length).toBeLessThan(110)
  })

  it.each([
    "Amounts are to be an integer number of cents, as the instructions have it.",
    "Be kind.",
    "The launch is called off.",
    "",
    "const cents = Math.round(amount * 100) // an amount of money as an integer number"
  ])("leaves %j alone", (text) => {
    expect(cut(text)).toBe(text)
  })

  it("cuts two apart from each other, and keeps what is between", () => {
    expect(cut(`${long} in between 🎉 ${short}!`)).toBe(`${left}. in between 🎉 ${left}.!`)
  })

  it("changes nothing in text that has nothing of it", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.string({ unit: "grapheme" }), (text) => {
        expect(cut(text)).toBe(text)
      })
    )
  })
})

describe("keepConfidential", () => {
  it("looks at all words of a finding, and leaves out a suggestion that repeats", () => {
    const said = keepConfidential(cut)(
      finding({ title: short, message: long, suggestion: Option.some(`// ${long}`) })
    )
    expect(JSON.stringify(said)).not.toMatch(/Bluebird|floating/)
    expect(said.suggestion).toEqual(Option.none())
    const harmless = finding({ suggestion: Option.some("const cents = 1") })
    expect(keepConfidential(cut)(harmless)).toEqual(harmless)
  })
})
