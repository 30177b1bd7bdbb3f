import { createHash } from "node:crypto"
import * as SqlClient from "@effect/sql/SqlClient"
import { layer } from "@effect/vitest"
import { Effect, FastCheck, Option } from "effect"
import { expect } from "vitest"
import { JobId } from "../../src/queue/Job.ts"
import { JobStore } from "../../src/queue/JobStore.ts"
import { type Example, examples, pullRequests } from "../github/Examples.ts"
import * as Service from "./Service.ts"

/** Another pull request than all others, so that no example finds another one's job. */
const onlyOne = ({ payload, title }: Example) => {
  const pullRequest: object = Object(payload["pull_request"])
  const number = createHash("sha256").update(title).digest().readUInt16BE()
  return { ...payload, number, pull_request: { ...pullRequest, number } }
}

const jobOf = (answered: Service.Answered) =>
  Effect.flatMap(JobStore, (store) => store.find(JobId.make(Number(answered.body["jobId"])))).pipe(
    Effect.map(Option.getOrThrow)
  )

/** Neither a secret, nor a signature, nor what a payload says. */
const nothingPrivateIsLogged = Effect.gen(function* () {
  const log = (yield* Service.Log).join("\n")
  expect(log.length).toBeGreaterThan(0)
  expect(log).not.toMatch(/sha256=[0-9a-f]/)
  for (const text of [Service.secret, Service.oldSecret, "a-body-is-private", "node_id"]) {
    expect(log).not.toContain(text)
  }
})

const expected: Readonly<Record<string, "job" | "cancel">> = {
  opened: "job",
  reopened: "job",
  synchronize: "job",
  ready_for_review: "job",
  closed: "cancel",
  converted_to_draft: "job"
}

