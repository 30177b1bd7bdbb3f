/** The laws of a `JobStore` under load: caps, quarantine, exchanges, batches, retention, the live ledger. */
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Duration, Effect, Fiber, type Layer, Option, Stream, TestClock } from "effect"
import { Disposition } from "../../src/queue/Disposition.ts"
import type { JobId, WorkerId } from "../../src/queue/Job.ts"
import { JobStore } from "../../src/queue/JobStore.ts"
import { QueueSettings } from "../../src/queue/QueueSettings.ts"
import { subject, theOnly, worker } from "./JobStoreSuite.ts"

const settings = {
  ...QueueSettings.defaults,
  lease: Duration.seconds(30),
  maxCrashes: 4,
  perInstallation: 2,
  quarantineAfter: 2
}

const enqueue = (installationId: number) =>
  Effect.flatMap(JobStore, (store) =>
    store.enqueue({ subject: subject({ installationId }), trigger: "opened" })
  )

const claim = (id: WorkerId, limit: number) =>
  Effect.flatMap(JobStore, (store) => Effect.map(store.claim(id, limit), ({ jobs }) => jobs))

const idsOf = (claimed: ReadonlyArray<{ readonly job: { readonly id: JobId } }>) =>
  claimed.map(({ job }) => job.id)

const complete = Disposition.Complete()

/** Has the only due job's worker die so many times. */
const crash = (times: number) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    for (let crashes = 0; crashes < times; crashes++) {
      yield* theOnly(yield* claim(yield* worker, 1))
      yield* TestClock.adjust("31 seconds")
      yield* theOnly(yield* store.rescue)
    }
  })

