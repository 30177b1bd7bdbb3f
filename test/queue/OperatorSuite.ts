/** The laws of what operators see and do, run against every `JobStore`. */
import { assert, describe, it } from "@effect/vitest"
import { Chunk, DateTime, Duration, Effect, Either, type Layer, Option, Stream, TestClock } from "effect"
import { Disposition } from "../../src/queue/Disposition.ts"
import { JobId, type NewJob, type Subject } from "../../src/queue/Job.ts"
import type { StoreUnavailable } from "../../src/queue/JobError.ts"
import { type Claimed, JobStore } from "../../src/queue/JobStore.ts"
import { QueueSettings } from "../../src/queue/QueueSettings.ts"

let pullRequests = 0
const subject = (changes: Partial<Subject> = {}): Subject => ({
  installationId: 7,
  owner: "acme",
  repo: "shop",
  pullRequest: ++pullRequests,
  title: "Add a cart",
  commitSha: "a".repeat(40),
  baseBranch: "main",
  ...changes
})

const worker = Effect.flatMap(JobStore, (store) =>
  store.registerWorker({ host: "test", pid: 4711, version: "1.2.3" })
)

const enqueue = (changes: Partial<Subject> = {}, options: Partial<NewJob> = {}) =>
  Effect.flatMap(JobStore, (store) =>
    store.enqueue({ subject: subject(changes), trigger: "opened", ...options })
  ).pipe(Effect.map(({ id }) => id))

/** What a new worker gets when it claims. */
const claim = (limit: number): Effect.Effect<ReadonlyArray<Claimed>, StoreUnavailable, JobStore> =>
  Effect.gen(function* () {
    const store = yield* JobStore
    return (yield* store.claim(yield* worker, limit)).jobs
  })

const claimOne = Effect.gen(function* () {
  const [claimed] = yield* claim(1)
  return claimed ?? (yield* Effect.dieMessage("nothing was claimed"))
})

const current = (id: JobId) =>
  Effect.flatMap(JobStore, (store) => store.find(id)).pipe(Effect.map(Option.getOrThrow))

const failure = { _tag: "Failed", error: "Permanent", message: "no such branch" } as const

const failed = Effect.gen(function* () {
  const store = yield* JobStore
  const claimed = yield* claimOne
  yield* store.settle(claimed.lease, Disposition.Fail({ reason: failure }))
  return claimed.job.id
})

const violations = (options: { readonly perInstallation?: number } = {}) =>
  Effect.flatMap(JobStore, (store) => Stream.runCollect(store.audit(options))).pipe(
    Effect.map(Chunk.toReadonlyArray)
  )

const nobody = JobId.make(999_999)

