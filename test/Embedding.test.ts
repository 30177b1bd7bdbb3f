/** The queue in somebody else's program, through the public surface only: as a Layer, with a handler of their own. */
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import {
  Context,
  Deferred,
  Duration,
  Effect,
  Exit,
  Layer,
  Option,
  Ref,
  Schedule,
  Scope,
  TestClock
} from "effect"
import {
  Database,
  DatabaseUrl,
  type Job,
  JobError,
  type JobHandler,
  JobHandlers,
  JobStore,
  MemoryJobStore,
  PostgresJobStore,
  Queue,
  QueueSettings,
  WorkerPool
} from "../src/index.ts"
import * as TestDatabase from "./support/TestDatabase.ts"

const subject = (pullRequest: number): Job.Subject => ({
  installationId: 1,
  owner: "acme",
  repo: "shop",
  pullRequest,
  title: "Add a cart",
  commitSha: "c0ffee",
  baseBranch: "main"
})

const info = { host: "here", pid: 1, version: "1" }

const worker = (handle: JobHandler) =>
  Queue.worker(info).pipe(Layer.provide(Layer.succeed(JobHandlers, { review: handle })))

describe("embedding the queue", () => {
  it.scoped("a typed error decides when the job runs again, and time is the test's to move", () =>
    Effect.gen(function* () {
      const runs = yield* Ref.make(0)
      const handle: JobHandler = () =>
        Effect.gen(function* () {
          const run = yield* Ref.updateAndGet(runs, (count) => count + 1)
          if (run === 1) return yield* new JobError.Transient({ message: "the other side hung up" })
        })
      const context = yield* Layer.build(Layer.provideMerge(worker(handle), MemoryJobStore.layer))
      const store = Context.get(context, JobStore)
      const { id } = yield* store.enqueue({ subject: subject(1), trigger: "opened" })
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* Ref.get(runs), 2)
      const job = Option.getOrThrow(yield* store.find(id))
      assert.deepStrictEqual([job.status, job.attempts], ["completed", 1])
      assert.deepStrictEqual(yield* Context.get(context, WorkerPool).stats, {
        pending: 0,
        processing: 0,
        completed: 1,
        failed: 0,
        cancelled: 0,
        active: 0
      })
    })
  )

  it.scopedLive("an enqueue is part of the embedder's transaction", () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.url
      const context = yield* Layer.build(
        PostgresJobStore.layer.pipe(Layer.provideMerge(Database.layerFromUrl({ url })))
      )
      const store = Context.get(context, JobStore)
      const sql = Context.get(context, SqlClient.SqlClient)
      const enqueue = store.enqueue({ subject: subject(1), trigger: "opened" })
      yield* Effect.exit(sql.withTransaction(Effect.zipRight(enqueue, Effect.fail("changed my mind"))))
      assert.strictEqual((yield* store.counts).pending, 0)
      yield* sql.withTransaction(enqueue)
      assert.strictEqual((yield* store.counts).pending, 1)
    })
  )

  it.scopedLive("the end of the embedder's scope drains: running jobs finish, waiting ones stay", () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.url
      const started = yield* Deferred.make<void>()
      const proceed = yield* Deferred.make<void>()
      const handle: JobHandler = () =>
        Effect.zipRight(Deferred.succeed(started, undefined), Deferred.await(proceed))
      const shared = yield* Layer.build(
        PostgresJobStore.layer.pipe(Layer.provideMerge(Database.layerFromUrl({ url })))
      )
      const store = Context.get(shared, JobStore)
      yield* store.enqueue({ subject: subject(1), trigger: "opened" })

      const scope = yield* Scope.make()
      const one = { ...QueueSettings.defaults, concurrency: 1, pollEvery: Duration.millis(100) }
      yield* Layer.buildWithScope(worker(handle), scope).pipe(
        Effect.provide(shared),
        Effect.provideService(QueueSettings, one)
      )
      yield* Deferred.await(started)
      yield* store.enqueue({ subject: subject(2), trigger: "opened" })
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
      yield* Deferred.succeed(proceed, undefined)
      yield* closing.await
      const { completed, pending, processing } = yield* store.counts
      assert.deepStrictEqual({ completed, pending, processing }, { completed: 1, pending: 1, processing: 0 })
    })
  )

  it.scopedLive("a program's own database URL is all that the store asks for", () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.url
      const handled = yield* Deferred.make<Job.JobId>()
      const context = yield* Layer.build(
        worker(({ job }) => Deferred.succeed(handled, job.id)).pipe(
          Layer.provideMerge(PostgresJobStore.layer),
          Layer.provide(Layer.provideMerge(Database.layer, DatabaseUrl.layer(url)))
        )
      )
      const store = Context.get(context, JobStore)
      const { id } = yield* store.enqueue({ subject: subject(1), trigger: "opened" })
      assert.strictEqual(yield* Deferred.await(handled), id)
      yield* store.counts.pipe(
        Effect.filterOrFail((counts) => counts.completed === 1),
        Effect.retry(Schedule.spaced("20 millis"))
      )
    })
  )
})
