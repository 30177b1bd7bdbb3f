/** What is asked over HTTP for a review with a memory and for commands in comments; each request and answer as documented. */
import { describe, expect, it } from "@effect/vitest"
import { DateTime, Effect, Option } from "effect"
import type { InstallationClient } from "../../src/github/Github.ts"
import { isAmbiguous } from "../../src/github/GithubError.ts"
import { Sandbox, type SandboxOptions } from "../../src/sandbox/Sandbox.ts"
import { clientAs } from "../sandbox/Client.ts"
import { assertJournalConforms } from "../sandbox/openapi/Contract.ts"
import { asked, clientOf } from "./Client.ts"

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`)

const setting = (options: SandboxOptions = {}) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.make(options)
    yield* Effect.addFinalizer(() =>
      Effect.map(sandbox.journal.entries, (entries) => assertJournalConforms(entries))
    )
    const opened = yield* sandbox.pulls.open({
      content: { before: { "a.txt": "" }, after: { "a.txt": numbered(20).join("") } }
    })
    const client = yield* clientOf(sandbox)
    return { sandbox, client, opened, pull: { ...opened, pullRequest: opened.number } }
  })

type Setting = Effect.Effect.Success<ReturnType<typeof setting>>

/** A submitted review with a comment on each of these lines. */
const review = ({ client, opened, pull }: Setting, lines: ReadonlyArray<number>, body = "Hm") =>
  Effect.flatMap(
    client.createPendingReview(pull, {
      commitSha: opened.headSha,
      body: "Findings",
      comments: lines.map((line) => ({ path: "a.txt", line, body: `${body} ${line}` }))
    }),
    ({ id }) => client.submitReview(pull, id)
  )

describe.each([{}, { basePath: "/api/v3" }])("GitHub with %j", (options: SandboxOptions) => {
  it.scopedLive("lists threads with who wrote in them, and resolves one", () =>
    Effect.gen(function* () {
      const here = yield* setting(options)
      const { client, pull, sandbox } = here
      expect(yield* client.listThreads(pull)).toEqual([])
      yield* review(here, [3, 7])
      const [first] = yield* sandbox.view.threads(pull)
      const id = first?.first.id ?? 0
      yield* sandbox.pulls.reply(pull, id, { login: "ann", body: "Why?" })
      yield* sandbox.pulls.reply(pull, id, { login: "ghost", body: "Gone." })

      const threads = yield* client.listThreads(pull)
      const ours = yield* client.ownLogin
      expect(threads).toMatchObject([
        {
          isResolved: false,
          isOutdated: false,
          path: "a.txt",
          line: Option.some(3),
          startLine: Option.none(),
          comments: [
            { id, authorLogin: ours, body: "Hm 3" },
            { authorLogin: "ann", body: "Why?" },
            { authorLogin: "ghost", body: "Gone." }
          ]
        },
        { line: Option.some(7), comments: [{ authorLogin: ours }] }
      ])

      const node = threads[0]?.id ?? ""
      yield* client.resolveThread(node)
      yield* client.resolveThread(node)
      expect((yield* client.listThreads(pull)).map(({ isResolved }) => isResolved)).toEqual([true, false])
      expect(yield* Effect.flip(client.resolveThread("PRRT_none"))).toMatchObject({ _tag: "NotFound" })
      expect(yield* asked(sandbox, "POST", /\/graphql$/)).toBe(6)
    })
  )
})

it.scopedLive("all threads are read, page by page", () =>
  Effect.gen(function* () {
    const here = yield* setting()
    for (const times of [1, 2, 3, 4, 5, 6])
      yield* review(
        here,
        numbered(20).map((_, index) => index + 1),
        `${times}`
      )
    const threads = yield* here.client.listThreads(here.pull)
    expect(new Set(threads.map(({ id }) => id)).size).toBe(120)
    expect(yield* asked(here.sandbox, "POST", /\/graphql$/)).toBe(3)
  })
)

it.scopedLive("resolving is forbidden to an App that may only read contents", () =>
  Effect.gen(function* () {
    const here = yield* setting({
      permissions: { metadata: "read", contents: "read", pull_requests: "write", checks: "write" }
    })
    yield* review(here, [3])
    const [thread] = yield* here.client.listThreads(here.pull)
    const error = yield* Effect.flip(here.client.resolveThread(thread?.id ?? ""))
    expect(error).toMatchObject({ _tag: "Forbidden", status: 403 })
    expect(error.message).toContain("Resource not accessible by integration")
    expect(isAmbiguous(error)).toBe(false)
    expect(yield* here.client.listThreads(here.pull)).toMatchObject([{ isResolved: false }])
  })
)

it.scopedLive("threads that can't be seen are an error, and never no threads", () =>
  Effect.gen(function* () {
    const { client, pull } = yield* setting()
    const missing = [
      { ...pull, pullRequest: 99 },
      { ...pull, repo: "none" }
    ]
    for (const ref of missing) {
      expect(yield* Effect.flip(client.listThreads(ref))).toMatchObject({ _tag: "NotFound" })
    }
    const blind = yield* setting({ permissions: { metadata: "read" } })
    expect(yield* Effect.flip(blind.client.listThreads(blind.pull))).toMatchObject({ _tag: "Forbidden" })
  })
)

it.scopedLive("a primary limit of the GraphQL API, told with status 200, is told with its end", () =>
  Effect.gen(function* () {
    const { client, pull, sandbox } = yield* setting()
    const fault = { _tag: "PrimaryLimit", status: 403, resetSeconds: 900 } as const
    yield* sandbox.faults.add({ fault, path: "/graphql", count: null })
    const errors = [
      yield* Effect.flip(client.listThreads(pull)),
      yield* Effect.flip(client.resolveThread("PRRT_x"))
    ]
    for (const error of errors) {
      if (error._tag !== "RateLimited") return expect.fail(error._tag)
      const now = yield* DateTime.now
      expect(Math.round((error.until.epochMillis - now.epochMillis) / 60_000)).toBe(15)
    }
    expect(yield* asked(sandbox, "POST", /\/graphql$/)).toBe(2)
  })
)

it.scopedLive("the list of threads is asked for again when GitHub stumbles, and resolving is not", () =>
  Effect.gen(function* () {
    const { client, pull, sandbox } = yield* setting()
    const fault = { _tag: "ServerFailure", status: 502, applied: false } as const
    yield* sandbox.faults.add({ fault, path: "/graphql", count: 2 })
    expect(yield* client.listThreads(pull)).toEqual([])
    yield* sandbox.faults.add({ fault, path: "/graphql", count: 1 })
    const error = yield* Effect.flip(client.resolveThread("PRRT_x"))
    expect([error._tag, isAmbiguous(error)]).toEqual(["ServerError", true])
    expect(yield* asked(sandbox, "POST", /\/graphql$/)).toBe(4)
  })
)

describe("commits are compared", () => {
  const compare = (client: InstallationClient, pull: Setting["pull"], base: string, head: string) =>
    Effect.map(client.compare(pull, base, head), Option.getOrUndefined)

  it.scopedLive("by how they descend from each other", () =>
    Effect.gen(function* () {
      const { client, opened, pull, sandbox } = yield* setting()
      const pushed = yield* sandbox.pulls.push(opened, { content: { edit: { "b.txt": "new\n" } } })
      const forced = yield* sandbox.pulls.push(opened, {
        content: { edit: { "c.txt": "c\n", "b.txt": null } },
        force: true
      })
      const [first, second, other] = [opened.headSha, pushed.headSha, forced.headSha]
      const ahead = yield* compare(client, pull, first, second)
      expect(ahead).toMatchObject({ status: "ahead", aheadBy: 1, isComplete: true })
      expect(ahead?.files).toMatchObject([{ path: "b.txt", status: "added", additions: 1 }])
      expect(yield* compare(client, pull, second, first)).toMatchObject({
        status: "behind",
        aheadBy: 0,
        files: []
      })
      expect(yield* compare(client, pull, first, first)).toMatchObject({ status: "identical", files: [] })
      const diverged = yield* compare(client, pull, second, other)
      expect(diverged).toMatchObject({ status: "diverged", aheadBy: 1 })
      // From where the two parted, which is the base of the pull request.
      expect(diverged?.files.map(({ path }) => path)).toEqual(["a.txt", "c.txt"])
    })
  )

  it.scopedLive("unless one of them is not there, or not any more, or they have nothing in common", () =>
    Effect.gen(function* () {
      const { client, opened, pull, sandbox } = yield* setting()
      expect(yield* compare(client, pull, "0".repeat(40), opened.headSha)).toBeUndefined()
      const stranger = yield* sandbox.pulls.open({ content: { before: { x: "1" }, after: { x: "2" } } })
      expect(yield* compare(client, pull, opened.headSha, stranger.headSha)).toBeUndefined()
      const forced = yield* sandbox.pulls.push(opened, {
        content: { edit: { "c.txt": "c\n" } },
        force: true,
        keepsReplaced: false
      })
      expect(yield* compare(client, pull, opened.headSha, forced.headSha)).toBeUndefined()
      expect(yield* compare(client, pull, opened.baseSha, forced.headSha)).toMatchObject({ status: "ahead" })
    })
  )

  it.scopedLive("and a list of files that may be cut off says so", () =>
    Effect.gen(function* () {
      const { client, opened, pull, sandbox } = yield* setting()
      const edit = Object.fromEntries(Array.from({ length: 310 }, (_, index) => [`f${index}.txt`, "x\n"]))
      const pushed = yield* sandbox.pulls.push(opened, { content: { edit } })
      const found = yield* compare(client, pull, opened.headSha, pushed.headSha)
      expect([found?.files.length, found?.isComplete]).toEqual([300, false])
    })
  )

  it.scopedLive("only by an App that may read contents", () =>
    Effect.gen(function* () {
      const { client, opened, pull } = yield* setting({ permissions: { metadata: "read" } })
      expect(yield* Effect.flip(client.compare(pull, opened.baseSha, opened.headSha))).toMatchObject({
        _tag: "Forbidden"
      })
    })
  )
})

it.scopedLive("what an account may do is told, and an App's login is no user's", () =>
  Effect.gen(function* () {
    const { client, pull, sandbox } = yield* setting({ collaborators: { Ann: "write" } })
    yield* sandbox.pulls.setPermission(pull, "bob", "none")
    const logins = ["ann", "bob", "carl", "acme", "helper[bot]", "ghost"]
    expect(yield* Effect.forEach(logins, (login) => client.permissionOf(pull, login))).toEqual([
      "write",
      "none",
      "read",
      "admin",
      "none",
      "none"
    ])
    const elsewhere = client.permissionOf({ ...pull, repo: "none" }, "ann")
    expect(yield* Effect.flip(elsewhere)).toMatchObject({ _tag: "NotFound" })
  })
)

it.scopedLive("comments are made, listed to their end and reacted to", () =>
  Effect.gen(function* () {
    const { client, pull, sandbox } = yield* setting()
    const { commentId } = yield* sandbox.pulls.comment(pull, { login: "ann", body: "/review" })
    yield* sandbox.pulls.comment(pull, { login: "ghost", body: "Gone" })
    const made = yield* client.createIssueComment(pull, "On it.")
    expect(yield* client.listIssueComments(pull)).toEqual([
      { id: commentId, authorLogin: "ann", body: "/review" },
      { id: expect.any(Number), authorLogin: "ghost", body: "Gone" },
      { id: made.id, authorLogin: sandbox.app.login, body: "On it." }
    ])
    for (const content of ["eyes", "eyes", "+1", "rocket"] as const) {
      yield* client.addReaction(pull, { id: commentId, thread: null }, content)
    }
    const [comment] = yield* sandbox.view.comments(pull)
    expect(comment?.reactions.map(({ content }) => content)).toEqual(["eyes", "+1", "rocket"])
    for (const thread of [null, 1]) {
      expect(yield* Effect.flip(client.addReaction(pull, { id: 1, thread }, "eyes"))).toMatchObject({
        _tag: "NotFound"
      })
    }
    expect(yield* Effect.flip(client.createIssueComment(pull, " "))).toMatchObject({
      _tag: "ValidationFailed",
      status: 422
    })
    const other = yield* clientAs(sandbox, "bob")
    const address = `/repos/${pull.owner}/${pull.repo}/issues/${pull.number}/comments`
    yield* Effect.forEach(Array.from({ length: 100 }), () => other.post(address, { body: "Hm" }))
    expect(yield* client.listIssueComments(pull)).toHaveLength(103)
  })
)

it.scopedLive("commenting takes the permission for issues or that for pull requests", () =>
  Effect.gen(function* () {
    const attempt = (permissions: NonNullable<SandboxOptions["permissions"]>) =>
      Effect.flatMap(setting({ permissions: { metadata: "read", ...permissions } }), ({ client, pull }) =>
        client.createIssueComment(pull, "Hm").pipe(
          Effect.as("made"),
          Effect.catchAll(({ _tag }) => Effect.succeed(_tag))
        )
      )
    expect(yield* attempt({ issues: "write" })).toBe("made")
    expect(yield* attempt({ pull_requests: "write" })).toBe("made")
    expect(yield* attempt({ issues: "read", pull_requests: "read" })).toBe("Forbidden")
  })
)

it.scopedLive("a check run may lead to a page and have buttons", () =>
  Effect.gen(function* () {
    const { client, opened, pull, sandbox } = yield* setting()
    const actions = [{ label: "Review again", identifier: "review", description: "From the start" }]
    const state = { status: "in_progress", title: "Reading", summary: "…" } as const
    const run = yield* client.createCheckRun(pull, {
      ...state,
      commitSha: opened.headSha,
      externalId: "1",
      detailsUrl: "https://holdfast.example/jobs/1"
    })
    yield* client.updateCheckRun(pull, run.id, { ...state, actions })
    expect(yield* sandbox.view.checkRuns(pull)).toMatchObject([
      { detailsUrl: "https://holdfast.example/jobs/1", actions }
    ])
  })
)
