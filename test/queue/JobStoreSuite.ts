/**
 * The laws of a `JobStore`, run against every implementation.
 *
 * Time is virtual for all of them: the Postgres store is built with its clock injected, so that a test moves leases and
 * due times by hand and waits for nothing.
 */
import { assert, describe, it } from "@effect/vitest"
import {
  DateTime,
  Deferred,
  Duration,
  Effect,
  Either,
  Fiber,
  type Layer,
  Option,
  Stream,
  TestClock
} from "effect"
import { Disposition } from "../../src/queue/Disposition.ts"
import type { Subject } from "../../src/queue/Job.ts"
import { isLegal } from "../../src/queue/Job.ts"
import { type Claimed, JobStore } from "../../src/queue/JobStore.ts"
import { QueueSettings } from "../../src/queue/QueueSettings.ts"

const lease = Duration.seconds(30)
const settings = {
  ...QueueSettings.defaults,
  lease,
  maxCrashes: 3,
  quarantineAfter: 3,
  perInstallation: Number.POSITIVE_INFINITY
}

let pullRequests = 0
/** A pull request that no other test knows. */
export const subject = (changes: Partial<Subject> = {}): Subject => ({
  installationId: 7,
  owner: "acme",
  repo: "shop",
  pullRequest: ++pullRequests,
  title: "Add a cart",
  commitSha: "a".repeat(40),
  baseBranch: "main",
  ...changes
})

export const worker = Effect.flatMap(JobStore, (store) =>
  store.registerWorker({ host: "test", pid: 1, version: "0.0.0" })
)

const enqueue = (changes: Partial<Subject> = {}) =>
  Effect.flatMap(JobStore, (store) => store.enqueue({ subject: subject(changes), trigger: "opened" }))

const claimOne = Effect.gen(function* () {
  const store = yield* JobStore
  const id = yield* worker
  return yield* theOnly((yield* store.claim(id, 1)).jobs)
})

export const theOnly = <A>(all: ReadonlyArray<A>): Effect.Effect<A> =>
  Effect.suspend(() => {
    assert.strictEqual(all.length, 1)
    const [one] = all
    return one === undefined ? Effect.dieMessage("nothing there") : Effect.succeed(one)
  })

const current = (claimed: Claimed) =>
  Effect.flatMap(JobStore, (store) => store.find(claimed.job.id)).pipe(Effect.map(Option.getOrThrow))

