import { FastCheck, Option } from "effect"
import { describe, expect, it } from "vitest"
import {
  bearsMarker,
  findMarker,
  isSameReview,
  type MarkerKey,
  renderMarker
} from "../../src/review/Marker.ts"
import { neutralise } from "../../src/review/Neutralise.ts"
import { hostileText } from "./Findings.ts"

const name = FastCheck.stringMatching(/^[A-Za-z0-9_.-]{1,30}$/)
const hex = (length: number) => FastCheck.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`))
const key: FastCheck.Arbitrary<MarkerKey> = FastCheck.record({
  owner: name,
  repo: name,
  pullRequest: FastCheck.integer({ min: 1, max: 2 ** 31 }),
  commitSha: FastCheck.oneof(hex(40), hex(64)),
  generation: FastCheck.nat(1000)
})

const example: MarkerKey = {
  owner: "acme",
  repo: "shop",
  pullRequest: 7,
  commitSha: "0123456789abcdef0123456789abcdef01234567",
  generation: 0
}

describe("the marker", () => {
  it("is found again in every body that begins with it", () => {
    FastCheck.assert(
      FastCheck.property(key, hostileText, (wanted, text) => {
        expect(findMarker(`${renderMarker(wanted)}\n${text}`)).toEqual(Option.some(wanted))
        expect(bearsMarker(`${renderMarker(wanted)}\r\n${text}`, wanted)).toBe(true)
      })
    )
  })

  it("is found in no text that others wrote, once that is neutralised", () => {
    FastCheck.assert(
      FastCheck.property(hostileText, key, (text, wanted) => {
        for (const hostile of [text, `${renderMarker(wanted)}${text}`, `${renderMarker(wanted)}\n${text}`]) {
          expect(findMarker(neutralise(hostile))).toEqual(Option.none())
        }
      })
    )
  })

  it.each([
    `text\n${renderMarker(example)}`,
    ` ${renderMarker(example)}`,
    `${renderMarker(example)} `,
    `> ${renderMarker(example)}`,
    renderMarker(example).replace("v1", "v2"),
    renderMarker(example).replace("4567:0", "456:0"),
    renderMarker(example).replace("#7", "#07"),
    renderMarker({ ...example, owner: "a/b" })
  ])("is not found in %j", (body) => {
    expect(findMarker(body)).toEqual(Option.none())
  })

  it("means one pull request, commit and generation, also after the repository was renamed", () => {
    expect(isSameReview(example, { ...example, owner: "new", repo: "name" })).toBe(true)
    expect(isSameReview(example, { ...example, pullRequest: 8 })).toBe(false)
    expect(isSameReview(example, { ...example, generation: 1 })).toBe(false)
    expect(isSameReview(example, { ...example, commitSha: "f".repeat(40) })).toBe(false)
  })
})