/** Every law runs on an empty store of its own, which the audit finds clean in the end. */
export const suite = <E>(name: string, makeLayer: () => Layer.Layer<JobStore, E>) => {
  const law = (sentence: string, body: Effect.Effect<void, unknown, JobStore>) =>
    it.effect(
      sentence,
      () =>
        Effect.gen(function* () {
          yield* body
          assert.deepStrictEqual(yield* violations(), [])
        }).pipe(Effect.provide(makeLayer()), Effect.provideService(QueueSettings, QueueSettings.defaults)),
      60_000
    )

  describe(`JobStore laws for operators: ${name}`, () => {
    law(
      "a list has the newest jobs first, goes on where it ended, and keeps to its filter",
      Effect.gen(function* () {
        const store = yield* JobStore
        const first = yield* enqueue({ pullRequest: 1, repo: "alpha" })
        const second = yield* enqueue({ pullRequest: 2, repo: "alpha" })
        const third = yield* enqueue({ pullRequest: 1, repo: "beta", installationId: 8 })
        assert.strictEqual(yield* failed, first)
        const ids = (filter: Parameters<typeof store.list>[0]) =>
          Effect.map(store.list(filter), (jobs) => jobs.map(({ id }) => id))
        const alpha = { owner: "acme", repo: "alpha" }
        assert.deepStrictEqual(yield* ids({ limit: 10 }), [third, second, first])
        assert.deepStrictEqual(yield* ids({ limit: 2 }), [third, second])
        assert.deepStrictEqual(yield* ids({ limit: 2, before: second }), [first])
        assert.deepStrictEqual(yield* ids({ limit: 10, status: "failed" }), [first])
        assert.deepStrictEqual(yield* ids({ limit: 10, repository: alpha }), [second, first])
        assert.deepStrictEqual(yield* ids({ limit: 10, pullRequest: { ...alpha, pullRequest: 2 } }), [second])
        assert.deepStrictEqual(yield* ids({ limit: 10, installationId: 8 }), [third])
        assert.deepStrictEqual(yield* ids({ limit: 10, installationId: 8, status: "failed" }), [])
      })
    )

    law(
      "stats tell the counts, since when the oldest job waits, and which workers live and what they hold",
      Effect.gen(function* () {
        const store = yield* JobStore
        assert.deepStrictEqual((yield* store.stats).oldestPendingAt, Option.none())
        yield* worker
        yield* TestClock.adjust("5 minutes")
        yield* enqueue()
        const claimed = yield* claimOne
        const since = yield* DateTime.now
        yield* enqueue()
        yield* TestClock.adjust("10 seconds")
        yield* enqueue()
        yield* store.markDraining(claimed.lease.worker)
        const stats = yield* store.stats
        assert.deepStrictEqual(stats.counts, yield* store.counts)
        assert.deepStrictEqual(stats.oldestPendingAt, Option.some(since))
        assert.deepStrictEqual(stats.workers, [
          {
            id: claimed.lease.worker,
            host: "test",
            pid: 4711,
            version: "1.2.3",
            startedAt: since,
            lastBeatAt: since,
            draining: true,
            running: 1
          }
        ])
        yield* store.settle(claimed.lease, Disposition.Complete())
        yield* store.retireWorker(claimed.lease.worker)
        assert.deepStrictEqual((yield* store.stats).workers, [])
      })
    )

    law(
      "the keys of saved steps are told",
      Effect.gen(function* () {
        const store = yield* JobStore
        const id = yield* enqueue()
        assert.deepStrictEqual(yield* store.stepKeys(id), [])
        const { lease } = yield* claimOne
        yield* store.saveStep(lease, "chunk:1", { text: "fine" })
        yield* TestClock.adjust("1 second")
        yield* store.saveStep(lease, "a review", { id: 1 })
        assert.deepStrictEqual(yield* store.stepKeys(id), ["chunk:1", "a review"])
      })
    )

    law(
      "a retried job begins anew, runs next, and can't be written under its old lease",
      Effect.gen(function* () {
        const store = yield* JobStore
        const id = yield* enqueue({}, { maxAttempts: 2 })
        const first = yield* claimOne
        yield* store.settle(
          first.lease,
          Disposition.Retry({ reason: { _tag: "Defect", message: "oops" }, delay: Duration.zero })
        )
        yield* failed
        const before = yield* current(id)
        assert.strictEqual(before.attempts, 2)
        yield* TestClock.adjust("1 hour")
        const now = yield* DateTime.now
        const retried = yield* store.retry(id)
        assert.deepStrictEqual(yield* current(id), retried)
        assert.deepStrictEqual(retried, {
          ...before,
          status: "pending",
          generation: 1,
          attempts: 0,
          priority: 0,
          runAt: now,
          errorMessage: Option.none(),
          startedAt: Option.none(),
          completedAt: Option.none()
        })
        yield* enqueue()
        const stale = yield* Effect.either(store.settle(first.lease, Disposition.Complete()))
        assert.strictEqual(Either.isLeft(stale) && stale.left._tag, "LeaseLost")
        const again = yield* claimOne
        assert.strictEqual(again.job.id, id, "it runs before what waits")
        assert.strictEqual(again.lease.epoch, before.epoch + 1)
        yield* store.settle(again.lease, Disposition.Complete())
        const ledger = yield* store.transitions(id)
        assert.deepStrictEqual(
          ledger.slice(-3).map((line) => [line.from, line.to, line.why._tag]),
          [
            ["failed", "pending", "RetriedByOperator"],
            ["pending", "processing", "Claimed"],
            ["processing", "completed", "Succeeded"]
          ]
        )
      })
    )

    law(
      "a job that was asked to stop forgets that when it is retried",
      Effect.gen(function* () {
        const store = yield* JobStore
        const id = yield* enqueue()
        const { lease } = yield* claimOne
        assert.strictEqual(yield* store.cancel(id, "not now"), "asked")
        yield* store.settle(lease, Disposition.Release({ reason: { _tag: "Drained" } }))
        assert.strictEqual((yield* current(id)).status, "cancelled")
        yield* store.retry(id)
        const again = yield* claimOne
        yield* store.check(again.lease)
        yield* store.settle(again.lease, Disposition.Release({ reason: { _tag: "Drained" } }))
        assert.strictEqual((yield* current(id)).status, "pending")
      })
    )

    law(
      "a retry is other work than everything before, however many are retried at once",
      Effect.gen(function* () {
        const store = yield* JobStore
        const about = subject()
        const ids: Array<JobId> = []
        for (let time = 0; time < 3; time++) {
          ids.push((yield* store.enqueue({ subject: about, trigger: "opened" })).id)
          yield* failed
        }
        const live = yield* store.enqueue({ subject: about, trigger: "opened" })
        const retried = yield* Effect.forEach(ids, (id) => store.retry(id), { concurrency: "unbounded" })
        assert.deepStrictEqual(retried.map(({ generation }) => generation).sort(), [1, 2, 3])
        assert.isFalse((yield* store.enqueue({ subject: about, trigger: "opened" })).created)
        assert.strictEqual((yield* current(live.id)).status, "pending")
        const { jobId } = (yield* claimOne).lease
        assert.strictEqual((yield* claim(5)).length, 0, "one at a time")
        assert.include(ids, jobId)
      })
    )

    law(
      "of two retries of one job one is done and the other is refused",
      Effect.gen(function* () {
        const store = yield* JobStore
        const id = yield* enqueue()
        yield* failed
        const [done, refused] = yield* Effect.partition([1, 2, 3], () => store.retry(id), {
          concurrency: "unbounded"
        }).pipe(Effect.map(([refused, done]) => [done, refused] as const))
        assert.strictEqual(done.length, 1)
        assert.deepStrictEqual(
          refused.map(({ _tag }) => _tag),
          ["NotRetryable", "NotRetryable"]
        )
        assert.strictEqual((yield* current(id)).generation, 1)
      })
    )

    law(
      "what is pending, running or completed is not retried, and the refusal says which",
      Effect.gen(function* () {
        const store = yield* JobStore
        const id = yield* enqueue()
        const refusal = Effect.map(
          Effect.flip(store.retry(id)),
          ({ _tag, message }) => [_tag, message] as const
        )
        const refused = function* (word: RegExp) {
          const before = yield* current(id)
          const [tag, message] = yield* refusal
          assert.strictEqual(tag, "NotRetryable")
          assert.match(message, word)
          assert.deepStrictEqual(yield* current(id), before)
        }
        yield* refused(/is pending/)
        const { lease } = yield* claimOne
        yield* refused(/is running/)
        yield* store.settle(lease, Disposition.Complete())
        yield* refused(/is completed/)
        assert.strictEqual((yield* Effect.flip(store.retry(nobody)))._tag, "NoSuchJob")
      })
    )

    law(
      "a pending job is cancelled at once and does not run",
      Effect.gen(function* () {
        const store = yield* JobStore
        const id = yield* enqueue()
        assert.strictEqual(yield* store.cancel(id, "half \ud83d and \u0000"), "cancelled")
        const job = yield* current(id)
        assert.strictEqual(job.status, "cancelled")
        assert.isTrue(Option.isSome(job.completedAt))
        assert.strictEqual((yield* claim(1)).length, 0)
      })
    )

    law(
      "a running job is asked to stop, and the first wish stays",
      Effect.gen(function* () {
        const store = yield* JobStore
        const id = yield* enqueue()
        const { lease } = yield* claimOne
        assert.strictEqual(yield* store.cancel(id, "too expensive"), "asked")
        assert.strictEqual(yield* store.cancel(id, "once more"), "asked")
        const beat = yield* store.beat(lease.worker, [lease])
        assert.deepStrictEqual(beat.cancelled, [
          { lease, reason: { _tag: "Cancelled", message: "too expensive" } }
        ])
        assert.strictEqual((yield* Effect.flip(store.check(lease)))._tag, "Obsolete")
        yield* store.settle(
          lease,
          Disposition.Cancel({ reason: { _tag: "Cancelled", message: "too expensive" } })
        )
        assert.deepStrictEqual((yield* current(id)).errorMessage, Option.some("too expensive"))
      })
    )

    law(
      "what is over is not cancelled",
      Effect.gen(function* () {
        const store = yield* JobStore
        const id = yield* enqueue()
        const { lease } = yield* claimOne
        yield* store.settle(lease, Disposition.Complete())
        const refusal = yield* Effect.flip(store.cancel(id, "no"))
        assert.strictEqual(refusal._tag, "AlreadyFinished")
        assert.match(refusal.message, /completed/)
        assert.strictEqual((yield* Effect.flip(store.cancel(nobody, "no")))._tag, "NoSuchJob")
      })
    )

    law(
      "the audit finds nothing in a store that was used as it is meant to be, and holds claims to the cap it is given",
      Effect.gen(function* () {
        const store = yield* JobStore
        const about = subject({ installationId: 77 })
        yield* store.enqueue({ subject: about, trigger: "opened" })
        yield* enqueue({ installationId: 77 })
        const jobs = yield* claim(2)
        assert.strictEqual(jobs.length, 2)
        yield* TestClock.adjust("31 seconds")
        yield* store.rescue
        yield* store.cancelPullRequest(about, "closed")
        yield* claimOne
        const found = yield* violations({ perInstallation: 1 })
        assert.deepStrictEqual(
          found.map(({ _tag }) => _tag),
          ["OverCap"]
        )
        assert.strictEqual(found[0]?.jobId, jobs[1]?.job.id)
        assert.deepStrictEqual(yield* violations({ perInstallation: 2 }), [])
      })
    )
  })
}
