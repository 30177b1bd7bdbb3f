import { describe, expect, it } from "@effect/vitest"
import { DateTime, Effect, Fiber } from "effect"
import { Github } from "../../src/github/Github.ts"
import { type GithubError, isAmbiguous } from "../../src/github/GithubError.ts"
import type { Fault } from "../../src/sandbox/Faults.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { asked, clientOf, layerFor } from "./Client.ts"

const pulls = "/repos/{owner}/{repo}/pulls/{pull_number}"
const reviews = `${pulls}/reviews`

const setting = Effect.gen(function* () {
  const sandbox = yield* Sandbox.make()
  const opened = yield* sandbox.pulls.open({ content: { before: {}, after: { "a.txt": "a\n" } } })
  const client = yield* clientOf(sandbox)
  return { sandbox, client, headSha: opened.headSha, pull: { ...opened, pullRequest: opened.number } }
})

const ambiguous: ReadonlyArray<readonly [Fault, GithubError["_tag"]]> = [
  [{ _tag: "ServerFailure", status: 500, applied: false }, "ServerError"],
  [{ _tag: "ServerFailure", status: 502, applied: true }, "ServerError"],
  [{ _tag: "ServerFailure", status: 503, applied: false }, "ServerError"],
  [{ _tag: "ServerFailure", status: 504, applied: true }, "ServerError"],
  [{ _tag: "LoseAnswer" }, "NetworkError"],
  [{ _tag: "ResetBefore" }, "NetworkError"]
]

describe("when GitHub stumbles", () => {
  it.scopedLive.each(ambiguous)("a reading is repeated after %j", ([fault]) =>
    Effect.gen(function* () {
      const { client, pull, sandbox } = yield* setting
      yield* sandbox.faults.add({ fault, method: "GET", path: pulls, count: 2 })
      expect(yield* client.getPullRequest(pull)).toMatchObject({ number: pull.number })
      expect(yield* asked(sandbox, "GET", /\/pulls\/\d+$/)).toBe(3)
    })
  )

  it.scopedLive.each(ambiguous)(
    "a change is sent once, and its failure is ambiguous, after %j",
    ([fault, tag]) =>
      Effect.gen(function* () {
        const { client, headSha, pull, sandbox } = yield* setting
        yield* sandbox.faults.add({ fault, method: "POST", path: reviews, count: null })
        const error = yield* Effect.flip(
          client.createPendingReview(pull, { commitSha: headSha, body: "x", comments: [] })
        )
        expect(error._tag).toBe(tag)
        expect(isAmbiguous(error)).toBe(true)
        expect(yield* asked(sandbox, "POST", /\/reviews$/)).toBe(1)
      })
  )

  it.scopedLive("a reading that never succeeds fails in the end", () =>
    Effect.gen(function* () {
      const { client, pull, sandbox } = yield* setting
      const fault = { _tag: "ServerFailure", status: 502, applied: false } as const
      yield* sandbox.faults.add({ fault, method: "GET", path: reviews, count: null })
      expect(yield* Effect.flip(client.listReviews(pull))).toMatchObject({ _tag: "ServerError", status: 502 })
      expect(yield* asked(sandbox, "GET", /\/reviews$/)).toBe(4)
    })
  )
})

const wait = (error: GithubError) =>
  Effect.map(DateTime.now, (now) =>
    error._tag === "RateLimited"
      ? (DateTime.toEpochMillis(error.until) - DateTime.toEpochMillis(now)) / 1000
      : error._tag
  )

describe("a rate limit", () => {
  it.scopedLive.each([
    [{ _tag: "PrimaryLimit", status: 403, resetSeconds: 900 }, 900],
    [{ _tag: "PrimaryLimit", status: 429, resetSeconds: 900 }, 900],
    [{ _tag: "SecondaryLimit", status: 403, retryAfterSeconds: 200 }, 200],
    [{ _tag: "SecondaryLimit", status: 429, retryAfterSeconds: 200 }, 200],
    [{ _tag: "SecondaryLimit", status: 403 }, 60],
    [{ _tag: "SecondaryLimit", status: 429 }, 60]
  ] as const)("is told with its end, and not tried against: %j", ([fault, seconds]) =>
    Effect.gen(function* () {
      const { client, headSha, pull, sandbox } = yield* setting
      for (const method of ["GET", "POST"]) {
        yield* sandbox.faults.add({ fault, method, path: reviews })
      }
      const read = yield* Effect.flip(client.listReviews(pull))
      expect(isAmbiguous(read)).toBe(false)
      const first = yield* wait(read)
      const written = yield* Effect.flip(
        client.createPendingReview(pull, { commitSha: headSha, body: "x", comments: [] })
      )
      const second = yield* wait(written)
      // A minute's tolerance: what is told apart is the rule that was applied, not how quick this machine is.
      expect(Math.round(Number(first) / 60)).toBe(Math.round(seconds / 60))
      expect(Math.round(Number(second) / 60)).toBe(Math.round((seconds === 60 ? 120 : seconds) / 60))
      expect(yield* asked(sandbox, "GET", /\/reviews$/)).toBe(1)
      expect(yield* asked(sandbox, "POST", /\/reviews$/)).toBe(1)
    })
  )

  it.scopedLive("without a named end is waited for longer each time, also by the next client", () =>
    Effect.gen(function* () {
      const { sandbox, pull } = yield* setting
      const fault = { _tag: "SecondaryLimit", status: 403 } as const
      yield* sandbox.faults.add({ fault, method: "GET", path: pulls, count: null })
      const github = yield* Effect.provide(Github, layerFor(sandbox))
      const minutes = Effect.scoped(
        Effect.gen(function* () {
          const client = yield* github.installation(sandbox.installationId)
          const error = yield* Effect.flip(client.getPullRequest(pull))
          return Math.round(Number(yield* wait(error)) / 60)
        })
      )
      expect([yield* minutes, yield* minutes, yield* minutes]).toEqual([1, 2, 4])
    })
  )
})

describe("a request that hangs", () => {
  it.scopedLive("is given up in time, and a change is not sent again", () =>
    Effect.gen(function* () {
      const { headSha, pull, sandbox } = yield* setting
      yield* sandbox.faults.add({ fault: { _tag: "Hold", when: "after" }, method: "POST", path: reviews })
      const client = yield* clientOf(sandbox, "1 second")
      const error = yield* Effect.flip(
        client.createPendingReview(pull, { commitSha: headSha, body: "x", comments: [] })
      )
      expect(error).toMatchObject({ _tag: "NetworkError", message: expect.stringContaining("within 1s") })
      expect(yield* asked(sandbox, "POST", /\/reviews$/)).toBe(1)
    })
  )

  it.scopedLive("ends with the fiber that waits for it, and so does its connection", () =>
    Effect.gen(function* () {
      const { client, pull, sandbox } = yield* setting
      yield* sandbox.faults.add({ fault: { _tag: "Hold", when: "before" }, method: "GET", path: pulls })
      const waiting = yield* Effect.fork(client.getPullRequest(pull))
      yield* sandbox.journal.awaitRequest({ method: "GET", path: pulls, stage: "received" })
      yield* Fiber.interrupt(waiting)
      const cut = yield* sandbox.journal.awaitRequest({ method: "GET", path: pulls, stage: "finished" })
      expect(cut.answer).toBeUndefined()
    })
  )
})
