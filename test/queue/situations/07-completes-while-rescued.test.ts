import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Duration, Effect, Fiber, Layer, Schedule } from "effect"
import * as Database from "../../../src/database/Database.ts"
import { Disposition } from "../../../src/queue/Disposition.ts"
import * as PostgresJobStore from "../../../src/queue/JobStore/Postgres.ts"
import { JobStore } from "../../../src/queue/JobStore.ts"
import { QueueSettings } from "../../../src/queue/QueueSettings.ts"
import * as TestDatabase from "../../support/TestDatabase.ts"
import * as Bystander from "./Bystander.ts"

const settings = { ...QueueSettings.defaults, lease: Duration.millis(1) }

/**
 * The queue as another schema shows it: the same tables, but who looks at the workers has to wait for a lock. The
 * rescuer does that in its scan, when the jobs that it sees are chosen and none is locked yet.
 */
const slowMotion = `
  create schema slow;
  create function slow.gate() returns boolean language plpgsql volatile as
    $$ begin perform pg_advisory_xact_lock_shared(7); return true; end $$;
  create view slow.review_jobs as select * from public.review_jobs;
  create view slow.job_transitions as select * from public.job_transitions;
  create view slow.workers as select * from public.workers where slow.gate()`

const setup = Effect.gen(function* () {
  const url = yield* TestDatabase.url
  const bystander = yield* Effect.provideService(Bystander.make(url), QueueSettings, settings)
  const { sql, store } = bystander
  const worker = yield* store.registerWorker({ host: "test", pid: process.pid, version: "0" })
  const { id } = yield* bystander.enqueue({ do: "complete" })
  const [claimed] = (yield* store.claim(worker, 1)).jobs
  if (claimed === undefined) return yield* Effect.dieMessage("nothing to claim")
  const hasExpired = sql`select from review_jobs where lease_expires_at < clock_timestamp()`
  yield* Effect.repeat(hasExpired, { until: (rows) => rows.length === 1 })
  return { bystander, url, id, lease: claimed.lease, sql, store }
})

const completedOnly = ({ bystander, id }: Effect.Effect.Success<typeof setup>) =>
  Effect.gen(function* () {
    const ledger = yield* bystander.store.transitions(id)
    assert.deepStrictEqual(
      ledger.map(({ to }) => to),
      ["pending", "processing", "completed"]
    )
    assert.strictEqual((yield* bystander.job(id)).status, "completed")
    assert.strictEqual((yield* bystander.job(id)).crashes, 0)
    assert.deepStrictEqual(yield* bystander.store.rescue, [])
  })

describe("7. A job completes between the rescuer's scan and its update → stays completed", () => {
  it.scopedLive("it has completed when the rescuer comes to lock it", () =>
    Effect.gen(function* () {
      const scene = yield* setup
      const { sql } = scene
      yield* sql.unsafe(slowMotion)
      const rescuer = yield* Layer.build(
        PostgresJobStore.layerWith({ schema: "slow" }).pipe(
          Layer.provide(Database.layerFromUrl({ url: scene.url, applicationName: "rescuer" }))
        )
      ).pipe(Effect.map(Context.get(JobStore)), Effect.provideService(QueueSettings, settings))

      const locked = yield* Deferred.make<void>()
      const open = yield* Deferred.make<void>()
      const gatekeeper = yield* sql`select pg_advisory_xact_lock(7)`.pipe(
        Effect.zipRight(Deferred.succeed(locked, undefined)),
        Effect.zipRight(Deferred.await(open)),
        sql.withTransaction,
        Effect.fork
      )
      yield* Deferred.await(locked)
      const rescue = yield* Effect.fork(rescuer.rescue)
      const waits = sql`
        select from pg_stat_activity
        where datname = current_database() and application_name = 'rescuer' and wait_event_type = 'Lock'`
      yield* Effect.repeat(waits, {
        until: (rows) => rows.length === 1,
        schedule: Schedule.spaced("10 millis")
      })
      yield* scene.store.settle(scene.lease, Disposition.Complete())
      yield* Deferred.succeed(open, undefined)
      yield* Fiber.join(gatekeeper)
      assert.deepStrictEqual(yield* Fiber.join(rescue), [])
      yield* completedOnly(scene)
    })
  )

  it.scopedLive("it is completing, and not committed, when the rescuer comes to lock it", () =>
    Effect.gen(function* () {
      const scene = yield* setup
      const { lease, sql, store } = scene
      const settled = yield* Deferred.make<void>()
      const commit = yield* Deferred.make<void>()
      const completion = yield* store
        .settle(lease, Disposition.Complete())
        .pipe(
          Effect.zipRight(Deferred.succeed(settled, undefined)),
          Effect.zipRight(Deferred.await(commit)),
          sql.withTransaction,
          Effect.fork
        )
      yield* Deferred.await(settled)
      assert.deepStrictEqual(yield* store.rescue, [])
      yield* Deferred.succeed(commit, undefined)
      yield* Fiber.join(completion)
      yield* completedOnly(scene)
    })
  )
})
