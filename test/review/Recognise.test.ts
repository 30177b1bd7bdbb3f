import { Option } from "effect"
import { describe, expect, it } from "vitest"
import { commentable } from "../../src/review/Commentable.ts"
import type { Earlier } from "../../src/review/Earlier.ts"
import type { Finding } from "../../src/review/Finding.ts"
import { fingerprints } from "../../src/review/Fingerprint.ts"
import type { Shown } from "../../src/review/Place.ts"
import { recognise } from "../../src/review/Recognise.ts"
import { isSimilarTitle } from "../../src/review/SimilarTitle.ts"
import { earlier, outdated, posted, thread } from "./EarlierFindings.ts"
import { finding } from "./Findings.ts"
import { newFile } from "./Patches.ts"

const one = "1".repeat(32)
const other = "2".repeat(32)
const none: ReadonlySet<string> = new Set()

const code = ["export const average = (items) =>", "  // of all", "  total(items) / items.length", "end"]
const lines = commentable([newFile("src/a.ts", ...code)])

const shown = (fingerprint: string, line: number, changes: Partial<Finding> = {}): Shown => ({
  fingerprint,
  finding: finding({ rule: "model/bug", line: Option.some(line), ...changes })
})
const knownTo = (changes: Partial<Earlier> = {}, dismissed: ReadonlySet<string> = new Set()) =>
  recognise(earlier(changes), dismissed, lines)
const isPosted = { _tag: "Posted", fingerprint: one }

describe("a finding", () => {
  it("is known by its fingerprint, from our records or from the thread alone", () => {
    expect(knownTo()(shown(one, 99))).toEqual(isPosted)
    expect(knownTo({ posted: [], threads: [thread()] })(shown(one, 99))).toEqual(isPosted)
    expect(knownTo()(shown(other, 11))).toEqual({ _tag: "New" })
  })

  it("is known by its place, when a thread of the same rule stands there", () => {
    const known = knownTo({ threads: [thread()] })
    for (const line of [10, 11, 12]) expect(known(shown(other, line))).toEqual(isPosted)
    for (const line of [9, 13]) expect(known(shown(other, line))).toEqual({ _tag: "New" })
    expect(known(shown(other, 11, { rule: "model/security", title: "Leaks the token" }))).toEqual({
      _tag: "New"
    })
    expect(knownTo({ threads: [thread(outdated)] })(shown(other, 11))).toEqual({
      _tag: "New"
    })
  })

  it("that was dismissed stays dismissed, also when it quotes other lines", () => {
    const known = knownTo({ threads: [thread()] }, new Set([one]))
    expect(known(shown(one, 99))).toEqual({ _tag: "Dismissed" })
    expect(known(shown(other, 11))).toEqual({ _tag: "Dismissed" })
  })

  it("comes back when its code does", () => {
    for (const place of [{}, outdated]) {
      const known = knownTo({ posted: [], threads: [thread({ ...place, isResolved: true })] })
      expect(known(shown(one, 11))).toEqual({ _tag: "New" })
    }
  })

  describe("that a model says again as of another kind", () => {
    const text = lines.get("src/a.ts")
    const about = (rule: string, title: string, line = 3) => {
      const said = finding({ rule, title, line: Option.some(line) })
      const [fingerprint = ""] = fingerprints([said], lines)
      return { fingerprint, finding: said }
    }
    const before = about("model/bug", "The average of an empty cart is NaN")
    const known = knownTo({
      posted: [posted({ ...before.finding, fingerprint: before.fingerprint })]
    })
    const again = { _tag: "Posted", fingerprint: before.fingerprint }

    it("is known by its text and a similar title", () => {
      expect(text?.size).toBe(4)
      expect(known(about("model/error-handling", "average() returns NaN for an empty cart"))).toEqual(again)
      const moved = commentable([newFile("src/a.ts", "new", ...code)])
      const { finding: said } = about("model/tests", "Average of empty cart is NaN", 4)
      const [fingerprint = ""] = fingerprints([said], moved)
      const posteds = [posted({ ...before.finding, fingerprint: before.fingerprint })]
      expect(recognise(earlier({ posted: posteds }), none, moved)({ fingerprint, finding: said })).toEqual(
        again
      )
    })

    it("is new on another line, in another file, or when it says something else", () => {
      const title = "The average of an empty cart is NaN"
      expect(known(about("model/tests", title, 4))).toEqual({ _tag: "New" })
      expect(known(about("model/security", "The token is logged"))).toEqual({ _tag: "New" })
      const elsewhere = { ...about("model/tests", title) }
      expect(known({ ...elsewhere, finding: { ...elsewhere.finding, path: "src/b.ts" } })).toEqual({
        _tag: "New"
      })
    })

    it("is known by some of its lines and a similar title", () => {
      const standing = knownTo({ threads: [thread()] })
      expect(standing(shown(other, 11, { rule: "model/tests" }))).toEqual(isPosted)
      expect(standing(shown(other, 13, { rule: "model/tests" }))).toEqual({ _tag: "New" })
    })

    it("stays dismissed", () => {
      const { fingerprint } = before
      const dismissed = knownTo(
        { posted: [posted({ ...before.finding, fingerprint })] },
        new Set([fingerprint])
      )
      expect(dismissed(about("model/tests", "Average of an empty cart is NaN"))).toEqual({
        _tag: "Dismissed"
      })
    })

    it("is not taken for what a rule found", () => {
      const byRule = about("secret/key", "The average of an empty cart is NaN")
      const rules = knownTo({ posted: [posted({ ...byRule.finding, fingerprint: byRule.fingerprint })] })
      expect(rules(before)).toEqual({ _tag: "New" })
    })
  })
})

describe("titles", () => {
  it("are similar when they say the same in other words", () => {
    for (const [one, other] of [
      ["A payment that fails goes unnoticed", "A failed payment goes unnoticed"],
      ["Promise is not awaited", "Unawaited promise"],
      ["Division by zero for an empty cart", "Divides by zero when the cart is empty"],
      ["空のカートの平均はNaNになる", "空のカートで平均がNaNになる"]
    ] as const)
      expect(isSimilarTitle(one, other), one).toBe(true)
  })

  it("are not when they say different things of the same", () => {
    for (const [one, other] of [
      ["The token is logged", "The token never expires"],
      ["Password is compared in variable time", "Password is logged in clear text"],
      ["Connection is never closed", "Connection has no timeout"],
      ["", ""],
      ["!", "?"]
    ] as const)
      expect(isSimilarTitle(one, other), one).toBe(false)
  })
})
