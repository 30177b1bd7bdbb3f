import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Logger, LogLevel, Redacted, TestClock } from "effect"
import { Github } from "../../src/github/Github.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { asked, clientOf, layerFor } from "./Client.ts"

const tokens = /\/access_tokens$/
const tokenPath = "/app/installations/{installation_id}/access_tokens"
const pulls = "/repos/{owner}/{repo}/pulls/{pull_number}"

const setting = Effect.gen(function* () {
  const sandbox = yield* Sandbox.make()
  const opened = yield* sandbox.pulls.open({ content: { before: {}, after: { "a.txt": "a\n" } } })
  return { sandbox, pull: { ...opened, pullRequest: opened.number } }
})

describe("an installation's token", () => {
  it.scopedLive("is bought once for each client, and by no client for another", () =>
    Effect.gen(function* () {
      const { pull, sandbox } = yield* setting
      yield* Effect.gen(function* () {
        const github = yield* Github
        const job = Effect.scoped(
          Effect.gen(function* () {
            const client = yield* github.installation(sandbox.installationId)
            yield* Effect.all([client.getPullRequest(pull), client.listFiles(pull)], { concurrency: 2 })
          })
        )
        yield* job
        yield* job
        expect(yield* asked(sandbox, "POST", tokens)).toBe(2)
        yield* Effect.all([job, job, job], { concurrency: 3 })
        expect(yield* asked(sandbox, "POST", tokens)).toBe(5)
      }).pipe(Effect.provide(layerFor(sandbox)))
    })
  )

  it.scopedLive("is not lost to a job because another job that asked for one was interrupted", () =>
    Effect.gen(function* () {
      const { pull, sandbox } = yield* setting
      yield* Effect.gen(function* () {
        const github = yield* Github
        const hold = yield* sandbox.faults.add({
          fault: { _tag: "Hold", when: "before" },
          method: "POST",
          path: tokenPath,
          count: 2
        })
        const first = yield* Effect.fork(Effect.scoped(github.installation(sandbox.installationId)))
        yield* sandbox.journal.awaitRequest({ path: tokenPath, stage: "received" })
        const second = yield* Effect.fork(
          Effect.scoped(
            Effect.flatMap(github.installation(sandbox.installationId), (client) =>
              client.getPullRequest(pull)
            )
          )
        )
        yield* sandbox.journal.awaitRequest({ path: tokenPath, nth: 2, stage: "received" })
        yield* Fiber.interrupt(first)
        yield* hold.release
        expect(yield* second).toMatchObject({ number: pull.number })
      }).pipe(Effect.provide(layerFor(sandbox)))
    })
  )

  it.scopedLive("that was revoked is replaced, also under a change, which is applied once", () =>
    Effect.gen(function* () {
      const { pull, sandbox } = yield* setting
      const client = yield* clientOf(sandbox)
      const fault = { _tag: "Answer", status: 401, body: { message: "Bad credentials" } } as const
      yield* sandbox.faults.add({ fault, method: "POST", path: `${pulls}/reviews`, count: 2 })
      yield* client.createPendingReview(pull, { commitSha: pull.headSha, body: "x", comments: [] })
      expect(yield* sandbox.view.allReviews(pull)).toHaveLength(1)
      expect(yield* asked(sandbox, "POST", tokens)).toBe(2)
    })
  )

  it.scoped("is replaced shortly before it runs out", () =>
    Effect.gen(function* () {
      const { pull, sandbox } = yield* setting
      const client = yield* clientOf(sandbox)
      yield* TestClock.adjust("58 minutes")
      yield* client.getPullRequest(pull)
      expect(yield* asked(sandbox, "POST", tokens)).toBe(1)
      yield* TestClock.adjust("90 seconds")
      yield* client.getPullRequest(pull)
      expect(yield* asked(sandbox, "POST", tokens)).toBe(2)
    })
  )

  it.scopedLive("is used again when GitHub's servers don't all know it yet", () =>
    Effect.gen(function* () {
      const { pull, sandbox } = yield* setting
      const client = yield* clientOf(sandbox)
      const fault = { _tag: "Answer", status: 401, body: { message: "Bad credentials" } } as const
      yield* sandbox.faults.add({ fault, method: "GET", path: pulls })
      expect(yield* client.getPullRequest(pull)).toMatchObject({ number: pull.number })
      expect(yield* asked(sandbox, "POST", tokens)).toBe(1)
    })
  )
})

describe("an App that may not", () => {
  it.scopedLive.each(["suspend", "deleted"] as const)("after %s is told so", (action) =>
    Effect.gen(function* () {
      const { sandbox } = yield* setting
      yield* sandbox.webhooks.installation(action)
      expect(yield* Effect.flip(clientOf(sandbox))).toMatchObject({
        _tag: "Forbidden",
        message: expect.stringContaining(action === "deleted" ? "not installed" : "suspended")
      })
    })
  )

  it.scopedLive("with another App's key is told what to check", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* setting
      const other = yield* Sandbox.make()
      const error = yield* Effect.flip(
        clientOf({ ...sandbox, app: { ...sandbox.app, privateKey: other.app.privateKey } })
      )
      expect(error).toMatchObject({
        _tag: "Forbidden",
        status: 401,
        message: expect.stringContaining("private key")
      })
    })
  )

  it.scopedLive("with a key that is none is told so, without the key", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* setting
      const privateKey = Redacted.make("-----BEGIN RSA PRIVATE KEY-----hunter2-----END RSA PRIVATE KEY-----")
      const error = yield* Effect.flip(clientOf({ ...sandbox, app: { ...sandbox.app, privateKey } }))
      expect(error).toMatchObject({ _tag: "Forbidden", message: expect.stringContaining("PEM") })
      expect(JSON.stringify(error)).not.toContain("hunter2")
      expect(yield* asked(sandbox, "POST", tokens)).toBe(0)
    })
  )
})

it.scopedLive("no error and no line of the log shows a token or a JWT", () =>
  Effect.gen(function* () {
    const lines: Array<string> = []
    const keep = Logger.map(Logger.jsonLogger, (line) => {
      lines.push(line)
    })
    const { pull, sandbox } = yield* setting
    const client = yield* clientOf(sandbox)
    const faults = [
      { _tag: "Answer", status: 403, body: { message: "Resource not accessible by integration" } },
      { _tag: "Answer", status: 404, body: { message: "Not Found" } },
      { _tag: "ServerFailure", status: 502, applied: false },
      { _tag: "LoseAnswer" }
    ] as const
    yield* Effect.forEach(faults, (fault) =>
      Effect.gen(function* () {
        const rule = yield* sandbox.faults.add({ fault, count: null })
        const errors = yield* Effect.all(
          [
            Effect.flip(client.getPullRequest(pull)),
            Effect.flip(client.ownLogin),
            Effect.flip(client.deletePendingReview(pull, 1)),
            Effect.flip(clientOf(sandbox))
          ],
          { concurrency: "unbounded" }
        )
        yield* rule.remove
        for (const error of errors) yield* Effect.logError("failed", error)
      })
    ).pipe(
      Effect.provide(Logger.replace(Logger.defaultLogger, keep)),
      Logger.withMinimumLogLevel(LogLevel.All)
    )
    const log = lines.join("\n")
    expect(log).toContain("failed")
    const issued = [...(yield* sandbox.view.state).tokens.keys()]
    expect(issued.length).toBeGreaterThan(0)
    for (const token of [...issued, "eyJ", "PRIVATE KEY"]) expect(log).not.toContain(token)
  })
)
