import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import type { SandboxService } from "../../src/sandbox/Sandbox.ts"
import { client, clientWith, field, send } from "./Client.ts"
import { checked } from "./checked.ts"
import { receiver } from "./Hook.ts"

const control = (sandbox: SandboxService) => ({
  get: (path: string) => send(sandbox, "GET", `/_sandbox${path}`),
  put: (path: string, body: unknown) => send(sandbox, "PUT", `/_sandbox${path}`, { body }),
  post: (path: string, body?: unknown) =>
    send(sandbox, "POST", `/_sandbox${path}`, body === undefined ? {} : { body }),
  delete: (path: string) => send(sandbox, "DELETE", `/_sandbox${path}`)
})

const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "holdfast-control-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
)

const files = (sandbox: SandboxService, number: unknown) =>
  Effect.map(
    Effect.flatMap(client(sandbox), (app) => app.get(`/repos/acme/web-shop/pulls/${number}/files`)),
    ({ body }) =>
      Array.isArray(body) ? body.map((file) => [field(file, "filename"), field(file, "status")]) : []
  )

describe("the control API", () => {
  it.scopedLive("says what a program needs to connect", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { body } = yield* control(sandbox).get("/")
        expect(body).toMatchObject({
          url: sandbox.url,
          app: { id: sandbox.app.id, login: sandbox.app.login },
          repository: "acme/web-shop",
          scenarios: ["checkout", "newsletter"]
        })
        expect(field(body, "app", "privateKey")).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/)
      })
    )
  )

  it.scopedLive("opens a scenario and changes it, with a webhook for each", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const hook = yield* receiver()
        const api = control(sandbox)
        yield* api.put("/webhook", { url: hook.url })
        const opened = yield* api.post("/pulls", { source: { scenario: "checkout" } })
        expect(opened.body).toMatchObject({
          owner: "acme",
          repo: "web-shop",
          number: 1,
          delivery: { action: "opened", statusCode: 202 }
        })
        const pull = "/pulls/acme/web-shop/1"
        const pushed = yield* api.post(`${pull}/push`, { edit: { "src/receipts.js": null, "a.txt": "a\n" } })
        expect(field(pushed.body, "headSha")).not.toBe(field(opened.body, "headSha"))
        for (const [step, action] of [
          ["draft", "converted_to_draft"],
          ["ready", "ready_for_review"],
          ["close", "closed"],
          ["reopen", "reopened"]
        ]) {
          const answer = yield* api.post(`${pull}/${step}`)
          expect(field(answer.body, "delivery", "action")).toBe(action)
        }
        yield* api.post(`${pull}/rename`, { title: "Receipts" })
        const guid = field(opened.body, "delivery", "guid")
        expect((yield* api.post(`/deliveries/${guid}/redeliver`)).body).toMatchObject({
          guid,
          redelivery: true
        })
        expect(hook.received).toHaveLength(8)
        expect((yield* api.get("/state")).body).toMatchObject({
          pulls: [{ title: "Receipts", state: "open", draft: false, reviews: [] }]
        })
      })
    )
  )

  it.scopedLive("takes content as text, from folders and from a repository", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const api = control(sandbox)
        const folder = yield* temporaryFolder
        const git = (...args: ReadonlyArray<string>) =>
          execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], { cwd: folder })
        mkdirSync(join(folder, "before"))
        mkdirSync(join(folder, "after"))
        writeFileSync(join(folder, "before", "a.txt"), "a\n")
        writeFileSync(join(folder, "after", "a.txt"), "b\n")
        writeFileSync(join(folder, "c.txt"), "c\n")
        git("init", "--quiet", "--initial-branch=main")
        git("add", ".")
        git("commit", "--quiet", "--message=one")
        git("checkout", "--quiet", "-b", "topic")
        git("mv", "c.txt", "moved.txt")
        git("commit", "--quiet", "--message=two")

        const sources = [
          { before: { "x.bin": { base64: "AAEC" } }, after: { "y.txt": "y\n" } },
          { beforeFolder: join(folder, "before"), afterFolder: join(folder, "after") },
          { repository: folder, base: "main", head: "topic" }
        ]
        const listed = yield* Effect.forEach(sources, (source) =>
          Effect.flatMap(api.post("/pulls", { source }), (answer) =>
            files(sandbox, field(answer.body, "number"))
          )
        )
        expect(listed).toEqual([
          [
            ["x.bin", "removed"],
            ["y.txt", "added"]
          ],
          [["a.txt", "modified"]],
          [["moved.txt", "renamed"]]
        ])
        const head = yield* sandbox.view.pull({ owner: "acme", repo: "web-shop", number: 3 })
        expect(head?.heads[0].sha).toBe(git("rev-parse", "topic").toString().trim())
        const again = yield* api.post("/pulls", {
          source: { repository: folder, base: "main", head: "none" }
        })
        expect(again.status).toBe(422)
      })
    )
  )

  it.scopedLive("adds faults, waits for requests, and lets go what is held", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const api = control(sandbox)
        const path = "/repos/{owner}/{repo}"
        const added = yield* api.post("/faults", {
          fault: { _tag: "Hold", when: "after" },
          method: "GET",
          path
        })
        expect(added.status).toBe(201)
        const app = yield* client(sandbox)
        const waiting = yield* Effect.fork(app.get("/repos/acme/web-shop"))
        const seen = yield* api.get(
          `/journal/await?method=GET&path=${encodeURIComponent(path)}&stage=applied`
        )
        expect(seen.body).toMatchObject({ path: "/repos/acme/web-shop", applied: true })
        yield* api.post(`/faults/${field(added.body, "id")}/release`)
        expect((yield* Fiber.join(waiting)).status).toBe(200)
        expect((yield* api.get("/faults")).body).toMatchObject([{ hits: 1 }])
        expect((yield* api.get("/journal/await?nth=9&timeout=0")).status).toBe(408)

        yield* api.post("/faults", { fault: { _tag: "ResetBefore" }, count: null })
        expect(Exit.isFailure(yield* Effect.exit(app.get("/repos/acme/web-shop")))).toBe(true)
        yield* api.delete("/faults")
        expect((yield* app.get("/repos/acme/web-shop")).status).toBe(200)
        expect((yield* api.get("/journal")).body).toHaveLength(4)
      })
    )
  )

  it.scopedLive("shows reviews as a given viewer sees them, and hands out tokens for others", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const api = control(sandbox)
        yield* api.post("/pulls", { source: { scenario: "newsletter" } })
        const app = yield* client(sandbox)
        yield* app.post("/repos/acme/web-shop/pulls/1/reviews", { body: "Pending" })
        const reviews = (query: string) =>
          Effect.map(api.get(`/state${query}`), ({ body }) => field(body, "pulls", 0, "reviews"))
        expect(yield* reviews("")).toEqual([])
        const own = encodeURIComponent(sandbox.app.login)
        expect(yield* reviews(`?viewer=${own}`)).toMatchObject([{ state: "PENDING" }])
        const token = yield* api.post("/tokens", { login: "someone" })
        const other = clientWith(sandbox, `bearer ${field(token.body, "token")}`)
        expect((yield* other.get("/repos/acme/web-shop/pulls/1/reviews")).body).toEqual([])
      })
    )
  )

  it.scopedLive("lets people comment, reply, resolve, ask for checks and be given permissions", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const api = control(sandbox)
        const opened = yield* api.post("/pulls", {
          source: { before: {}, after: { "a.txt": "a\n" } },
          fork: "stranger"
        })
        const sha = field(opened.body, "headSha")
        const app = yield* client(sandbox)
        yield* app.post("/repos/acme/web-shop/pulls/1/reviews", {
          event: "COMMENT",
          comments: [{ path: "a.txt", line: 1, body: "Why?" }]
        })
        const run = yield* app.post("/repos/acme/web-shop/check-runs", {
          name: "Review",
          head_sha: sha,
          conclusion: "neutral",
          details_url: "https://holdfast.example/1",
          actions: [{ label: "Again", identifier: "again", description: "From the start" }]
        })
        const hook = yield* receiver()
        yield* api.put("/webhook", { url: hook.url })
        const pull = "/pulls/acme/web-shop/1"
        const said = yield* api.post(`${pull}/comments`, { login: "ann", body: "/review" })
        expect(said).toMatchObject({ status: 201, body: { delivery: { event: "issue_comment" } } })
        const shown = Effect.map(api.get("/state"), ({ body }) => field(body, "pulls", 0))
        const thread = `${pull}/threads/${field(yield* shown, "threads", 0, "id")}`
        expect((yield* api.post(`${thread}/replies`, { login: "ann", body: "So." })).status).toBe(201)
        expect((yield* api.post(`${thread}/resolve`)).status).toBe(200)
        const check = `/checks/acme/web-shop/runs/${field(run.body, "id")}`
        const asked = [
          yield* api.post(`${check}/rerun`, { login: "ann" }),
          yield* api.post(`${check}/press`, { login: "ann", identifier: "again" }),
          yield* api.post(`/checks/acme/web-shop/commits/${sha}/rerun`, { login: "ann" })
        ]
        expect(asked.map(({ body }) => field(body, "delivery", "action"))).toEqual([
          "rerequested",
          "requested_action",
          "rerequested"
        ])
        yield* api.put("/collaborators/acme/web-shop/ann", { permission: "write" })
        const permission = yield* app.get("/repos/acme/web-shop/collaborators/ann/permission")
        expect(permission.body).toMatchObject({ permission: "write" })
        expect(yield* shown).toMatchObject({
          comments: [{ author: "ann", body: "/review", reactions: [] }],
          threads: [{ path: "a.txt", line: 1, resolved: true, replies: [{ author: "ann", body: "So." }] }],
          checkRuns: [{ detailsUrl: "https://holdfast.example/1", actions: [{ identifier: "again" }] }]
        })
        expect((yield* api.post(`${pull}/comments`, { login: "ann", body: "" })).status).toBe(422)
        expect((yield* api.post(`${pull}/threads/1/resolve`)).status).toBe(404)
      })
    )
  )

  it.scopedLive("installs the app on further accounts, and changes one of them", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const api = control(sandbox)
        const kim = { owner: "kim", type: "User", repositories: ["notes"] }
        const made = yield* api.post("/installations", kim)
        expect(made.status).toBe(201)
        const installation = field(made.body, "installationId")
        const source = { scenario: "newsletter" }
        const opened = yield* api.post("/pulls", { source, owner: "kim", repo: "notes" })
        expect(opened.body).toMatchObject({ owner: "kim", repo: "notes", installationId: installation })
        const limited = { _tag: "PrimaryLimit", status: 403, resetSeconds: 60 }
        expect((yield* api.post("/faults", { fault: limited, installation })).status).toBe(201)
        expect((yield* api.post("/installation", { action: "suspend", installation })).status).toBe(200)
        expect((yield* api.get("/installations")).body).toEqual([
          {
            id: sandbox.installationId,
            owner: "acme",
            type: "Organization",
            repositories: ["acme/web-shop"],
            suspended: false
          },
          { id: installation, owner: "kim", type: "User", repositories: ["kim/notes"], suspended: true }
        ])
      })
    )
  )

  it.scopedLive("answers what it can't do with a sentence", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const api = control(sandbox)
        const cases: ReadonlyArray<
          readonly [Effect.Effect<{ status: number; body: unknown }, unknown>, number, RegExp]
        > = [
          [api.post("/pulls", { source: { scenario: "none" } }), 404, /there are checkout, newsletter/],
          [api.post("/pulls", { nothing: true }), 422, /is missing/],
          [api.post("/pulls/acme/web-shop/9/close"), 404, /there is no acme\/web-shop#9/],
          [api.post("/faults/9/release"), 404, /there is no fault 9/],
          [api.post("/installation", { action: "suspend", installation: 9 }), 404, /no installation 9/],
          [api.post("/installations", { owner: "acme", repositories: [] }), 422, /installed at acme already/],
          [
            api.post("/pulls", { source: { scenario: "checkout" }, owner: "kim" }),
            422,
            /not installed at kim/
          ],
          [api.post("/deliveries/none/redeliver"), 404, /no delivery/],
          [api.get("/nothing"), 404, /./]
        ]
        for (const [request, status, message] of cases) {
          const answer = yield* request
          expect(answer.status).toBe(status)
          expect(field(answer.body, "message")).toMatch(message)
        }
      })
    )
  )
})