/** Every law runs on an empty store of its own. */
export const suite = <E>(name: string, makeLayer: () => Layer.Layer<JobStore, E>) => {
  const law = (sentence: string, body: Effect.Effect<void, unknown, JobStore>) =>
    it.effect(
      sentence,
      () => body.pipe(Effect.provide(makeLayer()), Effect.provideService(QueueSettings, settings)),
      60_000
    )

  describe(`JobStore laws: ${name}`, () => {
    law(
      "an enqueued job is pending, has its subject, and its ledger begins",
      Effect.gen(function* () {
        const store = yield* JobStore
        const about = subject({ title: "Ünïcode → title" })
        const { created, id } = yield* store.enqueue({
          subject: about,
          trigger: "push",
          payload: { a: [1, "x"] }
        })
        assert.isTrue(created)
        const job = Option.getOrThrow(yield* store.find(id))
        assert.deepStrictEqual(job.subject, about)
        assert.deepStrictEqual(job.payload, { a: [1, "x"] })
        assert.strictEqual(job.status, "pending")
        assert.strictEqual(job.attempts, 0)
        assert.strictEqual(job.maxAttempts, settings.maxAttempts)
        const ledger = yield* store.transitions(id)
        assert.deepStrictEqual(
          ledger.map((entry) => [entry.from, entry.to, entry.why._tag]),
          [[null, "pending", "Enqueued"]]
        )
      })
    )

    law(
      "the same work is enqueued once while it is pending, processing or completed",
      Effect.gen(function* () {
        const store = yield* JobStore
        const request = { subject: subject(), trigger: "opened" } as const
        const first = yield* store.enqueue(request)
        assert.deepStrictEqual(yield* store.enqueue(request), {
          id: first.id,
          created: false,
          superseded: []
        })
        const claimed = yield* claimOne
        assert.isFalse((yield* store.enqueue(request)).created)
        yield* store.settle(claimed.lease, Disposition.Complete())
        assert.isFalse((yield* store.enqueue(request)).created)
        assert.isTrue((yield* store.enqueue({ ...request, generation: 1 })).created)
        assert.isTrue((yield* store.enqueue({ ...request, kind: "command" })).created)
      })
    )

    law(
      "failed or cancelled work may be enqueued again",
      Effect.gen(function* () {
        const store = yield* JobStore
        const request = { subject: subject(), trigger: "opened" } as const
        yield* store.enqueue(request)
        const claimed = yield* claimOne
        yield* store.settle(
          claimed.lease,
          Disposition.Fail({ reason: { _tag: "Failed", error: "X", message: "no" } })
        )
        assert.isTrue((yield* store.enqueue(request)).created)
        yield* store.cancelPullRequest(request.subject, "closed")
        assert.isTrue((yield* store.enqueue(request)).created)
      })
    )

    law(
      "concurrent enqueues of the same work make one job",
      Effect.gen(function* () {
        const store = yield* JobStore
        const request = { subject: subject(), trigger: "opened" } as const
        const all = yield* Effect.all(
          Array.from({ length: 8 }, () => store.enqueue(request)),
          { concurrency: "unbounded" }
        )
        assert.strictEqual(new Set(all.map((one) => one.id)).size, 1)
        assert.strictEqual(all.filter((one) => one.created).length, 1)
      })
    )

    law(
      "a newer head supersedes pending jobs of its pull request and asks the running one to stop",
      Effect.gen(function* () {
        const store = yield* JobStore
        const about = subject()
        yield* store.enqueue({ subject: about, trigger: "opened" })
        const running = yield* claimOne
        const second = yield* store.enqueue({
          subject: { ...about, commitSha: "b".repeat(40) },
          trigger: "push"
        })
        assert.deepStrictEqual(second.superseded, [])
        const third = yield* store.enqueue({
          subject: { ...about, commitSha: "c".repeat(40) },
          trigger: "push"
        })
        assert.deepStrictEqual(third.superseded, [second.id])
        const job = Option.getOrThrow(yield* store.find(second.id))
        assert.strictEqual(job.status, "cancelled")
        assert.deepStrictEqual(job.supersededBy, Option.some(third.id))
        const asked = yield* Effect.either(store.check(running.lease))
        assert.strictEqual(Either.isLeft(asked) && asked.left._tag, "Obsolete")
        const beat = yield* store.beat(running.lease.worker, [running.lease])
        assert.strictEqual(beat.lost.length, 0)
        const stop = yield* theOnly(beat.cancelled)
        assert.deepStrictEqual(stop.reason, { _tag: "Superseded", by: second.id })
      })
    )

    law(
      "a job that was asked to stop is cancelled, however it is put back",
      Effect.gen(function* () {
        const store = yield* JobStore
        const reason = { _tag: "Failed", error: "Transient", message: "again" } as const
        const putBack = [
          Disposition.Retry({ reason, delay: Duration.zero }),
          Disposition.Release({ reason: { _tag: "Drained" } }),
          Disposition.Snooze({
            reason: { _tag: "Snoozed", message: "wait" },
            until: DateTime.unsafeMake(1_000)
          })
        ]
        for (const disposition of putBack) {
          const about = subject()
          yield* store.enqueue({ subject: about, trigger: "opened" })
          const claimed = yield* claimOne
          yield* store.cancelPullRequest(about, "the pull request was closed")
          yield* store.settle(claimed.lease, disposition)
          const job = yield* current(claimed)
          assert.strictEqual(job.status, "cancelled")
          assert.deepStrictEqual(job.errorMessage, Option.some("the pull request was closed"))
        }
      })
    )

    law(
      "jobs of a qualified kind stand for themselves",
      Effect.gen(function* () {
        const store = yield* JobStore
        const about = subject()
        const enqueue = (kind: string, commitSha = about.commitSha) =>
          store.enqueue({ subject: { ...about, commitSha }, kind, trigger: "command" })
        const one = yield* enqueue("answer/1")
        const other = yield* enqueue("answer/2", "another")
        const plain = yield* enqueue("answer", "a-third")
        assert.deepStrictEqual([...other.superseded, ...plain.superseded], [])
        assert.deepStrictEqual(yield* enqueue("answer/1"), { id: one.id, created: false, superseded: [] })
        assert.deepStrictEqual(yield* store.cancelPullRequest(about, "closed"), [plain.id])
        const claimed = yield* claimOne
        assert.strictEqual(claimed.job.id, one.id)
        yield* store.cancelPullRequest(about, "closed again")
        yield* store.check(claimed.lease)
      })
    )

    law(
      "of a pull request's jobs those for one commit can be cancelled alone",
      Effect.gen(function* () {
        const store = yield* JobStore
        const about = subject()
        const kept = yield* store.enqueue({ subject: about, kind: "answer", trigger: "opened" })
        const plain = yield* store.enqueue({ subject: { ...about, commitSha: "other" }, trigger: "opened" })
        const only = (commitSha: string) => store.cancelPullRequest(about, "begun anew", { commitSha })
        assert.deepStrictEqual(yield* only("unheard of"), [])
        assert.deepStrictEqual(yield* only("other"), [plain.id])
        assert.deepStrictEqual(yield* only(about.commitSha), [kept.id])
      })
    )

    law(
      "a claim takes due jobs only, most urgent first, oldest first among equals",
      Effect.gen(function* () {
        const store = yield* JobStore
        const id = yield* worker
        yield* TestClock.adjust("1 minute")
        const push = yield* store.enqueue({ subject: subject(), trigger: "push" })
        const first = yield* store.enqueue({ subject: subject(), trigger: "opened" })
        const second = yield* store.enqueue({ subject: subject(), trigger: "opened" })
        const later = yield* store.enqueue({ subject: subject(), trigger: "command", delayMillis: 5_000 })
        const { jobs: claimed } = yield* store.claim(id, 2)
        assert.deepStrictEqual(
          claimed.map((one) => one.job.id),
          [first.id, second.id]
        )
        assert.deepStrictEqual(
          (yield* store.claim(id, 10)).jobs.map((one) => one.job.id),
          [push.id]
        )
        yield* TestClock.adjust("5 seconds")
        assert.deepStrictEqual(
          (yield* store.claim(id, 10)).jobs.map((one) => one.job.id),
          [later.id]
        )
      })
    )

    law(
      "racing claimers never get the same job",
      Effect.gen(function* () {
        const store = yield* JobStore
        const ids = yield* Effect.forEach(Array.from({ length: 20 }), () => enqueue())
        const workers = yield* Effect.all([worker, worker, worker, worker])
        const claims = yield* Effect.all(
          workers.flatMap((id) => [store.claim(id, 3), store.claim(id, 2)]),
          { concurrency: "unbounded" }
        )
        const claimed = claims.flatMap((one) => one.jobs).map((one) => one.job.id)
        assert.strictEqual(new Set(claimed).size, claimed.length)
        assert.strictEqual(claimed.length, ids.length)
      })
    )

    law(
      "at most one job of a pull request is processing, also when claimers race",
      Effect.gen(function* () {
        const store = yield* JobStore
        const about = subject()
        for (const kind of ["review", "command", "other"]) {
          yield* store.enqueue({ subject: about, trigger: "opened", kind })
        }
        const workers = yield* Effect.all([worker, worker, worker])
        const claims = yield* Effect.all(
          workers.map((id) => store.claim(id, 3)),
          { concurrency: "unbounded" }
        )
        const held = yield* theOnly(claims.flatMap((one) => one.jobs))
        yield* store.settle(held.lease, Disposition.Complete())
        yield* theOnly((yield* store.claim(held.lease.worker, 3)).jobs)
      })
    )

    law(
      "each claim raises the epoch, and nothing can be written under an older one",
      Effect.gen(function* () {
        const store = yield* JobStore
        yield* enqueue()
        const stale = yield* claimOne
        yield* TestClock.adjust("31 seconds")
        assert.strictEqual((yield* store.rescue).length, 1)
        const fresh = yield* claimOne
        assert.isAbove(fresh.lease.epoch, stale.lease.epoch)
        const before = yield* current(fresh)
        const reason = { _tag: "Failed", error: "Transient", message: "late" } as const
        const until = yield* DateTime.now
        for (const disposition of [
          Disposition.Complete(),
          Disposition.Retry({ reason, delay: Duration.zero }),
          Disposition.RetryAt({ reason, until }),
          Disposition.Snooze({ reason, until }),
          Disposition.Release({ reason }),
          Disposition.Fail({ reason }),
          Disposition.Cancel({ reason })
        ]) {
          const settled = yield* Effect.either(store.settle(stale.lease, disposition))
          assert.strictEqual(Either.isLeft(settled) && settled.left._tag, "LeaseLost")
        }
        for (const write of [store.check(stale.lease), store.saveStep(stale.lease, "k", 1)]) {
          const written = yield* Effect.either<void, { readonly _tag: string }, never>(write)
          assert.strictEqual(Either.isLeft(written) && written.left._tag, "LeaseLost")
        }
        assert.deepStrictEqual((yield* store.beat(stale.lease.worker, [stale.lease])).lost, [stale.lease])
        assert.deepStrictEqual(yield* current(fresh), before)
        assert.deepStrictEqual(yield* store.loadStep(fresh.job.id, "k"), Option.none())
        yield* store.settle(fresh.lease, Disposition.Complete())
        assert.strictEqual((yield* current(fresh)).status, "completed")
      })
    )

    law(
      "a worker that claims its own job again can't write under its earlier claim",
      Effect.gen(function* () {
        const store = yield* JobStore
        yield* enqueue()
        const id = yield* worker
        const stale = yield* theOnly((yield* store.claim(id, 1)).jobs)
        yield* TestClock.adjust("31 seconds")
        yield* store.rescue
        const fresh = yield* theOnly((yield* store.claim(id, 1)).jobs)
        const before = yield* current(fresh)
        const settled = yield* Effect.either(store.settle(stale.lease, Disposition.Complete()))
        assert.strictEqual(Either.isLeft(settled) && settled.left._tag, "LeaseLost")
        assert.deepStrictEqual((yield* store.beat(id, [stale.lease])).lost, [stale.lease])
        assert.deepStrictEqual(yield* current(fresh), before)
        assert.deepStrictEqual((yield* store.beat(id, [stale.lease, fresh.lease])).lost, [stale.lease])
      })
    )

    law(
      "a settled job can't be settled again",
      Effect.gen(function* () {
        const store = yield* JobStore
        yield* enqueue()
        const claimed = yield* claimOne
        yield* store.settle(claimed.lease, Disposition.Complete())
        const again = yield* Effect.either(store.settle(claimed.lease, Disposition.Complete()))
        assert.strictEqual(Either.isLeft(again) && again.left._tag, "LeaseLost")
      })
    )

    law(
      "success completes the job and clears what earlier failures left",
      Effect.gen(function* () {
        const store = yield* JobStore
        yield* enqueue()
        const first = yield* claimOne
        yield* store.settle(
          first.lease,
          Disposition.Retry({ reason: { _tag: "Defect", message: "oops" }, delay: Duration.zero })
        )
        yield* TestClock.adjust("1 second")
        const second = yield* claimOne
        yield* store.settle(second.lease, Disposition.Complete())
        const job = yield* current(second)
        assert.strictEqual(job.status, "completed")
        assert.isTrue(Option.isSome(job.completedAt))
        assert.isTrue(Option.isNone(job.errorMessage))
        assert.isTrue(Option.isNone(job.workerId))
        assert.isTrue(Option.isNone(job.leaseExpiresAt))
      })
    )

    law(
      "a counted failure waits for its backoff, and the last one fails the job",
      Effect.gen(function* () {
        const store = yield* JobStore
        yield* enqueue()
        const retry = Disposition.Retry({
          reason: { _tag: "Failed", error: "Transient", message: "GitHub answered 502" },
          delay: Duration.seconds(10)
        })
        for (let attempt = 1; attempt < settings.maxAttempts; attempt++) {
          const claimed = yield* claimOne
          yield* store.settle(claimed.lease, retry)
          const job = yield* current(claimed)
          assert.strictEqual(job.status, "pending")
          assert.strictEqual(job.attempts, attempt)
          assert.isTrue(Option.isNone(job.startedAt))
          assert.deepStrictEqual(job.errorMessage, Option.some("GitHub answered 502"))
          const id = yield* worker
          yield* TestClock.adjust("9 seconds")
          assert.strictEqual((yield* store.claim(id, 1)).jobs.length, 0)
          yield* TestClock.adjust("1 seconds")
        }
        const last = yield* claimOne
        yield* store.settle(last.lease, retry)
        const job = yield* current(last)
        assert.strictEqual(job.status, "failed")
        assert.strictEqual(job.attempts, settings.maxAttempts)
        assert.isTrue(Option.isSome(job.completedAt))
      })
    )

    law(
      "snooze and release count nothing; a snoozed job waits, a released one is claimable at once",
      Effect.gen(function* () {
        const store = yield* JobStore
        yield* enqueue()
        const first = yield* claimOne
        const until = DateTime.add(yield* DateTime.now, { hours: 1 })
        yield* store.settle(
          first.lease,
          Disposition.Snooze({ reason: { _tag: "Snoozed", message: "rate limited" }, until })
        )
        const snoozed = yield* current(first)
        assert.strictEqual(snoozed.attempts, 0)
        assert.strictEqual(snoozed.snoozes, 1)
        assert.deepStrictEqual(snoozed.runAt, until)
        yield* TestClock.adjust("59 minutes")
        assert.strictEqual((yield* store.claim(first.lease.worker, 1)).jobs.length, 0)
        yield* TestClock.adjust("1 minutes")
        const second = yield* claimOne
        yield* store.settle(second.lease, Disposition.Release({ reason: { _tag: "Drained" } }))
        const third = yield* claimOne
        assert.strictEqual(third.job.attempts, 0)
        assert.strictEqual(third.job.crashes, 0)
      })
    )

    law(
      "a time to wait for that is past already means now",
      Effect.gen(function* () {
        const store = yield* JobStore
        yield* enqueue()
        yield* TestClock.adjust("1 minute")
        const now = yield* DateTime.now
        const until = DateTime.subtract(now, { seconds: 30 })
        const reason = { _tag: "Snoozed", message: "rate limited" } as const
        for (const late of [Disposition.Snooze({ reason, until }), Disposition.RetryAt({ reason, until })]) {
          const claimed = yield* claimOne
          yield* store.settle(claimed.lease, late)
          assert.deepStrictEqual((yield* current(claimed)).runAt, now)
        }
      })
    )

    law(
      "a job that never had an attempt fails, and says why",
      Effect.gen(function* () {
        const store = yield* JobStore
        const { id } = yield* store.enqueue({ subject: subject(), trigger: "opened", maxAttempts: 0 })
        assert.strictEqual((yield* theOnly(yield* store.rescue)).to, "failed")
        const job = Option.getOrThrow(yield* store.find(id))
        assert.deepStrictEqual(job.errorMessage, Option.some("no attempts left"))
      })
    )

    law(
      "beats keep a lease for ever; without them it runs out and the job is rescued",
      Effect.gen(function* () {
        const store = yield* JobStore
        yield* enqueue()
        const claimed = yield* claimOne
        for (let beat = 0; beat < 10; beat++) {
          yield* TestClock.adjust("20 seconds")
          assert.deepStrictEqual(yield* store.beat(claimed.lease.worker, [claimed.lease]), {
            lost: [],
            cancelled: []
          })
          assert.deepStrictEqual(yield* store.rescue, [])
        }
        yield* TestClock.adjust("31 seconds")
        const rescued = yield* theOnly(yield* store.rescue)
        assert.deepStrictEqual(rescued, {
          id: claimed.job.id,
          to: "pending",
          reason: { _tag: "WorkerDied", worker: claimed.lease.worker, seenBy: "lease" }
        })
        const job = yield* current(claimed)
        assert.strictEqual(job.crashes, 1)
        assert.strictEqual(job.attempts, 0)
      })
    )

    law(
      "a worker whose session ended and which no longer beats is dead long before its lease runs out",
      Effect.gen(function* () {
        const store = yield* JobStore
        yield* enqueue()
        const id = yield* worker
        const stands = yield* Deferred.make<void>()
        const session = yield* store.session(id).pipe(
          Stream.runForEach(() => Deferred.succeed(stands, undefined)),
          Effect.fork
        )
        yield* Deferred.await(stands)
        const claimed = yield* theOnly((yield* store.claim(id, 1)).jobs)
        yield* store.beat(id, [claimed.lease])
        yield* TestClock.adjust("10 seconds")
        assert.deepStrictEqual(yield* store.rescue, [], "silent, but its session stands")
        yield* Fiber.interrupt(session)
        yield* store.beat(id, [claimed.lease])
        assert.deepStrictEqual(yield* store.rescue, [], "without a session, but it beats")
        yield* TestClock.adjust(Duration.sum(settings.deadAfter, Duration.millis(100)))
        const rescued = yield* theOnly(yield* store.rescue)
        assert.deepStrictEqual(rescued.reason, { _tag: "WorkerDied", worker: id, seenBy: "session" })
      })
    )

    law(
      "a worker that never had a session is judged by its lease only",
      Effect.gen(function* () {
        const store = yield* JobStore
        yield* enqueue()
        yield* claimOne
        yield* TestClock.adjust("29 seconds")
        assert.deepStrictEqual(yield* store.rescue, [])
      })
    )

    law(
      "a job that keeps killing its workers fails",
      Effect.gen(function* () {
        const store = yield* JobStore
        yield* enqueue()
        for (let crash = 1; crash < settings.maxCrashes; crash++) {
          yield* claimOne
          yield* TestClock.adjust("31 seconds")
          assert.strictEqual((yield* theOnly(yield* store.rescue)).to, "pending")
        }
        const last = yield* claimOne
        yield* TestClock.adjust("31 seconds")
        assert.strictEqual((yield* theOnly(yield* store.rescue)).to, "failed")
        const job = yield* current(last)
        assert.strictEqual(job.crashes, settings.maxCrashes)
        assert.isTrue(Option.isSome(job.errorMessage))
      })
    )

    law(
      "work that is asked for again while its job is being stopped is not lost with that job",
      Effect.gen(function* () {
        const store = yield* JobStore
        const request = { subject: subject(), trigger: "opened" } as const
        const first = yield* store.enqueue(request)
        const running = yield* claimOne
        yield* store.cancelPullRequest(request.subject, "the pull request was closed")
        const again = yield* store.enqueue(request)
        assert.isTrue(again.created)
        assert.notStrictEqual(again.id, first.id)
        assert.strictEqual((yield* store.claim(running.lease.worker, 3)).jobs.length, 0, "one at a time")
        yield* store.settle(running.lease, Disposition.Complete())
        yield* theOnly((yield* store.claim(running.lease.worker, 3)).jobs)
      })
    )

    law(
      "an idle worker's first job is not taken for a dead one's, though its session is just broken",
      Effect.gen(function* () {
        const store = yield* JobStore
        yield* enqueue()
        const id = yield* worker
        yield* Stream.runDrain(Stream.take(store.session(id), 1))
        yield* TestClock.adjust("9 seconds")
        yield* theOnly((yield* store.claim(id, 1)).jobs)
        assert.deepStrictEqual(yield* store.rescue, [])
      })
    )

    law(
      "a message with characters that a database can't store settles its job all the same",
      Effect.gen(function* () {
        const store = yield* JobStore
        yield* enqueue({ title: "a\u0000b" })
        const claimed = yield* claimOne
        const message = "half \ud83d and \u0000"
        yield* store.saveStep(claimed.lease, "step", { message })
        yield* store.settle(
          claimed.lease,
          Disposition.Fail({ reason: { _tag: "Failed", error: "Permanent", message } })
        )
        assert.strictEqual((yield* current(claimed)).status, "failed")
      })
    )

    law(
      "an orphan that was asked to stop is cancelled, not run again",
      Effect.gen(function* () {
        const store = yield* JobStore
        const about = subject()
        yield* store.enqueue({ subject: about, trigger: "opened" })
        const claimed = yield* claimOne
        yield* store.cancelPullRequest(about, "closed")
        yield* TestClock.adjust("31 seconds")
        assert.strictEqual((yield* theOnly(yield* store.rescue)).to, "cancelled")
        assert.strictEqual((yield* current(claimed)).status, "cancelled")
      })
    )

    law(
      "the first output saved for a step stays, and survives the claim",
      Effect.gen(function* () {
        const store = yield* JobStore
        yield* enqueue()
        const first = yield* claimOne
        assert.deepStrictEqual(yield* store.loadStep(first.job.id, "review"), Option.none())
        yield* store.saveStep(first.lease, "review", { id: 42, text: "it's \u{1F600}" })
        yield* store.saveStep(first.lease, "review", { id: 43 })
        yield* store.settle(first.lease, Disposition.Release({ reason: { _tag: "Drained" } }))
        const second = yield* claimOne
        assert.deepStrictEqual(
          yield* store.loadStep(second.job.id, "review"),
          Option.some({ id: 42, text: "it's \u{1F600}" })
        )
      })
    )

    law(
      "a step's output is recalled by any later job of the same pull request, and by no other's",
      Effect.gen(function* () {
        const store = yield* JobStore
        const about = subject()
        yield* store.enqueue({ subject: about, trigger: "opened" })
        const first = yield* claimOne
        yield* store.saveStep(first.lease, "answer", { bought: 1 })
        yield* store.settle(first.lease, Disposition.Complete())
        assert.deepStrictEqual(yield* store.recallStep(about, "answer"), Option.some({ bought: 1 }))
        yield* store.enqueue({ subject: { ...about, commitSha: "b" }, trigger: "push" })
        const second = yield* claimOne
        assert.deepStrictEqual(yield* store.loadStep(second.job.id, "answer"), Option.none())
        yield* store.saveStep(second.lease, "answer", { bought: 2 })
        assert.deepStrictEqual(yield* store.recallStep(about, "answer"), Option.some({ bought: 2 }))
        assert.deepStrictEqual(yield* store.recallStep(about, "other"), Option.none())
        const another = { ...about, pullRequest: about.pullRequest + 100_000 }
        assert.deepStrictEqual(yield* store.recallStep(another, "answer"), Option.none())
      })
    )

    law(
      "an enqueue, a release and a rescue give a hint to every open session",
      Effect.gen(function* () {
        const store = yield* JobStore
        const id = yield* worker
        const seen = yield* Deferred.make<void>()
        const ready = yield* Deferred.make<void>()
        let hints = 0
        const session = yield* store.session(id).pipe(
          Stream.runForEach(() => Deferred.succeed(++hints === 1 ? ready : seen, undefined)),
          Effect.fork
        )
        yield* Deferred.await(ready)
        yield* enqueue()
        yield* Deferred.await(seen)
        yield* Fiber.interrupt(session)
      })
    )

    law(
      "counts tell every state, and every line of the ledger is a legal transition with rising epochs",
      Effect.gen(function* () {
        const store = yield* JobStore
        const reason = { _tag: "Failed", error: "Permanent", message: "no" } as const
        const ends = [Disposition.Complete(), Disposition.Fail({ reason }), Disposition.Cancel({ reason })]
        const ids: Array<Claimed["job"]["id"]> = []
        for (const end of ends) {
          ids.push((yield* enqueue()).id)
          const claimed = yield* claimOne
          yield* store.settle(claimed.lease, end)
        }
        ids.push((yield* enqueue()).id)
        yield* claimOne
        ids.push((yield* enqueue()).id)
        assert.deepStrictEqual(yield* store.counts, {
          pending: 1,
          processing: 1,
          completed: 1,
          failed: 1,
          cancelled: 1
        })
        for (const id of ids) {
          const ledger = yield* store.transitions(id)
          ledger.reduce<{ status: string | null; epoch: number }>(
            (before, entry) => {
              assert.strictEqual(entry.from, before.status)
              assert.isTrue(isLegal(entry.from, entry.to), `${entry.from} → ${entry.to}`)
              assert.isAtLeast(entry.epoch, before.epoch)
              return { status: entry.to, epoch: entry.epoch }
            },
            { status: null, epoch: 0 }
          )
        }
      })
    )
  })
}
