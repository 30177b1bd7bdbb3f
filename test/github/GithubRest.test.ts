import { describe, expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { Sandbox, type SandboxOptions } from "../../src/sandbox/Sandbox.ts"
import { clientAs } from "../sandbox/Client.ts"
import { assertJournalConforms } from "../sandbox/openapi/Contract.ts"
import { asked, clientOf } from "./Client.ts"

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join("")

/** A sandbox with a pull request, and a client; every request and answer must be as GitHub documents it. */
const conversation = <A, E>(
  body: (with_: {
    readonly sandbox: Sandbox["Type"]
    readonly pull: {
      readonly owner: string
      readonly repo: string
      readonly pullRequest: number
      readonly number: number
    }
    readonly headSha: string
    readonly baseSha: string
    readonly client: Effect.Effect.Success<ReturnType<typeof clientOf>>
  }) => Effect.Effect<A, E>,
  after: Readonly<Record<string, string | Uint8Array>> = { "a.txt": lines(3) },
  options: SandboxOptions = {}
) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.make(options)
    const { baseSha, headSha, number, owner, repo } = yield* sandbox.pulls.open({
      content: {
        before: { "old.txt": lines(9), "a.txt": lines(2) },
        after: { "old.txt": lines(9), ...after }
      },
      title: "A title",
      labels: ["one", "two"]
    })
    const client = yield* clientOf(sandbox)
    yield* body({ sandbox, client, headSha, baseSha, pull: { owner, repo, number, pullRequest: number } })
    assertJournalConforms(yield* sandbox.journal.entries)
  })

describe.each([{}, { basePath: "/api/v3" }])("GitHub with %j", (options: SandboxOptions) => {
  it.scopedLive("tells about a pull request, its files and their content", () =>
    conversation(
      ({ baseSha, client, headSha, pull }) =>
        Effect.gen(function* () {
          expect(yield* client.getPullRequest(pull)).toMatchObject({
            number: pull.number,
            title: "A title",
            state: "open",
            draft: false,
            headSha,
            baseSha,
            baseBranch: "main",
            authorIsBot: false,
            labels: ["one", "two"],
            changedFiles: 3
          })
          const files = yield* client.listFiles(pull)
          expect(files.map(({ path, status }) => [path, status])).toEqual([
            ["a.txt", "modified"],
            ["bytes.bin", "added"],
            ["dir/ä b#?%.txt", "added"]
          ])
          expect(files.map(({ patch }) => Option.isSome(patch))).toEqual([true, false, true])

          const content = (path: string, at = headSha) => client.getContent(pull, path, at)
          const text = (found: Effect.Effect.Success<ReturnType<typeof content>>) =>
            Option.map(
              Option.flatMap(found, (file) => file.bytes),
              (bytes) => Buffer.from(bytes).toString()
            )
          expect(text(yield* content("dir/ä b#?%.txt"))).toEqual(Option.some("odd\n"))
          expect(text(yield* content("a.txt", baseSha))).toEqual(Option.some(lines(2)))
          expect(Option.map(yield* content("bytes.bin"), ({ bytes, size }) => [size, bytes])).toEqual(
            Option.some([3, Option.some(Uint8Array.from([0, 255, 128]))])
          )
          expect(yield* content("missing.txt")).toEqual(Option.none())
          expect(yield* content("dir")).toEqual(Option.none())
          expect(yield* Effect.flip(content("a.txt", "0".repeat(40)))).toMatchObject({ _tag: "NotFound" })
        }),
      { "a.txt": lines(3), "bytes.bin": Uint8Array.from([0, 255, 128]), "dir/ä b#?%.txt": "odd\n" },
      options
    )
  )

  it.scopedLive("publishes a review: pending, then submitted", () =>
    conversation(
      ({ client, headSha, pull, sandbox }) =>
        Effect.gen(function* () {
          const login = yield* client.ownLogin
          expect(login).toBe(sandbox.app.login)
          const pending = yield* client.createPendingReview(pull, {
            commitSha: headSha,
            body: "What I saw",
            comments: [
              { path: "a.txt", line: 3, body: "One line" },
              { path: "a.txt", startLine: 1, line: 3, body: "Several" }
            ]
          })
          expect(pending).toMatchObject({
            state: "PENDING",
            authorLogin: login,
            commitSha: headSha,
            body: "What I saw"
          })
          expect(yield* sandbox.view.reviews(pull)).toHaveLength(0)
          expect(yield* client.listReviews(pull)).toEqual([pending])
          expect(yield* client.submitReview(pull, pending.id)).toMatchObject({
            id: pending.id,
            state: "COMMENTED"
          })
          expect(yield* client.getReview(pull, pending.id)).toMatchObject({ state: "COMMENTED" })
          expect(yield* sandbox.view.reviews(pull)).toHaveLength(1)

          const another = yield* client.createPendingReview(pull, {
            commitSha: headSha,
            body: "x",
            comments: []
          })
          yield* client.deletePendingReview(pull, another.id)
          expect(yield* Effect.flip(client.getReview(pull, another.id))).toMatchObject({ _tag: "NotFound" })

          const refused = yield* Effect.flip(
            client.createPendingReview(pull, {
              commitSha: headSha,
              body: "x",
              comments: [{ path: "a.txt", line: 999, body: "Nowhere" }]
            })
          )
          expect(refused).toMatchObject({ _tag: "ValidationFailed", status: 422 })
        }),
      { "a.txt": lines(3) },
      options
    )
  )

  it.scopedLive("keeps a check run, and finds it again", () =>
    conversation(
      ({ client, headSha, pull }) =>
        Effect.gen(function* () {
          const made = yield* client.createCheckRun(pull, {
            commitSha: headSha,
            externalId: "job 1",
            status: "queued",
            title: "Waiting",
            summary: "Soon."
          })
          expect(made).toMatchObject({ externalId: "job 1", status: "queued", conclusion: Option.none() })
          yield* client.updateCheckRun(pull, made.id, {
            status: "in_progress",
            title: "Working",
            summary: ""
          })
          const done = yield* client.updateCheckRun(pull, made.id, {
            status: "completed",
            conclusion: "neutral",
            title: "Done",
            summary: "Two findings.",
            text: "Details."
          })
          expect(done).toMatchObject({ status: "completed", conclusion: Option.some("neutral") })
          expect(yield* client.listCheckRuns(pull, headSha)).toEqual([done])
        }),
      { "a.txt": lines(3) },
      options
    )
  )
})

