import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { JournalEntry } from "../../../src/sandbox/Journal.ts"
import { allOperations } from "../../../src/sandbox/operations/AllOperations.ts"
import { client, field } from "../Client.ts"
import { checked } from "../checked.ts"
import { assertAnswersConform, assertJournalConforms, violationsOf } from "./Contract.ts"

const slice: unknown = JSON.parse(readFileSync(new URL("./github-slice.json", import.meta.url), "utf8"))

/** A journal of a good request and a bad one. */
const exchange = (
  change: Partial<JournalEntry>,
  method = "POST",
  path = "/repos/acme/web-shop/pulls/1/reviews"
): JournalEntry => ({
  sequence: 1,
  method,
  path,
  query: "",
  headers: { accept: "application/vnd.github+json" },
  body: method === "POST" ? { body: "Findings" } : undefined,
  receivedAt: 0,
  installation: undefined,
  viewer: "holdfast[bot]",
  stage: "finished",
  applied: true,
  fault: undefined,
  answer: undefined,
  ...change
})

const sides = (entry: JournalEntry) => violationsOf(entry).map((one) => one.side)

describe("the contract", () => {
  it("knows every operation that the sandbox plays, under the same name", () => {
    for (const operation of allOperations) {
      const described = field(slice, "paths", operation.path.template, operation.method.toLowerCase())
      expect([operation.path.template, field(described, "operationId")]).toEqual([
        operation.path.template,
        operation.id
      ])
    }
  })

  it("finds what is wrong with a request", () => {
    const files = "/repos/acme/web-shop/pulls/1/files"
    expect(sides(exchange({}))).toEqual([])
    expect(sides(exchange({ body: { event: "SHOUT" } }))).toEqual(["request"])
    expect(sides(exchange({ body: { bodi: "typo" } }))).toEqual(["request"])
    expect(sides(exchange({ body: { comments: [{ path: "a", body: "b", lines: 3 }] } }))).toEqual(["request"])
    expect(sides(exchange({ query: "?per_page=100" }, "GET", files))).toEqual([])
    expect(sides(exchange({ query: "?perpage=100" }, "GET", files))).toEqual(["request"])
    expect(sides(exchange({ query: "?page=one" }, "GET", files))).toEqual(["request"])
    expect(sides(exchange({}, "GET", "/repos/acme/web-shop/pulls/one/files"))).toEqual(["request"])
    expect(sides(exchange({}, "GET", "/repos/acme/web-shop/secrets"))).toEqual(["request"])
    expect(sides(exchange({ body: {} }, "POST", "/repos/acme/web-shop/check-runs"))).toEqual(["request"])
  })

  it("finds what is wrong with an answer", () => {
    const answer = (status: number, body: unknown) => exchange({ answer: { status, body, headers: {} } })
    expect(sides(answer(200, { id: 1 }))).toEqual(["answer"])
    expect(sides(answer(201, {}))).toEqual(["answer"])
    expect(sides(answer(422, { message: "No", documentation_url: "https://x", errors: ["one"] }))).toEqual([])
    expect(sides(answer(422, { message: "No", documentation_url: "https://x", errors: [{}] }))).toEqual([
      "answer"
    ])
    expect(sides(answer(502, { message: "Server Error" }))).toEqual([])
    expect(() => assertJournalConforms([answer(201, {})])).toThrow(/status 201 is not documented/)
    expect(() => assertAnswersConform([exchange({ body: { bodi: "typo" } })])).not.toThrow()
  })

  it.scopedLive("is kept by a whole conversation", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const pull = yield* sandbox.pulls.open({ content: { before: {}, after: { "a b.txt": "a\n" } } })
        const app = yield* client(sandbox)
        const repository = "/repos/acme/web-shop"
        yield* app.get(`${repository}/pulls/${pull.number}`)
        yield* app.get(`${repository}/pulls/${pull.number}/files?per_page=100&page=1`)
        yield* app.get(`${repository}/contents/a%20b.txt?ref=${pull.headSha}`)
        const run = yield* app.post(`${repository}/check-runs`, {
          name: "Review",
          head_sha: pull.headSha,
          status: "in_progress"
        })
        const review = yield* app.post(`${repository}/pulls/${pull.number}/reviews`, {
          commit_id: pull.headSha,
          body: "One finding",
          comments: [{ path: "a b.txt", line: 1, side: "RIGHT", body: "Why?" }]
        })
        const one = `${repository}/pulls/${pull.number}/reviews/${field(review.body, "id")}`
        yield* app.put(one, { body: "One finding." })
        yield* app.post(`${one}/events`, { event: "COMMENT" })
        yield* app.get(`${one}/comments`)
        yield* app.patch(`${repository}/check-runs/${field(run.body, "id")}`, { conclusion: "success" })
        yield* app.get(`${repository}/commits/${pull.headSha}/check-runs?filter=all`)
        assertJournalConforms(yield* sandbox.journal.entries)
      })
    )
  )
})
