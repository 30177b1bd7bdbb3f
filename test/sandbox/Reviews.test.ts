import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { SandboxService } from "../../src/sandbox/Sandbox.ts"
import { client, clientAs, field } from "./Client.ts"
import { checked } from "./checked.ts"

const numbered = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join("")

/** Line 5 is new; line 30 (29 before) is changed; far apart, so that there are two hunks. */
const before = { "src/a.txt": numbered(1, 40), "src/gone.txt": "gone\n" }
const after = {
  "src/a.txt": `${numbered(1, 4)}added\n${numbered(5, 28)}changed\n${numbered(30, 40)}`
}

const open = (sandbox: SandboxService) =>
  Effect.map(sandbox.pulls.open({ content: { before, after } }), (pull) => ({
    pull,
    path: `/repos/acme/web-shop/pulls/${pull.number}/reviews`
  }))

const errors = (body: unknown) => field(body, "errors")

describe("a pending review", () => {
  it.scopedLive("is seen by its author alone until it is submitted", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { pull, path } = yield* open(sandbox)
        const app = yield* client(sandbox)
        const other = yield* clientAs(sandbox, "other-app[bot]")
        const made = yield* app.post(path, {
          commit_id: pull.headSha,
          body: "Findings",
          comments: [{ path: "src/a.txt", line: 5, side: "RIGHT", body: "Why?" }]
        })
        expect(made.status).toBe(200)
        const id = field(made.body, "id")
        expect(made.body).toMatchObject({
          state: "PENDING",
          commit_id: pull.headSha,
          user: { login: "holdfast-sandbox[bot]", type: "Bot" }
        })
        expect(made.body).not.toHaveProperty("submitted_at")
        expect((yield* app.get(path)).body).toHaveLength(1)
        expect((yield* app.get(`${path}/${id}`)).status).toBe(200)
        expect((yield* other.get(path)).body).toEqual([])
        expect((yield* other.get(`${path}/${id}`)).status).toBe(404)
        expect((yield* other.delete(`${path}/${id}`)).status).toBe(404)
        expect(yield* sandbox.view.reviews(pull)).toEqual([])
        expect(yield* sandbox.view.reviews(pull, sandbox.app.login)).toHaveLength(1)

        const submitted = yield* app.post(`${path}/${id}/events`, { event: "COMMENT" })
        expect(submitted.status).toBe(200)
        expect(submitted.body).toMatchObject({ state: "COMMENTED", body: "Findings" })
        expect(submitted.body).toHaveProperty("submitted_at")
        expect((yield* other.get(path)).body).toHaveLength(1)
        expect((yield* other.get(`${path}/${id}/comments`)).body).toMatchObject([
          { path: "src/a.txt", line: 5, side: "RIGHT", body: "Why?", user: { type: "Bot" } }
        ])
      })
    )
  )

  it.scopedLive("is the only one that its author may have on a pull request", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { path } = yield* open(sandbox)
        const app = yield* client(sandbox)
        const other = yield* clientAs(sandbox, "someone")
        const first = yield* app.post(path, { body: "One" })
        for (const body of [{ body: "Two" }, { body: "Two", event: "COMMENT" }]) {
          const second = yield* app.post(path, body)
          expect(second.status).toBe(422)
          expect(errors(second.body)).toEqual(["User can only have one pending review per pull request"])
        }
        expect((yield* other.post(path, { body: "Mine" })).status).toBe(200)
        expect((yield* app.delete(`${path}/${field(first.body, "id")}`)).status).toBe(200)
        expect((yield* app.post(path, { body: "Two" })).status).toBe(200)
      })
    )
  )

  it.scopedLive("can be deleted or submitted only while it is pending", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { path } = yield* open(sandbox)
        const app = yield* client(sandbox)
        const made = yield* app.post(path, { body: "One" })
        const one = `${path}/${field(made.body, "id")}`
        expect((yield* app.post(`${one}/events`, {})).status).toBe(422)
        expect((yield* app.post(`${one}/events`, { event: "COMMENT", body: "Other" })).body).toMatchObject({
          body: "Other"
        })
        expect((yield* app.post(`${one}/events`, { event: "COMMENT" })).status).toBe(422)
        const refused = yield* app.delete(one)
        expect(refused.status).toBe(422)
        expect(errors(refused.body)).toEqual(["Can not delete a non-pending pull request review"])
        expect((yield* app.get(`${path}/1`)).status).toBe(404)
      })
    )
  )
})

