/** The webhooks of comments and checks, in the form that Octokit knows, and what leads to them. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { SandboxService } from "../../src/sandbox/Sandbox.ts"
import { client, field } from "./Client.ts"
import { checked } from "./checked.ts"
import { receiver } from "./Hook.ts"
import { problems } from "./WebhookSchemas.ts"

const content = { before: { "a.txt": "a\n" }, after: { "a.txt": "b\n" } }
const repository = { owner: "acme", repo: "web-shop" }
const runs = "/repos/acme/web-shop/check-runs"

/** A pull request with a check run, and the webhooks that came after it. */
const setting = (sandbox: SandboxService, fork?: string) =>
  Effect.gen(function* () {
    const pull = yield* sandbox.pulls.open({ content, fork })
    const app = yield* client(sandbox)
    const made = yield* app.post(runs, {
      name: "Review",
      head_sha: pull.headSha,
      external_id: "17",
      conclusion: "neutral",
      actions: [{ label: "Again", identifier: "again", description: "From the start" }]
    })
    const hook = yield* receiver()
    yield* sandbox.webhooks.configure(hook.url)
    const payload = (index: number): unknown => JSON.parse(hook.received[index]?.body ?? "null")
    return { app, hook, payload, pull, run: Number(field(made.body, "id")) }
  })

describe("a comment", () => {
  it.scopedLive("on a pull request is told with who wrote it", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { payload, pull } = yield* setting(sandbox)
        const said = yield* sandbox.pulls.comment(pull, { login: "ann", body: "/review" })
        expect(said.delivery).toMatchObject({ event: "issue_comment", statusCode: 202 })
        expect(problems("issue_comment$created", payload(0))).toEqual([])
        expect(payload(0)).toMatchObject({
          issue: { number: pull.number, state: "open", pull_request: {} },
          comment: { id: said.commentId, body: "/review", user: { login: "ann", type: "User" } },
          sender: { login: "ann" },
          installation: { id: sandbox.installationId }
        })
      })
    )
  )

  it.scopedLive("in a thread is told with the comment that the thread begins with, and reacted to", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { app, payload, pull } = yield* setting(sandbox)
        yield* app.post(`/repos/acme/web-shop/pulls/${pull.number}/reviews`, {
          event: "COMMENT",
          body: "A finding",
          comments: [{ path: "a.txt", line: 1, side: "RIGHT", body: "On b" }]
        })
        const [thread] = yield* sandbox.view.threads(pull)
        const first = thread?.first.id ?? 0
        const said = yield* sandbox.pulls.reply(pull, first, { login: "ann", body: "So." })
        expect(problems("pull_request_review_comment$created", payload(0))).toEqual([])
        expect(payload(0)).toMatchObject({
          comment: { id: said.commentId, in_reply_to_id: first, path: "a.txt", line: 1, body: "So." },
          pull_request: { number: pull.number, state: "open" },
          sender: { login: "ann" }
        })
        const react = (id: number) =>
          app.post(`/repos/acme/web-shop/pulls/comments/${id}/reactions`, { content: "eyes" })
        const statuses = [first, said.commentId, said.commentId, 1].map(react)
        expect((yield* Effect.all(statuses)).map(({ status }) => status)).toEqual([201, 201, 200, 404])
        const [after] = yield* sandbox.view.threads(pull)
        const contents = (reactions: ReadonlyArray<{ readonly content: string }> = []) =>
          reactions.map(({ content }) => content)
        expect(contents(after?.reactions)).toEqual(["eyes"])
        expect(after?.replies.map(({ reactions }) => contents(reactions))).toEqual([["eyes"]])
      })
    )
  )

  it.scopedLive("of the app itself is told too", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { app, pull } = yield* setting(sandbox)
        const gone = yield* Effect.scoped(receiver())
        yield* sandbox.webhooks.configure(gone.url)
        const hook = yield* receiver()
        yield* sandbox.webhooks.configure(hook.url)
        yield* app.post(`/repos/acme/web-shop/issues/${pull.number}/comments`, { body: "On it." })
        const arrived = yield* Effect.repeat(
          Effect.map(
            Effect.delay(
              Effect.sync(() => hook.received[0]),
              "5 millis"
            ),
            (one) => one?.body
          ),
          { until: (body) => body !== undefined }
        )
        expect(JSON.parse(arrived ?? "")).toMatchObject({
          comment: { user: { login: sandbox.app.login, type: "Bot" } }
        })
      })
    )
  )

  it.scopedLive("is refused without words, and where there is nothing to comment on", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { pull } = yield* setting(sandbox)
        const say = (number: number, body: string) =>
          Effect.flip(sandbox.pulls.comment({ ...pull, number }, { login: "ann", body }))
        expect(yield* say(pull.number, " ")).toMatchObject({ _tag: "Impossible" })
        expect(yield* say(99, "Hm")).toMatchObject({ _tag: "NoSuchPull" })
      })
    )
  )
})

