import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import type { SandboxService } from "../../src/sandbox/Sandbox.ts"
import { client, field } from "./Client.ts"
import { checked } from "./checked.ts"

const template = "/repos/{owner}/{repo}/pulls/{pull_number}/reviews"

const prepare = (sandbox: SandboxService) =>
  Effect.gen(function* () {
    const pull = yield* sandbox.pulls.open({ content: { before: {}, after: { "a.txt": "a\n" } } })
    const app = yield* client(sandbox)
    const path = `/repos/acme/web-shop/pulls/${pull.number}/reviews`
    return { pull, app, path, create: app.post(path, { body: "Findings" }) }
  })

describe("a fault", () => {
  it.scopedLive("loses the answer after the request was applied", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { pull, create } = yield* prepare(sandbox)
        yield* sandbox.faults.add({ fault: { _tag: "LoseAnswer" }, method: "POST", path: template })
        expect(Exit.isFailure(yield* Effect.exit(create))).toBe(true)
        expect(yield* sandbox.view.allReviews(pull)).toHaveLength(1)
        const entry = yield* sandbox.journal.awaitRequest({ method: "POST", path: template })
        expect(entry).toMatchObject({ applied: true, fault: "LoseAnswer", answer: undefined })
      })
    )
  )

  it.scopedLive("resets the connection before anything is applied", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { pull, create } = yield* prepare(sandbox)
        yield* sandbox.faults.add({ fault: { _tag: "ResetBefore" }, path: template })
        expect(Exit.isFailure(yield* Effect.exit(create))).toBe(true)
        expect(yield* sandbox.view.allReviews(pull)).toEqual([])
        expect((yield* create).status).toBe(200)
      })
    )
  )

  it.scopedLive("answers 5xx, applied or not", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { pull, create } = yield* prepare(sandbox)
        const add = (status: 500 | 502, applied: boolean) =>
          sandbox.faults.add({
            fault: { _tag: "ServerFailure", status, applied },
            method: "POST",
            path: template
          })
        yield* add(500, false)
        expect((yield* create).status).toBe(500)
        expect(yield* sandbox.view.allReviews(pull)).toEqual([])
        yield* add(502, true)
        expect((yield* create).status).toBe(502)
        expect(yield* sandbox.view.allReviews(pull)).toHaveLength(1)
      })
    )
  )

  it.scopedLive("limits the rate as GitHub does, primary and secondary", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { pull, create } = yield* prepare(sandbox)
        yield* sandbox.faults.add({
          fault: { _tag: "PrimaryLimit", status: 403, resetSeconds: 90 },
          path: template
        })
        const primary = yield* create
        expect(primary.status).toBe(403)
        expect(primary.headers.get("x-ratelimit-remaining")).toBe("0")
        const now = (yield* sandbox.clock.now) / 1000
        expect(Number(primary.headers.get("x-ratelimit-reset")) - now).toBeGreaterThan(60)
        yield* sandbox.faults.add({
          fault: { _tag: "SecondaryLimit", status: 429, retryAfterSeconds: 60 },
          path: template
        })
        const secondary = yield* create
        expect(secondary.status).toBe(429)
        expect(secondary.headers.get("retry-after")).toBe("60")
        expect(field(secondary.body, "message")).toMatch(/exceeded a secondary rate limit/)
        expect(yield* sandbox.view.allReviews(pull)).toEqual([])
      })
    )
  )

  it.scopedLive("makes a reading miss the last change of what it reads, and nothing else", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { pull, app, path, create } = yield* prepare(sandbox)
        yield* create
        yield* app.post("/repos/acme/web-shop/check-runs", { name: "x", head_sha: pull.headSha })
        yield* sandbox.faults.add({ fault: { _tag: "StaleRead" }, method: "GET", path: template })
        expect((yield* app.get(path)).body).toEqual([])
        expect((yield* app.get(path)).body).toHaveLength(1)
      })
    )
  )

  it.scopedLive("holds the answer of an applied request until it is released", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { pull, create } = yield* prepare(sandbox)
        const hold = yield* sandbox.faults.add({
          fault: { _tag: "Hold", when: "after" },
          method: "POST",
          path: template
        })
        const waiting = yield* Effect.fork(create)
        const entry = yield* sandbox.journal.awaitRequest({ path: template, stage: "applied" })
        expect(entry.answer).toBeUndefined()
        expect(yield* sandbox.view.allReviews(pull)).toHaveLength(1)
        yield* hold.release
        expect((yield* Fiber.join(waiting)).status).toBe(200)
      })
    )
  )

  it.scopedLive("holds a request before it is applied; one that goes away never is", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { pull, create } = yield* prepare(sandbox)
        const hold = yield* sandbox.faults.add({ fault: { _tag: "Hold", when: "before" }, path: template })
        const waiting = yield* Effect.fork(create)
        yield* sandbox.journal.awaitRequest({ path: template, stage: "received" })
        yield* Fiber.interrupt(waiting)
        const entry = yield* sandbox.journal.awaitRequest({ path: template })
        expect(entry).toMatchObject({ applied: false, answer: undefined })
        yield* hold.release
        expect(yield* sandbox.view.allReviews(pull)).toEqual([])
      })
    )
  )

  it.scopedLive("concerns the nth matching request and so many after it", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { app, path } = yield* prepare(sandbox)
        const rule = yield* sandbox.faults.add({
          fault: { _tag: "Answer", status: 418, body: { message: "teapot" } },
          method: "GET",
          path: "/repos/*/*/pulls/**",
          nth: 2,
          count: 2
        })
        const statuses = yield* Effect.replicateEffect(app.get(path), 5)
        expect(statuses.map((answer) => answer.status)).toEqual([200, 418, 418, 200, 200])
        expect(yield* rule.hits).toBe(2)
        yield* sandbox.faults.add({ fault: { _tag: "ResetBefore" }, count: null })
        yield* sandbox.faults.clear
        expect((yield* app.get(path)).status).toBe(200)
      })
    )
  )
})