it.scopedLive("lists are read to their end", () =>
  conversation(
    ({ client, headSha, pull, sandbox }) =>
      Effect.gen(function* () {
        const files = yield* client.listFiles(pull)
        expect(new Set(files.map(({ path }) => path)).size).toBe(250)
        const other = yield* clientAs(sandbox, "somebody")
        yield* Effect.forEach(
          Array.from({ length: 100 }),
          () =>
            other.post(`/repos/${pull.owner}/${pull.repo}/pulls/${pull.number}/reviews`, {
              body: "Hm",
              event: "COMMENT"
            }),
          { concurrency: 4 }
        )
        const own = yield* client.createPendingReview(pull, {
          commitSha: headSha,
          body: "Ours",
          comments: []
        })
        expect((yield* client.listReviews(pull)).map(({ id }) => id)).toContain(own.id)
      }),
    Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`f/${index}.txt`, lines(2)]))
  )
)

it.scopedLive("a file of more than a megabyte has a size but no bytes", () =>
  conversation(
    ({ client, headSha, pull }) =>
      Effect.gen(function* () {
        const found = Option.getOrThrow(yield* client.getContent(pull, "big.txt", headSha))
        expect(found).toEqual({ size: 2_000_000, bytes: Option.none() })
      }),
    { "big.txt": "x".repeat(2_000_000) }
  )
)

it.scopedLive("the App's own login is asked for once", () =>
  conversation(({ client, sandbox }) =>
    Effect.gen(function* () {
      yield* client.ownLogin
      yield* client.ownLogin
      expect(yield* asked(sandbox, "GET", /\/app$/)).toBe(1)
    })
  )
)
