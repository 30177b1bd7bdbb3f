import { DateTime, Option } from "effect"
import { describe, expect, it } from "vitest"
import { graphqlRefused } from "../../src/github/rest/Graphql.ts"
import type { Answer } from "../../src/github/rest/Refusal.ts"
import { resolveDocument, threadsDocument } from "../../src/github/rest/Threads.ts"
import { documentFaults } from "../sandbox/graphql/GraphqlContract.ts"

const now = DateTime.unsafeMake("2026-01-01T12:00:00Z")
const reset = String(DateTime.toEpochMillis(now) / 1000 + 600)

const refusal = (data: unknown, headers: Answer["headers"] = {}) =>
  Option.getOrUndefined(graphqlRefused("POST /graphql", { status: 200, headers, data }, now, 0))
const tagOf = (...errors: ReadonlyArray<unknown>) => refusal({ data: null, errors })?.error._tag

describe("the documents", () => {
  it.each([threadsDocument, resolveDocument])("are valid by GitHub's schema: %s", (document) => {
    expect(documentFaults(document)).toEqual([])
  })

  it("would not be with a field that GitHub does not have", () => {
    expect(documentFaults(threadsDocument.replace("isOutdated", "isOld"))).not.toEqual([])
    expect(documentFaults(threadsDocument.replace("$number: Int!", "$number: Int"))).not.toEqual([])
  })
})

describe("an answer with status 200", () => {
  it.each([{ data: {} }, { data: {}, errors: [] }, "<html>", undefined])(
    "without errors is no refusal: %j",
    (data) => {
      expect(refusal(data)).toBeUndefined()
    }
  )

  it.each([
    ["Forbidden", { type: "FORBIDDEN", message: "Resource not accessible by integration" }],
    ["Forbidden", { type: "INSUFFICIENT_SCOPES", message: "Your token has not been granted the scopes" }],
    ["NotFound", { type: "NOT_FOUND", message: "Could not resolve to a node" }],
    ["RateLimited", { type: "RATE_LIMITED", message: "API rate limit exceeded for installation" }],
    ["RateLimited", { type: "RATE_LIMIT", message: "API rate limit exceeded" }],
    ["RateLimited", { message: "You have exceeded a secondary rate limit." }],
    ["ServerError", { message: "Something went wrong while executing your query." }],
    ["ServerError", { type: "SERVICE_UNAVAILABLE", message: "Try again" }],
    ["ServerError", "not even an object"],
    ["ValidationFailed", { type: "UNPROCESSABLE", message: "No" }],
    ["ValidationFailed", { message: "Field 'x' doesn't exist", extensions: { code: "undefinedField" } }]
  ])("is %s for %j", (tag, error) => {
    expect(tagOf(error)).toBe(tag)
  })

  it("is refused as a whole, also where it holds data, by the error that decides", () => {
    const data = { repository: { pullRequest: { reviewThreads: { nodes: [null] } } } }
    const forbidden = { type: "FORBIDDEN", message: "Part of it" }
    expect(refusal({ data, errors: [forbidden] })?.error).toMatchObject({
      _tag: "Forbidden",
      message: expect.stringContaining("Part of it")
    })
    expect(tagOf(forbidden, { type: "RATE_LIMITED", message: "Slow down" })).toBe("RateLimited")
  })

  it("names the end of a rate limit in its headers, or is waited for longer each time", () => {
    const errors = [{ type: "RATE_LIMITED", message: "API rate limit exceeded" }]
    const named = refusal({ errors }, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset })
    expect(named).toMatchObject({ unnamedLimit: false, error: { until: DateTime.add(now, { minutes: 10 }) } })
    expect(refusal({ errors })).toMatchObject({ unnamedLimit: true })
    expect(refusal({ errors }, { "retry-after": "30" })).toMatchObject({
      error: { until: DateTime.add(now, { seconds: 30 }) }
    })
  })
})