export const loadSuite = <E>(name: string, makeLayer: () => Layer.Layer<JobStore, E>) => {
  const law = (sentence: string, body: Effect.Effect<void, unknown, JobStore>) =>
    it.effect(
      sentence,
      () => body.pipe(Effect.provide(makeLayer()), Effect.provideService(QueueSettings, settings)),
      60_000
    )

  describe(`JobStore laws under load: ${name}`, () => {
    law(
      "an installation never has more jobs processing than its cap, also when many claimers race, and others pass it",
      Effect.gen(function* () {
        const store = yield* JobStore
        const many = yield* Effect.forEach(Array.from({ length: 12 }), () => enqueue(1))
        const other = yield* enqueue(2)
        const workers = yield* Effect.all([worker, worker, worker, worker])
        const claims = yield* Effect.forEach([...workers, ...workers], (id) => claim(id, 3), {
          concurrency: "unbounded"
        })
        const claimed = claims.flat()
        const ofMany = claimed.filter(({ job }) => job.subject.installationId === 1)
        assert.strictEqual(ofMany.length, 2)
        assert.include(idsOf(claimed), other.id)
        const [first] = ofMany
        if (first === undefined) return
        yield* store.settle(first.lease, complete)
        const next = yield* theOnly(yield* claim(first.lease.worker, 3))
        assert.include(
          many.map(({ id }) => id),
          next.job.id
        )
      })
    )

    law(
      "a long backlog of an installation at its cap does not hide the others behind it",
      Effect.gen(function* () {
        const store = yield* JobStore
        const id = yield* worker
        yield* store.enqueueAll(
          Array.from({ length: 200 }, () => ({
            subject: subject({ installationId: 1 }),
            trigger: "command" as const
          }))
        )
        assert.strictEqual((yield* claim(id, 3)).length, 2)
        const hidden = [yield* enqueue(2), yield* enqueue(3)]
        assert.deepStrictEqual(
          idsOf(yield* claim(id, 3)),
          hidden.map((one) => one.id)
        )
      })
    )

    law(
      "a job that killed its workers is quarantined: no claim takes it but the one that wants it alone",
      Effect.gen(function* () {
        const store = yield* JobStore
        const { id } = yield* enqueue(1)
        yield* crash(2)
        const other = yield* enqueue(1)
        const me = yield* worker
        const claims = yield* store.claim(me, 3)
        assert.deepStrictEqual(idsOf(claims.jobs), [other.id])
        assert.isTrue(claims.quarantined)
        const alone = Option.getOrThrow(yield* store.claimQuarantined(me))
        assert.strictEqual(alone.job.id, id)
        assert.isFalse((yield* store.claim(me, 3)).quarantined)
        assert.isTrue(Option.isNone(yield* store.claimQuarantined(me)))
      })
    )

    law(
      "a quarantined job that its installation's cap holds back is not said to be due",
      Effect.gen(function* () {
        const store = yield* JobStore
        yield* enqueue(1)
        yield* crash(2)
        yield* enqueue(1)
        yield* enqueue(1)
        const me = yield* worker
        const claims = yield* store.claim(me, 3)
        assert.strictEqual(claims.jobs.length, 2)
        assert.isFalse(claims.quarantined)
        assert.isTrue(Option.isNone(yield* store.claimQuarantined(me)))
      })
    )

    law(
      "an exchange settles, claims, and tells which leases were lost",
      Effect.gen(function* () {
        const store = yield* JobStore
        const me = yield* worker
        yield* enqueue(1)
        const stale = yield* theOnly(yield* claim(me, 1))
        yield* TestClock.adjust("31 seconds")
        yield* store.rescue
        const held = yield* theOnly(yield* claim(me, 1))
        const next = yield* enqueue(2)
        const exchanged = yield* store.exchange(
          me,
          [
            { lease: stale.lease, disposition: complete },
            { lease: held.lease, disposition: complete }
          ],
          3
        )
        assert.deepStrictEqual(exchanged.lost, [stale.lease])
        assert.deepStrictEqual(idsOf(exchanged.jobs), [next.id])
        assert.strictEqual(Option.getOrThrow(yield* store.find(held.job.id)).status, "completed")
      })
    )

    law(
      "what a worker holds without knowing it is given back, uncounted; what it knows stays",
      Effect.gen(function* () {
        const store = yield* JobStore
        const me = yield* worker
        yield* enqueue(1)
        yield* enqueue(2)
        const [known, unknown] = yield* claim(me, 2)
        if (known === undefined || unknown === undefined) return yield* Effect.dieMessage("not claimed")
        assert.deepStrictEqual(yield* store.disown(me, [known.lease]), [unknown.job.id])
        const job = Option.getOrThrow(yield* store.find(unknown.job.id))
        assert.deepStrictEqual([job.status, job.attempts, job.crashes], ["pending", 0, 0])
        assert.strictEqual((yield* store.transitions(job.id)).at(-1)?.why._tag, "ClaimLost")
        yield* store.settle(known.lease, complete)
        assert.deepStrictEqual(yield* store.disown(me, []), [])
      })
    )

    law(
      "a batch is enqueued as one after the other would be, and a duplicate holds up no other",
      Effect.gen(function* () {
        const store = yield* JobStore
        const about = subject()
        const job = (commitSha: string) => ({ subject: { ...about, commitSha }, trigger: "push" as const })
        const all = yield* store.enqueueAll([
          job("a"),
          { subject: subject(), trigger: "push" },
          job("a"),
          job("b"),
          job("a")
        ])
        const [first, other, again, newer, back] = all
        if (first === undefined || newer === undefined) return yield* Effect.dieMessage("no answer")
        assert.deepStrictEqual(again, { id: first.id, created: false, superseded: [] })
        assert.isTrue(other?.created)
        assert.deepStrictEqual(newer.superseded, [first.id])
        assert.deepStrictEqual(back?.superseded, [newer.id])
        assert.deepStrictEqual(yield* store.enqueueAll([]), [])
      })
    )

    law(
      "jobs are deleted once they are kept no longer, with their ledger and steps, and no others",
      Effect.gen(function* () {
        const store = yield* JobStore
        const me = yield* worker
        const completed = yield* enqueue(1)
        const failed = yield* enqueue(2)
        const waiting = yield* enqueue(3)
        const [first, second] = yield* claim(me, 2)
        if (first === undefined || second === undefined) return yield* Effect.dieMessage("not claimed")
        yield* store.saveStep(first.lease, "review", 1)
        yield* store.settle(first.lease, complete)
        yield* store.settle(
          second.lease,
          Disposition.Fail({ reason: { _tag: "Failed", error: "Permanent", message: "no" } })
        )
        assert.strictEqual(yield* store.prune, 0)
        yield* TestClock.adjust(Duration.sum(settings.retainCompleted, Duration.seconds(1)))
        assert.strictEqual(yield* store.prune, 1)
        assert.isTrue(Option.isNone(yield* store.find(completed.id)))
        assert.deepStrictEqual(yield* store.transitions(completed.id), [])
        assert.isTrue(Option.isNone(yield* store.loadStep(completed.id, "review")))
        yield* TestClock.adjust(settings.retainEnded)
        assert.strictEqual(yield* store.prune, 1)
        assert.isTrue(Option.isNone(yield* store.find(failed.id)))
        assert.isTrue(Option.isSome(yield* store.find(waiting.id)))
      })
    )
  })
}

/** Each line of the ledger comes once, in its job's order. Not for virtual time: the feed looks again after a pause. */
export const changesLaw = Effect.gen(function* () {
  const store = yield* JobStore
  const me = yield* worker
  const before = yield* enqueue(1)
  const lines = yield* Effect.fork(
    store.changes.pipe(
      Stream.filter((line) => line.jobId !== before.id),
      Stream.take(3),
      Stream.runCollect
    )
  )
  // The feed begins when it is run, so it may have missed what came before it looked for the first time.
  yield* Effect.sleep("200 millis")
  const { id } = yield* enqueue(2)
  const claimed = (yield* claim(me, 3)).find(({ job }) => job.id === id)
  if (claimed === undefined) return yield* Effect.dieMessage("not claimed")
  yield* store.settle(claimed.lease, complete)
  assert.deepStrictEqual(
    Chunk.toReadonlyArray(yield* Fiber.join(lines)).map((line) => [line.jobId, line.to]),
    [
      [id, "pending"],
      [id, "processing"],
      [id, "completed"]
    ]
  )
})
