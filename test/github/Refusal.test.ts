import { DateTime, Duration, FastCheck } from "effect"
import { describe, expect, it } from "vitest"
import { type Answer, refused } from "../../src/github/rest/Refusal.ts"

const now = DateTime.unsafeMake("2026-01-01T12:00:00Z")
const epochSeconds = DateTime.toEpochMillis(now) / 1000

const answer = (status: number, headers: Answer["headers"] = {}, message = "Refused."): Answer => ({
  status,
  headers,
  data: { message }
})

const errorOf = (given: Answer, limitsBefore = 0) => refused("GET /x", given, now, limitsBefore).error

const waitOf = (given: Answer, limitsBefore = 0) => {
  const error = errorOf(given, limitsBefore)
  return error._tag === "RateLimited"
    ? Duration.toSeconds(DateTime.distanceDuration(now, error.until))
    : error._tag
}

const secondary = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
const used = (seconds: number) => ({
  "x-ratelimit-remaining": "0",
  "x-ratelimit-reset": String(epochSeconds + seconds)
})

describe.each([403, 429])("a rate limit told by %i", (status) => {
  it("lasts as long as retry-after says, whatever else is said", () => {
    expect(waitOf(answer(status, { "retry-after": "37", ...used(600) }, secondary))).toBe(37)
  })

  it("lasts until the reset when nothing remains", () => {
    expect(waitOf(answer(status, used(600), "API rate limit exceeded for installation ID 1."))).toBe(600)
  })

  it("is counted from GitHub's own clock", () => {
    const date = DateTime.toDateUtc(DateTime.add(now, { minutes: 5 })).toUTCString()
    expect(waitOf(answer(status, { ...used(600), date }))).toBe(300)
  })

  it("lasts a minute when no time is named, and twice as long each time, up to an hour", () => {
    const unnamed = answer(status, { "x-ratelimit-remaining": "4000" }, secondary)
    expect([0, 1, 2, 3, 100].map((before) => waitOf(unnamed, before))).toEqual([60, 120, 240, 480, 3600])
    expect(refused("GET /x", unnamed, now, 0).unnamedLimit).toBe(true)
  })

  it("never lasts until a time that has passed, nor for days", () => {
    expect(waitOf(answer(status, used(-50)))).toBe(1)
    expect(waitOf(answer(status, { "retry-after": "99999999" }))).toBe(7200)
    expect(waitOf(answer(status, { "retry-after": "0" }))).toBe(1)
  })
})

describe("an answer that is no rate limit", () => {
  it.each([
    [401, "Forbidden"],
    [403, "Forbidden"],
    [404, "NotFound"],
    [410, "NotFound"],
    [400, "ValidationFailed"],
    [409, "ValidationFailed"],
    [422, "ValidationFailed"],
    [500, "ServerError"],
    [502, "ServerError"],
    [503, "ServerError"]
  ])("%i is %s", (status, tag) => {
    expect(errorOf(answer(status, { "x-ratelimit-remaining": "12", "x-ratelimit-reset": "1" }))._tag).toBe(
      tag
    )
  })

  it("429 without a word is a rate limit all the same", () => {
    expect(waitOf({ status: 429, headers: {}, data: "" })).toBe(60)
  })

  it("says what GitHub said, the single errors included", () => {
    const data = {
      message: "Unprocessable Entity",
      errors: [
        "Pull request review thread line must be part of the diff",
        { message: "Too bad" },
        { code: "custom" }
      ]
    }
    const error = errorOf({ status: 422, headers: {}, data })
    expect(error.message).toContain("Unprocessable Entity")
    expect(error.message).toContain("must be part of the diff; Too bad")
    expect(error).toMatchObject({ errors: data.errors })
  })

  it("has a type and a message whatever the body is", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.integer({ min: 300, max: 599 }), FastCheck.anything(), (status, data) => {
        expect(errorOf({ status, headers: {}, data }).message).toContain(String(status))
      })
    )
  })
})
