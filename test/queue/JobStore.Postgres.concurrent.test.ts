/** What only a database can get wrong: statements of two transactions that meet on one row. */
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Option, Schedule } from "effect"
import { Disposition } from "../../src/queue/Disposition.ts"
import * as Postgres from "../../src/queue/JobStore/Postgres.ts"
import { JobStore } from "../../src/queue/JobStore.ts"
import * as TestDatabase from "../support/TestDatabase.ts"

const store = Postgres.layer.pipe(Layer.provideMerge(TestDatabase.layer))

const subject = {
  installationId: 1,
  owner: "acme",
  repo: "shop",
  pullRequest: 1,
  title: "",
  commitSha: "a",
  baseBranch: "main"
}

/** Waits until some statement waits for a lock. */
const untilBlocked = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows =
    yield* sql`select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
  if (rows.length === 0) return yield* Effect.fail("not yet")
}).pipe(Effect.retry(Schedule.spaced("10 millis")))

/** Does the deed in a transaction that commits only once the other effect waits for it. */
const meeting = <A, E, R, B, E2, R2>(deed: Effect.Effect<A, E, R>, other: Effect.Effect<B, E2, R2>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const done = yield* Deferred.make<void>()
    const proceed = yield* Deferred.make<void>()
    const first = yield* deed.pipe(
      Effect.zipLeft(Deferred.succeed(done, undefined)),
      Effect.zipLeft(Deferred.await(proceed)),
      sql.withTransaction,
      Effect.fork
    )
    yield* Deferred.await(done)
    const second = yield* Effect.fork(other)
    yield* untilBlocked
    yield* Deferred.succeed(proceed, undefined)
    return [yield* Fiber.join(first), yield* Fiber.join(second)] as const
  })

describe("a job that changes its state at this moment", () => {
  it.scopedLive("is asked to stop when it is being claimed while its pull request is cancelled", () =>
    Effect.gen(function* () {
      const jobs = yield* JobStore
      const worker = yield* jobs.registerWorker({ host: "test", pid: 1, version: "0" })
      const { id } = yield* jobs.enqueue({ subject, trigger: "opened" })
      yield* meeting(jobs.claim(worker, 1), jobs.cancelPullRequest(subject, "closed"))
      const job = Option.getOrThrow(yield* jobs.find(id))
      assert.strictEqual(job.status, "processing")
      assert.isTrue(Option.isSome(job.cancelRequestedAt))
    }).pipe(Effect.provide(store))
  )

  it.scopedLive("is cancelled when it is being put back while its pull request is cancelled", () =>
    Effect.gen(function* () {
      const jobs = yield* JobStore
      const worker = yield* jobs.registerWorker({ host: "test", pid: 1, version: "0" })
      const { id } = yield* jobs.enqueue({ subject, trigger: "opened" })
      const [claimed] = (yield* jobs.claim(worker, 1)).jobs
      if (claimed === undefined) return yield* Effect.dieMessage("not claimed")
      yield* meeting(
        jobs.settle(claimed.lease, Disposition.Release({ reason: { _tag: "Drained" } })),
        jobs.cancelPullRequest(subject, "closed")
      )
      const job = Option.getOrThrow(yield* jobs.find(id))
      assert.strictEqual(job.status, "cancelled")
    }).pipe(Effect.provide(store))
  )
})
