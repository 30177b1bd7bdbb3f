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
const active = /@[a-z]|&(#|[a-z]+;)|<[a-z/!?]|!\[|\]\(|#\d|`{3} *suggestion/i

describe("neutralise", () => {
  it("leaves nothing that notifies, hides or loads", () => {
    FastCheck.assert(
      FastCheck.property(hostileText, (text) => {
        for (const harmless of [neutralise(text), neutraliseLine(text), codeSpan(text)]) {
          expect(harmless).not.toMatch(active)
        }
        expect(plainText(text)).not.toMatch(active)
      }),
      { examples: [["````suggestionword @octocat"]], numRuns: 1000 }
    )
  })

  it("shows the same to a reader, and the same when it is done twice", () => {
    const text = "Use `Array<string>` or a < b, mail me@example.org, see #12 & **that**"
    expect(withoutInvisible(neutralise(text))).toBe(text)
    expect(neutralise(neutralise(text))).toBe(neutralise(text))
  })

  it.each([
    "https://docs.example.org/a?b=c#part",
    "https://docs.example.org.",
    "(http://docs.example.org:8080/a)",
    "**https://docs.example.org**"
  ])("leaves an address that shows where it leads: %s", (text) => {
    expect(neutralise(text)).toBe(text)
  })

  it.each([
    "https://github.com@evil.example/",
    "https://g\u0456thub.com/",
    "https://evil.example\\@github.com",
    "https://github.com/acme/shop/issues/1",
    "ftp://evil.example/a",
    "vscode://file/a"
  ])("breaks an address that leads elsewhere, or makes a note elsewhere: %s", (text) => {
    expect(neutralise(text)).toMatch(/^[a-z]+:\u200b\/\//)
  })

  it("takes out what a reader can't see", () => {
    expect(withoutInvisible("a\u202eb\u200bc\u00add\ufeffe\u{e0041}f\u0007g\th\ni")).toBe("abcdefg\th\ni")
    expect(withoutInvisible("a\ufe00\ufe01b\u{e0100}c\ufe0fd\u034fe\u180bf\u2028g")).toBe("abcdefg")
    expect(withoutInvisible("❤\ufe0f 1\ufe0f\u20e3")).toBe("❤\ufe0f 1\ufe0f\u20e3")
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
