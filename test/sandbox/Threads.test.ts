/** Where threads stand after the code has moved. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { followLine } from "../../src/sandbox/git/FollowLine.ts"
import type { SandboxService } from "../../src/sandbox/Sandbox.ts"
import { client, clientAs, field } from "./Client.ts"
import { checked } from "./checked.ts"

const text = (...lines: ReadonlyArray<string>) => `${lines.join("\n")}\n`

it("a line is followed through a change", () => {
  const before = text("a", "b", "c", "d")
  const follow = (after: string) => [1, 2, 3, 4].map((line) => followLine(before, after, line))
  expect(follow(before)).toEqual([1, 2, 3, 4])
  expect(follow(text("x", "a", "b", "c", "d"))).toEqual([2, 3, 4, 5])
  expect(follow(text("a", "x", "b", "c", "d", "e"))).toEqual([1, 3, 4, 5])
  expect(follow(text("a", "B", "c", "d"))).toEqual([1, undefined, 3, 4])
  expect(follow(text("a", "d"))).toEqual([1, undefined, undefined, 2])
})

const open = (sandbox: SandboxService) =>
  Effect.gen(function* () {
    const pull = yield* sandbox.pulls.open({
      content: { before: { "a.txt": "old\n" }, after: { "a.txt": text("old", "b", "c", "d", "e") } }
    })
    const app = yield* client(sandbox)
    const made = yield* app.post(`/repos/acme/web-shop/pulls/${pull.number}/reviews`, {
      commit_id: pull.headSha,
      body: "Findings",
      event: "COMMENT",
      comments: [
        { path: "a.txt", line: 2, side: "RIGHT", body: "On b" },
        { path: "a.txt", start_line: 3, start_side: "RIGHT", line: 5, side: "RIGHT", body: "On c to e" }
      ]
    })
    return { app, pull, review: field(made.body, "id") }
  })

const places = (sandbox: SandboxService, pull: Parameters<SandboxService["view"]["threads"]>[0]) =>
  Effect.map(sandbox.view.threads(pull), (threads) =>
    threads.map(({ line, outdated, startLine }) => [startLine, line, outdated])
  )

describe("a thread", () => {
  it.scopedLive("follows its lines, and is outdated once they are changed or no more in the diff", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { pull } = yield* open(sandbox)
        const push = (...lines: ReadonlyArray<string>) =>
          sandbox.pulls.push(pull, { content: { edit: { "a.txt": text(...lines) } } })
        expect(yield* places(sandbox, pull)).toEqual([
          [null, 2, false],
          [3, 5, false]
        ])
        yield* push("old", "x", "b", "c", "d", "e")
        expect(yield* places(sandbox, pull)).toEqual([
          [null, 3, false],
          [4, 6, false]
        ])
        yield* push("old", "x", "B", "c", "d", "e")
        expect(yield* places(sandbox, pull)).toEqual([
          [null, null, true],
          [4, 6, false]
        ])
        yield* push("old")
        expect(yield* places(sandbox, pull)).toEqual([
          [null, null, true],
          [null, null, true]
        ])
      })
    )
  )

  it.scopedLive("is not there before its review is submitted, and is resolved by people too", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { app, pull } = yield* open(sandbox)
        yield* app.post(`/repos/acme/web-shop/pulls/${pull.number}/reviews`, {
          commit_id: pull.headSha,
          comments: [{ path: "a.txt", line: 4, side: "RIGHT", body: "Pending" }]
        })
        const [first, ...others] = yield* sandbox.view.threads(pull)
        expect(others).toHaveLength(1)
        yield* sandbox.pulls.resolve(pull, first?.first.id ?? 0)
        yield* sandbox.pulls.reply(pull, first?.first.id ?? 0, { login: "ann", body: "Fixed" })
        expect(yield* sandbox.view.threads(pull)).toMatchObject([
          { resolved: true, replies: [{ body: "Fixed" }] },
          { resolved: false, replies: [] }
        ])
        expect(yield* Effect.flip(sandbox.pulls.resolve(pull, 1))).toMatchObject({ _tag: "NoSuchPull" })
      })
    )
  )
})

describe("the GraphQL API", () => {
  const ask = (sandbox: SandboxService, query: string, variables: object = {}) =>
    Effect.flatMap(clientAs(sandbox, "ann"), (ann) => ann.post("/graphql", { query, variables }))
  const within = (fields: string) =>
    `{ repository(owner: "acme", name: "web-shop") { pullRequest(number: 1) { ${fields} } } }`

  it.scopedLive("answers a field under the name that was asked for", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        yield* open(sandbox)
        const query = `query A($n: Int = 1) { here: repository(owner: "acme", name: "web-shop") {
          pullRequest(number: $n) { reviewThreads(first: 1) { nodes { where: path } } } } } # the end`
        expect((yield* ask(sandbox, query, { n: 1 })).body).toEqual({
          data: { here: { pullRequest: { reviewThreads: { nodes: [{ where: "a.txt" }] } } } }
        })
      })
    )
  )

  it.scopedLive("says with status 200 what is wrong", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        yield* open(sandbox)
        const refusal = (query: string) =>
          Effect.map(ask(sandbox, query), ({ body, status }) => [
            status,
            field(body, "errors", 0, "type") ?? field(body, "errors", 0, "message")
          ])
        expect(yield* refusal(within("reviewThreads { nodes { id } }"))).toEqual([
          200,
          "MISSING_PAGINATION_BOUNDARIES"
        ])
        expect(yield* refusal(within("reviewThreads(first: 101) { nodes { id } }"))).toEqual([
          200,
          "EXCESSIVE_PAGINATION"
        ])
        expect(yield* refusal(within(`reviewThreads(first: 1, after: "x") { nodes { id } }`))).toEqual([
          200,
          "INVALID_CURSOR_ARGUMENTS"
        ])
        expect(yield* refusal(within("colour"))).toEqual([
          200,
          "Field 'colour' doesn't exist on type 'PullRequest'"
        ])
        for (const broken of ["{", "query A(", "subscription { a }", "{ a(b: ) }", "{ a } }", "{ ?"]) {
          expect((yield* refusal(broken))[1], broken).toMatch(/^Parse error/)
        }
      })
    )
  )
})
