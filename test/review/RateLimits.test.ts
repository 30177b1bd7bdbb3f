/**
 * Limits that last an hour, for one installation each: the job waits, its check run says until when, the other
 * installation goes on, and nothing is lost.
 *
 * The whole service runs in this process, with real sockets and a real database, on a clock that the test puts forward
 * (`MovableClock`): the program's own, by which the store tells which jobs are due, and GitHub's. The models need none.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, DateTime, Effect, Layer, Redacted } from "effect"
import * as Database from "../../src/database/Database.ts"
import { DatabaseUrl } from "../../src/database/DatabaseUrl.ts"
import * as Postgres from "../../src/queue/JobStore/Postgres.ts"
import { JobStore } from "../../src/queue/JobStore.ts"
import type { ControlResult } from "../../src/sandbox/Controls.ts"
import type { Fault } from "../../src/sandbox/Faults.ts"
import { ModelSandbox, type ModelSandboxService } from "../../src/sandbox/ModelSandbox.ts"
import { Sandbox, type SandboxService } from "../../src/sandbox/Sandbox.ts"
import { until } from "../e2e/Served.ts"
import { type Cut, client } from "../sandbox/Client.ts"
import * as MovableClock from "../support/MovableClock.ts"
import * as OwnKey from "../support/OwnKey.ts"
import * as TestDatabase from "../support/TestDatabase.ts"
import { serve } from "./Served.ts"

/** The account of a model that belongs to the limited installation. */
const theirKey = Redacted.make("sk-acme")
const theirAccount = 1

/** Requests an hour: some reviews' worth. */
const rateLimit = 60

const content = {
  before: { "src/a.ts": "export const a = 1\n" },
  after: { "src/a.ts": "export const a = 1\ndebugger\n" }
}

/** Two installations, of which the first has a key of its own, and Holdfast that serves both. */
const setting = Effect.gen(function* () {
  const { clock, forward } = yield* MovableClock.make
  const sandbox = yield* Sandbox.make({ rateLimit })
  const models = yield* ModelSandbox.make({ otherApiKeys: [theirKey] })
  const url = yield* TestDatabase.url
  const env = { ENCRYPTION_KEY: OwnKey.encryptionKey }
  yield* Effect.withClock(serve({ env, models, sandbox, time: "injected", url }), clock)
  const limited = sandbox.installationId
  yield* sandbox.webhooks.installation("created")
  yield* sandbox.install({ owner: "globex", repositories: ["site"] })
  yield* OwnKey.give(url, limited, theirKey)
  const store = Context.get(
    yield* Layer.build(
      Postgres.layer.pipe(Layer.provide(Database.layer), Layer.provide(DatabaseUrl.layer(url)))
    ),
    JobStore
  )
  const jobOf = ({ owner, repo, number }: ControlResult) =>
    Effect.flatMap(
      store.list({ pullRequest: { owner, repo, pullRequest: number }, limit: 2 }),
      ([job, other]) =>
        job === undefined || other !== undefined ? Effect.dieMessage("not one job") : Effect.succeed(job)
    ).pipe(Effect.orDie)
  return {
    clock,
    jobOf,
    limited,
    models,
    sandbox,
    /** Opens a pull request of the other installation, and waits until it is reviewed and nothing runs. */
    otherIsReviewed: Effect.gen(function* () {
      const pull = yield* sandbox.pulls.open({ content, owner: "globex", repo: "site" })
      yield* until(jobOf(pull), ({ status }) => status === "completed")
      assert.deepStrictEqual(yield* reviewsOf(sandbox, pull), ["COMMENTED"])
    }),
    forward: (by: "55 minutes" | "6 minutes") => Effect.zipRight(sandbox.clock.advance(by), forward(by))
  }
})
type Setting = Effect.Effect.Success<typeof setting>

const reviewsOf = (sandbox: SandboxService, pull: ControlResult) =>
  Effect.map(sandbox.view.allReviews(pull), (reviews) => reviews.map(({ state }) => state))

/** The one check run. */
const checkOf = (sandbox: SandboxService, pull: ControlResult) =>
  Effect.map(sandbox.view.checkRuns(pull), (checks) => {
    assert.isAtMost(checks.length, 1)
    return checks[0]
  })

