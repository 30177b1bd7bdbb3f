/** Limits that last an hour, on a clock that is put forward: the job waits, others go on, and nothing is lost. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, DateTime, Duration, Effect, Option } from "effect"
import type { Fault } from "../../src/sandbox/Faults.ts"
import { ModelSandbox, type ModelSandboxService } from "../../src/sandbox/ModelSandbox.ts"
import { settingsFor } from "../model/Asked.ts"
import { begin, type Reviewing } from "./Reviewing.ts"

/** The real clock, ahead by what it was put forward. Everything in the test goes by it, GitHub's included. */
const movableClock = Effect.map(Effect.clock, (real) => {
  let ahead = 0
  const millis = () => real.unsafeCurrentTimeMillis() + ahead
  const nanos = () => real.unsafeCurrentTimeNanos() + BigInt(ahead) * 1_000_000n
  const clock: Clock.Clock = {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: millis,
    unsafeCurrentTimeNanos: nanos,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanos: Effect.sync(nanos),
    sleep: (duration) => real.sleep(duration)
  }
  const forward = (by: Duration.DurationInput) =>
    Effect.sync(() => {
      ahead += Duration.toMillis(by)
    })
  return { clock, forward }
})

const files = {
  before: { "src/a.ts": "export const a = 1\n" },
  after: { "src/a.ts": "export const a = 1\ndebugger\n" }
}

const theJob = ({ store, subject }: Reviewing) =>
  Effect.map(store.list({ pullRequest: subject, limit: 1 }), ([job]) => {
    if (job === undefined) throw new Error("no job")
    return job
  })

/** How the pull requests of a repository stand: the visible reviews, and the last check run. */
const standing = ({ pull, sandbox }: Reviewing) =>
  Effect.gen(function* () {
    const reviews = yield* sandbox.view.allReviews(pull)
    const check = (yield* sandbox.view.checkRuns(pull)).at(-1)
    return { reviews: reviews.map(({ state }) => state), check }
  })

interface Limit {
  readonly limit: (models: ModelSandboxService, reviewing: Reviewing) => Effect.Effect<unknown>
  /** Whether GitHub answers meanwhile, so that the check run can be told. */
  readonly told: boolean
}

const github =
  (fault: Fault, path?: string): Limit["limit"] =>
  (_, { sandbox }) =>
    sandbox.faults.add({ fault, method: "GET", ...(path === undefined ? {} : { path }) })

const aPull = "/repos/{owner}/{repo}/pulls/{pull_number}"
const limits: { readonly [what: string]: Limit } = {
  "a model by retry-after": {
    limit: (models) => models.faults.add({ fault: { _tag: "RateLimited", retryAfterSeconds: 3600 } }),
    told: true
  },
  "GitHub by x-ratelimit-reset": {
    limit: github({ _tag: "PrimaryLimit", status: 403, resetSeconds: 3600 }, `${aPull}/files`),
    told: true
  },
  "GitHub by retry-after": {
    limit: github({ _tag: "SecondaryLimit", status: 429, retryAfterSeconds: 3600 }, `${aPull}/files`),
    told: true
  },
  "GitHub, for all that it is asked": {
    limit: (_, { sandbox }) =>
      sandbox.faults.add({
        fault: { _tag: "PrimaryLimit", status: 429, resetSeconds: 3600 },
        count: null
      }),
    told: false
  }
}

describe("limited for an hour by", () => {
  for (const [what, { limit, told }] of Object.entries(limits)) {
    it.scopedLive(
      `${what}: it waits, others go on, and it is published after the hour`,
      () =>
        Effect.gen(function* () {
          const { clock, forward } = yield* movableClock
          yield* Effect.gen(function* () {
            const models = yield* ModelSandbox.make()
            const reviewing = yield* begin(files, settingsFor("openai-compatible", models))
            const { claim, runPatiently, sandbox, store, subject } = reviewing
            yield* limit(models, reviewing)
            yield* runPatiently(Option.getOrThrow(yield* claim))

            const waiting = yield* theJob(reviewing)
            const left = DateTime.distance(yield* DateTime.now, waiting.runAt)
            assert.isAtLeast(left, 3_500_000)
            assert.isAtMost(left, 3_601_000)
            assert.deepStrictEqual([waiting.status, waiting.attempts, waiting.snoozes], ["pending", 0, 1])
            const { check, reviews } = yield* standing(reviewing)
            assert.deepStrictEqual(reviews, [])
            if (told) {
              assert.strictEqual(check?.status, "queued")
              const until = /waits until (\S+):/.exec(check?.summary ?? "")?.[1] ?? ""
              assert.isAtMost(
                Math.abs(DateTime.distance(DateTime.unsafeMake(until), waiting.runAt)),
                5_000,
                "the check run says when the job is due"
              )
            } else yield* sandbox.faults.clear

            const other = yield* sandbox.pulls.open({ content: files, repo: "elsewhere" })
            yield* store.enqueue({
              trigger: "opened",
              subject: {
                ...subject,
                repo: other.repo,
                pullRequest: other.number,
                commitSha: other.headSha,
                installationId: other.installationId
              }
            })
            yield* runPatiently(Option.getOrThrow(yield* claim))
            assert.deepStrictEqual((yield* standing({ ...reviewing, pull: other })).reviews, ["COMMENTED"])

            yield* forward("55 minutes")
            assert.isTrue(Option.isNone(yield* claim), "it is not due before its time")
            yield* forward("6 minutes")
            // Each claim is another worker's: the one that put the job off may be gone.
            yield* runPatiently(Option.getOrThrow(yield* claim))
            const after = yield* standing(reviewing)
            assert.deepStrictEqual(after.reviews, ["COMMENTED"])
            assert.strictEqual(after.check?.status, "completed")
            assert.deepInclude(yield* theJob(reviewing), { status: "completed", attempts: 0, snoozes: 1 })
          }).pipe(Effect.withClock(clock))
        }),
      60_000
    )
  }
})
