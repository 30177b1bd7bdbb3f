/** Several accounts that have installed the app: what is one's is closed to the other, and each has its own limits. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { allOperations } from "../../src/sandbox/operations/AllOperations.ts"
import type { SandboxService } from "../../src/sandbox/Sandbox.ts"
import { client, field, jwt, send } from "./Client.ts"
import { checked } from "./checked.ts"
import { receiver } from "./Hook.ts"
import { problems } from "./WebhookSchemas.ts"

const content = { before: { "a.txt": "a\n" }, after: { "a.txt": "b\n" } }
const globexChange = {
  owner: "globex",
  repo: "site",
  content: { before: {}, after: { "b.txt": "another\n" } }
}

/** A second installation beside the first, with a client for each. */
const both = (sandbox: SandboxService) =>
  Effect.gen(function* () {
    const { installationId } = yield* sandbox.install({ owner: "globex", repositories: ["site"] })
    return {
      installationId,
      acme: yield* client(sandbox),
      globex: yield* client(sandbox, installationId),
      asApp: (method: string, path: string, body?: unknown) =>
        send(sandbox, method, path, {
          authorization: `bearer ${jwt(sandbox)}`,
          ...(body === undefined ? {} : { body })
        })
    }
  })

/** A pull request of the first installation with something of all that has an id. */
const furnished = (sandbox: SandboxService) =>
  Effect.gen(function* () {
    const pull = yield* sandbox.pulls.open({ content: { ...content, before: { "a.txt": "old\n" } } })
    const acme = yield* client(sandbox)
    const repository = "/repos/acme/web-shop"
    yield* acme.post(`${repository}/pulls/${pull.number}/reviews`, {
      event: "COMMENT",
      comments: [{ path: "a.txt", line: 1, side: "RIGHT", body: "Why?" }]
    })
    const [thread] = yield* sandbox.view.threads(pull)
    const review = yield* acme.post(`${repository}/pulls/${pull.number}/reviews`, { body: "Pending" })
    const check = yield* acme.post(`${repository}/check-runs`, { name: "x", head_sha: pull.headSha })
    const comment = yield* sandbox.pulls.comment(pull, { login: "ann", body: "Hm" })
    const tree = yield* acme.get(`${repository}/contents/a.txt?ref=${pull.headSha}`)
    const parameters: { readonly [name: string]: string } = {
      pull_number: String(pull.number),
      issue_number: String(pull.number),
      review_id: String(field(review.body, "id")),
      check_run_id: String(field(check.body, "id")),
      comment_id: String(comment.commentId),
      review_comment_id: String(thread?.first.id),
      ref: pull.headSha,
      basehead: `${pull.baseSha}...${pull.headSha}`,
      file_sha: String(field(tree.body, "sha")),
      path: "a.txt",
      username: "ann"
    }
    return { acme, parameters, pull }
  })

/** What is deleted is not there for the next question, so that comes last. */
const inRepositories = allOperations
  .filter(({ access, path }) => access === "token" && path.template.startsWith("/repos/"))
  .toSorted((one, other) => Number(one.method === "DELETE") - Number(other.method === "DELETE"))

/** Names of what exists once in all of GitHub. */
const ofOneRepository = /\{(review_id|check_run_id|comment_id|ref|basehead|file_sha)\}/

/** GitHub calls the ids of both kinds of comments the same. */
const filled = (template: string, values: { readonly [name: string]: string }) =>
  template
    .replace("/pulls/comments/{comment_id}", "/pulls/comments/{review_comment_id}")
    .replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? `no-${name}`)