layer(Service.layer, { excludeTestServices: true })("the webhook", (it) => {
  it.effect("takes every example of GitHub's", () =>
    Effect.gen(function* () {
      for (const { event, payload, title } of examples) {
        const { body, status } = yield* Service.deliver({ event, payload })
        expect([200, 202], title).toContain(status)
        expect(typeof (status === 202 ? body["jobId"] : body["reason"]), title).toBe(
          status === 202 ? "number" : "string"
        )
      }
      yield* nothingPrivateIsLogged
    })
  )

  it.effect.each(pullRequests)("does what is to be done about $title", (example) =>
    Effect.gen(function* () {
      const payload = onlyOne(example)
      const does = expected[example.action] ?? "nothing"
      const waiting =
        does === "cancel"
          ? Option.some(
              yield* Service.deliver({
                payload: {
                  ...payload,
                  action: "opened",
                  pull_request: { ...payload.pull_request, draft: false, state: "open" }
                }
              })
            )
          : Option.none()
      const answered = yield* Service.deliver({ payload })
      if (does === "job") {
        expect(answered.status).toBe(202)
        const job = yield* jobOf(answered)
        expect(job).toMatchObject({
          status: "pending",
          trigger: ["synchronize", "converted_to_draft"].includes(example.action) ? "push" : "opened",
          subject: {
            installationId: 1,
            owner: "Codertocat",
            repo: "Hello-World",
            pullRequest: payload.number,
            title: "Update the README with new information.",
            commitSha: "ec26c3e57ca3a959ca5aad62de7213c562f8c821",
            baseBranch: "master"
          }
        })
      } else {
        expect(answered.status).toBe(200)
        expect(answered.body).toHaveProperty("reason")
        expect(answered.body).not.toHaveProperty("jobId")
      }
      for (const opened of Option.toArray(waiting)) {
        expect((yield* jobOf(opened)).status).toBe("cancelled")
      }
    })
  )

  it.effect("keeps no secret from the title of a pull request, nor where a comment brings it", () =>
    Effect.gen(function* () {
      const key = `ghp_${"a1B2c3D4e5F6".repeat(3)}`
      const title = `Use ${key}`
      const opened = Service.pullRequestEvent({ number: 4711 })
      const { installation, pull_request, repository } = opened
      const comment = {
        action: "created",
        installation,
        repository: { ...repository, id: 9 },
        issue: { number: 4711, title, state: "open", pull_request: {} },
        comment: { id: 5, user: { login: "ann", type: "User" }, body: "/holdfast help" }
      }
      const answers = [
        yield* Service.deliver({ payload: { ...opened, pull_request: { ...pull_request, title } } }),
        yield* Service.deliver({ event: "issue_comment", payload: comment })
      ]
      for (const answer of answers) {
        const { subject } = yield* jobOf(answer)
        expect(subject.title).toMatch(/^Use \[redacted: [\w-]+\]$/)
      }
    })
  )

  it.effect("keeps the installations that the examples show", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      for (const { event, payload } of examples.filter(({ event }) => event.startsWith("installation"))) {
        yield* Service.deliver({ event, payload })
      }
      const rows = yield* sql`
        select id::int, account_login, repository_selection, suspended_at, deleted_at is not null as deleted
        from installations where id in (2, 957387, 16598467) order by id`
      expect(rows).toEqual([
        {
          id: 2,
          account_login: "octocat",
          repository_selection: "selected",
          suspended_at: null,
          deleted: true
        },
        {
          id: 957387,
          account_login: "Codertocat",
          repository_selection: "selected",
          suspended_at: null,
          deleted: false
        },
        {
          id: 16598467,
          account_login: "Codertocat",
          repository_selection: "all",
          suspended_at: null,
          deleted: false
        }
      ])
    })
  )

  it.effect("refuses every example that is truncated, mutated or signed by somebody else", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const count = sql`select count(*)::int as rows from webhook_deliveries`
      const before = yield* count
      for (const { event, payload, title } of examples) {
        const body = JSON.stringify(payload)
        const truncated = body.slice(0, body.length >> 1)
        const signature = { "x-hub-signature-256": Service.sign(body) }
        const answers = yield* Effect.all(
          {
            wrongSecret: Service.deliver({ event, body, key: "another" }),
            truncated: Service.deliver({ event, body: truncated, headers: signature }),
            truncatedAndSigned: Service.deliver({ event, body: truncated }),
            mutated: Service.deliver({ event, body: body.replace(/[a-y]/, "z"), headers: signature }),
            appended: Service.deliver({ event, body: `${body} `, headers: signature }),
            unsigned: Service.deliver({ event, body, headers: { "x-hub-signature-256": undefined } })
          },
          { concurrency: "unbounded" }
        )
        expect(
          Object.values(answers).map(({ status }) => status),
          title
        ).toEqual([401, 401, 400, 401, 401, 401])
      }
      expect(yield* count).toEqual(before)
      yield* nothingPrivateIsLogged
    })
  )

  it.effect("answers 4xx, and never 5xx, to whatever is signed but makes no sense", () =>
    Effect.gen(function* () {
      const values = FastCheck.oneof(
        FastCheck.jsonValue(),
        FastCheck.constantFrom(
          "\u0000",
          "\ud800",
          "'; drop table review_jobs; --",
          2 ** 31,
          -1,
          0.5,
          "1",
          null,
          []
        )
      )
      const paths = [
        ["number"],
        ["title"],
        ["draft"],
        ["state"],
        ["head", "sha"],
        ["head"],
        ["base", "ref"],
        ["base"]
      ]
      const mutated = FastCheck.tuple(FastCheck.constantFrom(...paths), values, FastCheck.nat())
      for (const [path, value, number] of FastCheck.sample(mutated, 200)) {
        const { pull_request, ...payload } = Service.pullRequestEvent({
          number: 1_000_000 + (number % 100_000)
        })
        const [first = "", second] = path
        const inner = second === undefined ? value : { [second]: value }
        const answered = yield* Service.deliver({
          payload: { ...payload, pull_request: { ...pull_request, [first]: inner } }
        })
        expect([200, 202, 400], JSON.stringify([path, value])).toContain(answered.status)
      }
    })
  )

  it.effect("takes a form, and a signature by the secret before the rotation", () =>
    Effect.gen(function* () {
      const body = new URLSearchParams({
        payload: JSON.stringify(Service.pullRequestEvent({ number: 8 }))
      }).toString()
      const headers = { "content-type": "application/x-www-form-urlencoded" }
      expect(yield* Service.deliver({ body, headers, key: Service.oldSecret })).toMatchObject({ status: 202 })
    })
  )

  it.effect.each([
    [{ headers: { "x-github-event": undefined } }, 400, "X-GitHub-Event"],
    [{ headers: { "x-github-delivery": undefined } }, 400, "X-GitHub-Delivery"],
    [{ headers: { "x-github-delivery": "../../etc" } }, 400, "X-GitHub-Delivery"],
    [{ headers: { "content-type": "text/plain" } }, 415, "application/json"],
    [{ headers: { "content-type": undefined } }, 415, "application/json"],
    [{ headers: { "x-hub-signature-256": "sha1=abc" } }, 401, "X-Hub-Signature-256"],
    [{ body: "" }, 400, "not JSON"],
    [{ body: "null" }, 400, "not an object"],
    [{ body: Uint8Array.from([0x7b, 0xff, 0x7d]) }, 400, "not JSON"],
    [{ payload: Service.pullRequestEvent({ sha: "HEAD" }) }, 400, "pull_request.head.sha"]
  ] as const)("says what is wrong with %j", ([post, status, words]) =>
    Effect.gen(function* () {
      const answered = yield* Service.deliver({ payload: Service.pullRequestEvent({}), ...post })
      expect(answered.status).toBe(status)
      expect(answered.body["error"]).toContain(words)
    })
  )

  it.effect("does the same work once, whatever the delivery is called", () =>
    Effect.gen(function* () {
      const payload = Service.pullRequestEvent({ number: 9 })
      const first = yield* Service.deliver({ payload, guid: "first" })
      const again = yield* Service.deliver({ payload, guid: "first" })
      const other = yield* Service.deliver({ payload, guid: "other" })
      expect([first.status, again.status, other.status]).toEqual([202, 200, 200])
      expect([again.body["jobId"], other.body["jobId"]]).toEqual([first.body["jobId"], first.body["jobId"]])
      expect(again.body["reason"]).toContain("came before")
    })
  )

  it.effect("tells each delivery in one line of the log, and nothing that is secret", () =>
    Effect.gen(function* () {
      const log = yield* Service.Log
      log.length = 0
      const payload = { ...Service.pullRequestEvent({ number: 10 }), canary: "a-body-is-private" }
      yield* Service.deliver({ payload, guid: "told" })
      yield* Service.deliver({ payload, key: "not-the-secret", guid: "refused" })
      yield* Service.deliver({ payload: { ...payload, repository: "a-body-is-private" }, guid: "useless" })
      yield* Service.deliver({ payload, headers: { "x-github-event": 'a"\\b', "x-github-delivery": "c d" } })
      const lines = log.map((line) => JSON.parse(line))
      const told = lines.filter(({ message }) => message === "Webhook").map(({ annotations }) => annotations)
      expect(told).toMatchObject([
        {
          event: "pull_request",
          delivery: "told",
          status: 202,
          outcome: expect.stringContaining("made job")
        },
        { event: "pull_request", delivery: "refused", status: 401 },
        {
          event: "pull_request",
          delivery: "useless",
          status: 400,
          outcome: expect.stringContaining("repository")
        },
        { event: "-", delivery: "-", status: 400 }
      ])
      yield* nothingPrivateIsLogged
    })
  )
})