describe("the journal", () => {
  it.scopedLive("keeps requests and answers, but no credentials", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { app, create } = yield* prepare(sandbox)
        yield* create
        const entries = yield* sandbox.journal.entries
        expect(entries.map(({ method, viewer, stage }) => [method, viewer, stage])).toEqual([
          ["POST", "app", "finished"],
          ["POST", "holdfast-sandbox[bot]", "finished"]
        ])
        expect(entries[1]).toMatchObject({ body: { body: "Findings" }, answer: { status: 200 } })
        const text = JSON.stringify(entries)
        expect(text).not.toContain(app.authorization.replace("token ", ""))
        expect(text).not.toMatch(/authorization/i)
      })
    )
  )

  it.scopedLive("lets one wait for a request that is still to come", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const { app, path } = yield* prepare(sandbox)
        const third = yield* Effect.fork(
          sandbox.journal.awaitRequest({ method: "GET", path: template, nth: 3 })
        )
        yield* Effect.replicateEffect(app.get(path), 3)
        const seen = (yield* sandbox.journal.entries).filter((entry) => entry.method === "GET")
        expect((yield* Fiber.join(third)).sequence).toBe(seen[2]?.sequence)
      })
    )
  )
})

describe("stopping", () => {
  it.scopedLive("does not wait for answers that are held", () =>
    Effect.gen(function* () {
      const waiting = yield* Effect.scoped(
        checked((sandbox) =>
          Effect.gen(function* () {
            const { create } = yield* prepare(sandbox)
            yield* sandbox.faults.add({ fault: { _tag: "Hold", when: "after" }, path: template })
            yield* Effect.forkDaemon(create)
            yield* sandbox.journal.awaitRequest({ path: template, stage: "applied" })
          })
        )
      ).pipe(Effect.timeout("5 seconds"), Effect.exit)
      expect(Exit.isSuccess(waiting)).toBe(true)
    })
  )
})