describe("an installation", () => {
  it.scopedLive("is found by its id, by its repositories, and among all", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { acme, asApp, globex, installationId } = yield* both(sandbox)
        const all = yield* asApp("GET", "/app/installations")
        expect(all.body).toMatchObject([
          { id: sandbox.installationId, account: { login: "acme" } },
          { id: installationId, account: { login: "globex", type: "Organization" } }
        ])
        expect((yield* asApp("GET", "/app/installations?per_page=1&page=2")).body).toHaveLength(1)
        expect(field((yield* asApp("GET", "/app")).body, "installations_count")).toBe(2)
        for (const path of [`/app/installations/${installationId}`, "/repos/globex/site/installation"]) {
          expect((yield* asApp("GET", path)).body).toMatchObject({ id: installationId })
        }
        for (const [app, name] of [
          [acme, "acme/web-shop"],
          [globex, "globex/site"]
        ] as const) {
          expect((yield* app.get("/installation/repositories")).body).toMatchObject({
            total_count: 1,
            repositories: [{ full_name: name }]
          })
        }
      })
    )
  )

  it.scopedLive("opens none of another's repositories with its token, whatever is asked", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { globex } = yield* both(sandbox)
        const { acme, parameters, pull } = yield* furnished(sandbox)
        yield* sandbox.pulls.open(globexChange)
        const ask = (app: typeof globex, owner: string, repo: string) =>
          Effect.forEach(inRepositories, ({ method, path }) =>
            Effect.map(
              send(sandbox, method, filled(path.template, { ...parameters, owner, repo }), {
                authorization: app.authorization,
                ...(method === "GET" || method === "DELETE" ? {} : { body: {} })
              }),
              ({ status }) => ({ asked: `${method} ${path.template}`, status })
            )
          )
        const before = yield* sandbox.view.state
        const elsewhere = yield* ask(globex, "acme", "web-shop")
        expect(elsewhere.length).toBeGreaterThan(15)
        expect(elsewhere.filter(({ status }) => status !== 404)).toEqual([])
        const after = yield* sandbox.view.state
        expect([...after.reviews]).toEqual([...before.reviews])
        expect([...after.checkRuns]).toEqual([...before.checkRuns])
        // Under its own repository the other's ids lead nowhere.
        const under = (yield* ask(globex, "globex", "site")).filter(({ asked }) =>
          ofOneRepository.test(asked)
        )
        expect(under.length).toBeGreaterThan(8)
        expect(under.filter(({ status }) => status !== 404)).toEqual([])
        // The same questions are good ones from the installation whose repository it is.
        const own = yield* ask(acme, pull.owner, pull.repo)
        expect(own.filter(({ status }) => status === 404)).toEqual([])
      })
    )
  )

  it.scopedLive("gets no token for another's repositories, and sees none of them in the graph", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { asApp, globex, installationId } = yield* both(sandbox)
        const { pull } = yield* furnished(sandbox)
        const tokens = `/app/installations/${installationId}/access_tokens`
        expect((yield* asApp("POST", tokens, { repositories: ["web-shop"] })).status).toBe(422)
        expect((yield* asApp("POST", tokens, { repositories: ["site"] })).status).toBe(201)
        const query = `{ repository(owner: "acme", name: "web-shop") { pullRequest(number: ${pull.number}) { number } } }`
        const answer = yield* globex.post("/graphql", { query })
        expect(field(answer.body, "errors", 0, "type")).toBe("NOT_FOUND")
      })
    )
  )

  it.scopedLive("has a rate limit of its own, and is named when it is over", () =>
    checked(
      (sandbox) =>
        Effect.gen(function* () {
          const { acme, globex } = yield* both(sandbox)
          yield* Effect.replicateEffect(acme.get("/repos/acme/web-shop"), 2)
          const over = yield* acme.get("/repos/acme/web-shop")
          expect(over.status).toBe(403)
          expect(field(over.body, "message")).toBe(
            `API rate limit exceeded for installation ID ${sandbox.installationId}.`
          )
          const other = yield* globex.get("/repos/globex/site")
          expect([other.status, other.headers.get("x-ratelimit-remaining")]).toEqual([200, "1"])
        }),
      { rateLimit: 2 }
    )
  )

  it.scopedLive("meets a fault alone that is for it, and only its requests count", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { acme, asApp, globex, installationId } = yield* both(sandbox)
        const limited = yield* sandbox.faults.add({
          fault: { _tag: "SecondaryLimit", status: 429, retryAfterSeconds: 60 },
          installation: installationId,
          nth: 2
        })
        const statuses = Effect.all([
          asApp("GET", "/app"),
          acme.get("/repos/acme/web-shop"),
          globex.get("/repos/globex/site")
        ]).pipe(Effect.map((answers) => answers.map(({ status }) => status)))
        expect(yield* statuses).toEqual([200, 200, 200])
        expect(yield* statuses).toEqual([200, 200, 429])
        expect(yield* statuses).toEqual([200, 200, 200])
        expect(yield* limited.hits).toBe(1)
        const entries = yield* sandbox.journal.entries
        expect(new Set(entries.map(({ installation }) => installation))).toEqual(
          new Set([undefined, sandbox.installationId, installationId])
        )
      })
    )
  )

  it.scopedLive("is told by webhooks that bear its id, and is suspended alone", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const hook = yield* receiver()
        yield* sandbox.webhooks.configure(hook.url)
        const { acme, globex, installationId } = yield* both(sandbox)
        const opened = yield* sandbox.pulls.open(globexChange)
        expect(opened.installationId).toBe(installationId)
        yield* sandbox.webhooks.installation("suspend", installationId)
        expect((yield* globex.get("/repos/globex/site")).status).toBe(403)
        expect((yield* acme.get("/repos/acme/web-shop")).status).toBe(200)
        yield* sandbox.webhooks.installation("deleted", installationId)
        const payloads = hook.received.map(({ body }): unknown => JSON.parse(body))
        expect(payloads.map((payload) => field(payload, "action"))).toEqual([
          "created",
          "opened",
          "suspend",
          "deleted"
        ])
        expect(new Set(payloads.map((payload) => field(payload, "installation", "id")))).toEqual(
          new Set([installationId])
        )
        expect(problems("installation$created", payloads[0])).toEqual([])
        expect(payloads[0]).toMatchObject({
          installation: { account: { login: "globex" } },
          repositories: [{ full_name: "globex/site" }]
        })
        expect(yield* Effect.flip(sandbox.webhooks.installation("suspend", installationId))).toMatchObject({
          _tag: "NoSuchInstallation"
        })
      })
    )
  )

  it.scopedLive("covers what its account makes, and nobody makes a repository where there is none", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { globex, installationId } = yield* both(sandbox)
        const opened = yield* sandbox.pulls.open({ ...globexChange, repo: "docs" })
        expect(opened.installationId).toBe(installationId)
        expect((yield* globex.get("/repos/globex/docs")).status).toBe(404)
        const later = yield* client(sandbox, installationId)
        expect((yield* later.get("/repos/globex/docs")).status).toBe(200)
        expect(yield* Effect.flip(sandbox.pulls.open({ content, owner: "initech" }))).toMatchObject({
          message: "the app is not installed at initech"
        })
        expect(
          yield* Effect.flip(sandbox.install({ owner: "Globex", repositories: ["site"] }))
        ).toMatchObject({ message: "the app is installed at Globex already" })
      })
    )
  )
})
