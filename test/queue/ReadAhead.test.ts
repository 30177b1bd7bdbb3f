/** What a worker claims beyond its permits: when it does, when not, and what becomes of it. */
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Context, Deferred, Duration, Effect, Exit, Layer, Scope, TestClock } from "effect"
import { type JobHandler, JobHandlers } from "../../src/queue/JobHandlers.ts"
import * as Memory from "../../src/queue/JobStore/Memory.ts"
import { JobStore } from "../../src/queue/JobStore.ts"
import * as Queue from "../../src/queue/Queue.ts"
import { QueueSettings } from "../../src/queue/QueueSettings.ts"
import { withVirtualTime } from "../support/VirtualTime.ts"

const concurrency = 3

const job = (n: number) => ({
  subject: {
    installationId: n,
    owner: "acme",
    repo: "shop",
    pullRequest: n,
    title: "",
    commitSha: "a",
    baseBranch: "main"
  },
  trigger: "opened" as const
})

/** A worker whose store takes 5 ms to answer, with so many jobs waiting, which are handled in the order 1, 2, … */
const worker = (jobs: number, handle: (n: number) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const store = Context.get(yield* Layer.build(Memory.layer), JobStore)
    yield* store.enqueueAll(Arr.makeBy(jobs, (n) => job(n + 1)))
    const seen = { exchanges: 0, mostWanted: 0, running: 0, mostRunning: 0, started: 0 }
    const review: JobHandler = ({ job: { subject } }) =>
      Effect.acquireUseRelease(
        Effect.sync(() => {
          seen.started++
          seen.mostRunning = Math.max(seen.mostRunning, ++seen.running)
        }),
        () => handle(subject.pullRequest),
        () => Effect.sync(() => seen.running--)
      )
    const scope = yield* Scope.make()
    yield* Layer.buildWithScope(
      Queue.worker({ host: "test", pid: 1, version: "0" }).pipe(
        Layer.provide(Layer.succeed(JobHandlers, { review })),
        Layer.provide(
          Layer.succeed(JobStore, {
            ...store,
            exchange: (id, settlements, limit) =>
              Effect.sleep("5 millis").pipe(
                Effect.zipRight(store.exchange(id, settlements, limit)),
                Effect.tap(() => {
                  seen.exchanges++
                  seen.mostWanted = Math.max(seen.mostWanted, limit)
                })
              )
          })
        ),
        Layer.provide(Layer.succeed(QueueSettings, { ...QueueSettings.defaults, concurrency }))
      ),
      scope
    )
    return { scope, seen, store }
  })

const reasons = (store: typeof JobStore.Service) =>
  Effect.map(
    Effect.flatMap(store.list({ limit: 1000 }), (jobs) =>
      Effect.forEach(jobs, ({ attempts, crashes, id, status }) =>
        Effect.map(store.transitions(id), (lines) => ({
          counted: attempts + crashes,
          status,
          why: lines.map(({ why }) => why._tag)
        }))
      )
    ),
    (jobs) => jobs.filter(({ why }) => why.includes("Busy") || why.includes("Drained"))
  )

describe("a worker", () => {
  it.scoped("claims ahead when jobs are over before the store answers, and runs no more than it may", () =>
    Effect.gen(function* () {
      const jobs = 600
      const { seen, store } = yield* worker(jobs, () => Effect.sleep("1 millis"))
      yield* TestClock.adjust("1 seconds")
      assert.strictEqual((yield* store.counts).completed, jobs)
      assert.strictEqual(seen.started, jobs)
      assert.strictEqual(seen.mostRunning, concurrency)
      assert.isAtMost(seen.exchanges, jobs / concurrency / 3)
      assert.deepStrictEqual(yield* reasons(store), [])
    }).pipe(withVirtualTime)
  )

  it.scoped("claims nothing ahead of jobs that take longer than the store's answer", () =>
    Effect.gen(function* () {
      const { seen, store } = yield* worker(60, () => Effect.sleep("6 millis"))
      yield* TestClock.adjust("1 seconds")
      assert.strictEqual((yield* store.counts).completed, 60)
      assert.strictEqual(seen.mostWanted, concurrency)
    }).pipe(withVirtualTime)
  )

  const brief = 60

  it.scoped(
    "soon gives back, uncounted, what it claimed ahead of jobs that are not over soon after all",
    () =>
      Effect.gen(function* () {
        const { seen, store } = yield* worker(200, (n) => Effect.sleep(n <= brief ? "1 millis" : "1 hours"))
        yield* TestClock.adjust("500 millis")
        assert.isAbove(seen.mostWanted, concurrency)
        const { completed, pending, processing } = yield* store.counts
        assert.deepStrictEqual(
          { completed, pending, processing },
          { completed: brief, pending: 137, processing: 3 }
        )
        const given = yield* reasons(store)
        assert.isNotEmpty(given)
        for (const one of given) assert.deepInclude(one, { counted: 0, status: "pending" })
      }).pipe(withVirtualTime)
  )

  it.scoped("gives back what it claimed ahead as soon as a shutdown begins", () =>
    Effect.gen(function* () {
      const isLong = yield* Deferred.make<void>()
      const { scope, store } = yield* worker(200, (n) =>
        n <= brief
          ? Effect.sleep("1 millis")
          : Effect.zipRight(Deferred.succeed(isLong, undefined), Effect.sleep("2 seconds"))
      )
      yield* Effect.raceFirst(Deferred.await(isLong), TestClock.adjust("1 seconds"))
      assert.isAbove((yield* store.counts).processing, concurrency)
      const closed = yield* Effect.forkDaemon(Scope.close(scope, Exit.void))
      yield* TestClock.adjust("50 millis")
      assert.isNull(closed.unsafePoll(), "what runs has its grace")
      assert.isAtMost((yield* store.counts).processing, concurrency)
      yield* TestClock.adjust(Duration.seconds(3))
      assert.isNotNull(closed.unsafePoll(), "the shutdown hangs")
      assert.strictEqual((yield* store.counts).processing, 0)
      for (const one of yield* reasons(store)) assert.deepInclude(one, { counted: 0, status: "pending" })
    }).pipe(withVirtualTime)
  )
})