interface Limit {
  /** Begins it, and gives what ends it. */
  readonly limit: (setting: Setting) => Effect.Effect<Effect.Effect<void>, Cut>
  /** Whether GitHub answers meanwhile, so that the check run can be told. */
  readonly told: boolean
  /** How often the model is asked in all. */
  readonly questions: number
}

const github =
  (fault: Fault): Limit["limit"] =>
  ({ limited, sandbox }) =>
    Effect.map(
      sandbox.faults.add({
        fault,
        count: null,
        installation: limited,
        method: "GET",
        path: "/repos/{owner}/{repo}/pulls/{pull_number}/files"
      }),
      ({ remove }) => remove
    )

const limits: { readonly [what: string]: Limit } = {
  "its account of a model, by retry-after": {
    limit: ({ models }) =>
      Effect.map(
        models.faults.add({
          fault: { _tag: "RateLimited", retryAfterSeconds: 3600 },
          count: null,
          account: theirAccount
        }),
        ({ remove }) => remove
      ),
    told: true,
    questions: 2
  },
  "GitHub, by x-ratelimit-reset": {
    limit: github({ _tag: "PrimaryLimit", status: 403, resetSeconds: 3600 }),
    told: true,
    questions: 1
  },
  "GitHub, by retry-after": {
    limit: github({ _tag: "SecondaryLimit", status: 429, retryAfterSeconds: 3600 }),
    told: true,
    questions: 1
  },
  "GitHub, by its own count of requests, for all that it is asked": {
    limit: ({ limited, sandbox }) =>
      Effect.flatMap(client(sandbox, limited), (app) =>
        Effect.as(Effect.replicateEffect(app.get("/repos/acme/web-shop"), rateLimit), Effect.void)
      ),
    told: false,
    questions: 1
  }
}

const questionsOf = (models: ModelSandboxService, account: number) =>
  Effect.map(models.journal.entries, (entries) =>
    entries.filter(({ question }) => question?.account === account)
  )

describe("one of two installations is limited for an hour by", () => {
  for (const [what, { limit, questions, told }] of Object.entries(limits)) {
    it.scopedLive(
      `${what}: it waits, the other goes on, and it is reviewed once after the hour`,
      () =>
        Effect.gen(function* () {
          const scene = yield* setting
          const { clock, forward, jobOf, models, otherIsReviewed, sandbox } = scene
          const end = yield* limit(scene)
          const pull = yield* sandbox.pulls.open({ content })
          const waiting = yield* until(jobOf(pull), ({ snoozes }) => snoozes === 1)
          const left = DateTime.distance(yield* Effect.withClock(DateTime.now, clock), waiting.runAt)
          assert.isAtLeast(left, 3_500_000)
          assert.isAtMost(left, 3_601_000)
          assert.deepInclude(waiting, { status: "pending", attempts: 0, crashes: 0 })
          const check = yield* checkOf(sandbox, pull)
          if (told) {
            assert.strictEqual(check?.status, "queued")
            const until = /waits until (\S+):/.exec(check?.summary ?? "")?.[1] ?? ""
            const apart = Math.abs(DateTime.distance(DateTime.unsafeMake(until), waiting.runAt))
            assert.isAtMost(apart, 5_000, "the check run says when the job is due")
          } else assert.isUndefined(check, "nothing can be said where nothing is answered")

          yield* otherIsReviewed
          yield* forward("55 minutes")
          // All workers have looked for work since.
          yield* otherIsReviewed
          assert.deepStrictEqual(yield* jobOf(pull), waiting, "it is not due before its time")
          assert.deepStrictEqual(yield* reviewsOf(sandbox, pull), [])

          yield* end
          yield* forward("6 minutes")
          const done = yield* until(
            jobOf(pull),
            ({ status }) => status !== "pending" && status !== "processing"
          )
          assert.deepInclude(done, { status: "completed", attempts: 0, crashes: 0, snoozes: 1 })
          assert.deepStrictEqual(yield* reviewsOf(sandbox, pull), ["COMMENTED"])
          assert.strictEqual((yield* checkOf(sandbox, pull))?.status, "completed")
          assert.lengthOf(yield* questionsOf(models, theirAccount), questions)
          assert.lengthOf(yield* questionsOf(models, 0), 2)
        }),
      60_000
    )
  }
})