describe("a review is refused as a whole", () => {
  const cases: ReadonlyArray<readonly [string, { readonly [name: string]: unknown }, string]> = [
    ["a line in no hunk", { line: 15 }, "Line could not be resolved"],
    ["a removed line on the right", { line: 41 }, "Line could not be resolved"],
    ["an added line on the left", { line: 40, side: "LEFT" }, "Line could not be resolved"],
    ["a path that did not change", { path: "src/b.txt", line: 1 }, "Path could not be resolved"],
    ["no line at all", {}, "Line could not be resolved"],
    [
      "a range over two hunks",
      { start_line: 5, line: 30 },
      "Pull request review thread start line must be part of the same hunk as the line."
    ],
    [
      "a range of one line",
      { start_line: 5, line: 5 },
      "Pull request review thread start line must precede the end line."
    ],
    ["an empty comment", { line: 5, body: " " }, "Body can't be blank"]
  ]
  for (const [what, comment, sentence] of cases) {
    it.scopedLive(`for ${what}`, () =>
      checked((sandbox) =>
        Effect.gen(function* () {
          const { pull, path } = yield* open(sandbox)
          const app = yield* client(sandbox)
          const good = { path: "src/a.txt", line: 5, side: "RIGHT", body: "Good" }
          const answer = yield* app.post(path, {
            body: "Findings",
            comments: [good, { path: "src/a.txt", body: "Bad", ...comment }]
          })
          expect(answer.status).toBe(422)
          expect(answer.body).toMatchObject({ message: "Unprocessable Entity", errors: [sentence] })
          expect(yield* sandbox.view.allReviews(pull)).toEqual([])
        })
      )
    )
  }

  it.scopedLive("for a commit that is not of the pull request, or no longer", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { pull, path } = yield* open(sandbox)
        const app = yield* client(sandbox)
        const wrong = yield* app.post(path, { commit_id: "0".repeat(40), body: "x" })
        expect(wrong.status).toBe(422)
        yield* sandbox.pulls.push(pull, { content: { edit: { "src/b.txt": "new\n" } } })
        const old = yield* app.post(path, {
          commit_id: pull.headSha,
          body: "Of the first commit",
          event: "COMMENT"
        })
        expect(old.status).toBe(200)
        yield* sandbox.pulls.push(pull, { content: { edit: { "src/b.txt": "newer\n" } }, force: true })
        const gone = yield* app.post(path, { commit_id: pull.headSha, body: "x", event: "COMMENT" })
        expect(gone.status).toBe(422)
      })
    )
  )

  it.scopedLive("for events without what they need", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { path } = yield* open(sandbox)
        const app = yield* client(sandbox)
        const author = yield* clientAs(sandbox, "octocat")
        expect((yield* app.post(path, { event: "COMMENT" })).status).toBe(422)
        expect(errors((yield* app.post(path, { event: "REQUEST_CHANGES" })).body)).toEqual([
          "You need to leave a comment indicating the requested changes."
        ])
        expect((yield* app.post(path, { event: "SHOUT", body: "x" })).status).toBe(422)
        expect((yield* app.post(path, { body: "x".repeat(65537) })).status).toBe(422)
        expect((yield* author.post(path, { event: "APPROVE" })).status).toBe(422)
        expect((yield* app.post(path, { event: "APPROVE" })).body).toMatchObject({ state: "APPROVED" })
        const comments = [{ path: "src/a.txt", line: 5, body: "Only a comment" }]
        expect((yield* app.post(path, { event: "COMMENT", comments })).status).toBe(200)
      })
    )
  )
})

describe("a comment", () => {
  it.scopedLive("may stand on context, on the left side, over several lines, or at a position", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { pull, path } = yield* open(sandbox)
        const app = yield* client(sandbox)
        const made = yield* app.post(path, {
          body: "All kinds",
          event: "COMMENT",
          comments: [
            { path: "src/a.txt", line: 2, body: "context" },
            { path: "src/gone.txt", line: 1, side: "LEFT", body: "removed" },
            { path: "src/a.txt", start_line: 2, line: 5, body: "range" },
            { path: "src/a.txt", position: 4, body: "position" }
          ]
        })
        expect(made.status).toBe(200)
        const [review] = yield* sandbox.view.reviews(pull)
        expect(review?.comments.map(({ line, side, startLine }) => [line, side, startLine])).toEqual([
          [2, "RIGHT", null],
          [1, "LEFT", null],
          [5, "RIGHT", 2],
          [5, "RIGHT", null]
        ])
        const listed = yield* app.get(`${path}/${review?.id}/comments?per_page=2&page=2`)
        expect(listed.body).toHaveLength(2)
        expect(listed.headers.get("link")).toContain('rel="prev"')
      })
    )
  )
})
