import { FastCheck } from "effect"
import { describe, expect, it } from "vitest"
import {
  codeSpan,
  neutralise,
  neutraliseLine,
  plainText,
  withoutInvisible
} from "../../src/review/Neutralise.ts"
import { hostileText } from "./Findings.ts"

/** What GitHub turns into a mention, a tag, an entity or an image. */
const active = /@[a-z]|&(#|[a-z]+;)|<[a-z/!?]|!\[/i

describe("neutralise", () => {
  it("leaves nothing that notifies, hides or loads", () => {
    FastCheck.assert(
      FastCheck.property(hostileText, (text) => {
        for (const harmless of [neutralise(text), neutraliseLine(text), codeSpan(text)]) {
          expect(harmless).not.toMatch(active)
        }
        expect(plainText(text)).not.toMatch(active)
      })
    )
  })

  it("shows the same to a reader, and the same when it is done twice", () => {
    const text = "Use `Array<string>` or a < b, mail me@example.org, see #12 & **that**"
    expect(withoutInvisible(neutralise(text))).toBe(text)
    expect(neutralise(neutralise(text))).toBe(neutralise(text))
  })

  it("takes out what a reader can't see", () => {
    expect(withoutInvisible("a\u202eb\u200bc\u00add\ufeffe\u{e0041}f\u0007g\th\ni")).toBe("abcdefg\th\ni")
  })
})

describe("codeSpan", () => {
  it.each([
    ["plain", "`plain`"],
    ["a`b", "``a`b``"],
    ["`a`", "`` `a` ``"],
    ["two\nlines", "`two lines`"],
    ["", ""]
  ])("writes %j as %j", (text, span) => {
    expect(codeSpan(text)).toBe(span)
  })
})