describe("a check", () => {
  it.scopedLive("that is asked for again, or whose button is pressed, is told with its pull request", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { payload, pull, run } = yield* setting(sandbox)
        yield* sandbox.pulls.rerunCheck(repository, run, "ann")
        yield* sandbox.pulls.pressAction(repository, run, "again", "ann")
        yield* sandbox.pulls.rerunChecks(repository, pull.headSha, "ann")
        expect(problems("check_run$rerequested", payload(0))).toEqual([])
        expect(problems("check_run$requested_action", payload(1))).toEqual([])
        expect(problems("check_suite$rerequested", payload(2))).toEqual([])
        const pulls = [{ number: pull.number, base: { repo: { name: "web-shop" } } }]
        expect(payload(0)).toMatchObject({
          check_run: { id: run, external_id: "17", head_sha: pull.headSha, pull_requests: pulls },
          sender: { login: "ann" }
        })
        expect(payload(1)).toMatchObject({ requested_action: { identifier: "again" } })
        expect(payload(2)).toMatchObject({
          check_suite: { head_sha: pull.headSha, pull_requests: pulls, latest_check_runs_count: 1 }
        })
      })
    )
  )

  it.scopedLive("of a pull request from a fork names none", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { app, payload, pull, run } = yield* setting(sandbox, "stranger")
        yield* sandbox.pulls.rerunCheck(repository, run, "ann")
        yield* sandbox.pulls.rerunChecks(repository, pull.headSha, "ann")
        expect(problems("check_run$rerequested", payload(0))).toEqual([])
        expect(problems("check_suite$rerequested", payload(1))).toEqual([])
        expect(field(payload(0), "check_run", "pull_requests")).toEqual([])
        expect(payload(1)).toMatchObject({ check_suite: { pull_requests: [], head_branch: null } })
        const shown = yield* app.get(`/repos/acme/web-shop/pulls/${pull.number}`)
        expect(shown.body).toMatchObject({
          head: { label: "stranger:change", repo: { fork: true, owner: { login: "stranger" } } },
          base: { repo: { fork: false } }
        })
      })
    )
  )

  it.scopedLive("can't be asked for before it is done, nor by a button that it has not", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { app, hook, pull, run } = yield* setting(sandbox)
        const made = yield* app.post(runs, { name: "Other", head_sha: pull.headSha })
        const going = Number(field(made.body, "id"))
        const refusals = [
          yield* Effect.flip(sandbox.pulls.rerunCheck(repository, going, "ann")),
          yield* Effect.flip(sandbox.pulls.pressAction(repository, run, "other", "ann")),
          yield* Effect.flip(sandbox.pulls.rerunChecks(repository, pull.baseSha, "ann")),
          yield* Effect.flip(sandbox.pulls.rerunCheck(repository, 1, "ann"))
        ]
        expect(refusals.map(({ _tag }) => _tag)).toEqual([
          "Impossible",
          "Impossible",
          "Impossible",
          "NoSuchPull"
        ])
        expect(hook.received).toEqual([])
      })
    )
  )

  it.scopedLive("has three buttons at most, with short words", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { app, run } = yield* setting(sandbox)
        const action = { label: "x".repeat(20), identifier: "y".repeat(20), description: "z".repeat(40) }
        const set = (...actions: ReadonlyArray<object>) =>
          Effect.map(app.patch(`${runs}/${run}`, { actions }), ({ status }) => status)
        expect(yield* set(action, action, action)).toBe(200)
        expect(yield* set(action, action, action, action)).toBe(422)
        for (const name of ["label", "identifier", "description"] as const) {
          expect(yield* set({ ...action, [name]: `${action[name]}!` })).toBe(422)
        }
      })
    )
  )
})
