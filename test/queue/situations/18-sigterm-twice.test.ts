import { assert, describe, it } from "@effect/vitest"
import { Clock, Deferred, Duration, Effect, Fiber, Schedule } from "effect"
import * as TestDatabase from "../../support/TestDatabase.ts"
import * as WorkerProcess from "../WorkerProcess.ts"
import * as Bystander from "./Bystander.ts"
import { untilDraining } from "./untilDraining.ts"

/** Far below the grace, which is 25 s, and generous to a busy machine. */
const prompt = Duration.seconds(10)

const settings = {
  lease: Duration.seconds(5),
  beatEvery: Duration.millis(200),
  pollEvery: Duration.millis(200),
  rescueEvery: Duration.millis(200)
}

type Client = Effect.Effect.Success<ReturnType<typeof Bystander.make>>

const start = Effect.gen(function* () {
  const url = yield* TestDatabase.url
  const bystander = yield* Bystander.make(url)
  const worker = yield* WorkerProcess.start(url, settings)
  /** Ends in order, soon. */
  const endsPromptly = Effect.gen(function* () {
    const before = yield* Clock.currentTimeMillis
    assert.deepStrictEqual(yield* worker.ended, { code: 0, signal: null })
    assert.isAtMost((yield* Clock.currentTimeMillis) - before, Duration.toMillis(prompt))
  })
  return { bystander, endsPromptly, url, worker }
})

/** Has the next claim wait in the midst of its statement, with a job to bring, until it is released. */
const holdClaim = ({ enqueue, sql }: Client) =>
  Effect.gen(function* () {
    const locked = yield* Deferred.make<void>()
    const enqueued = yield* Deferred.make<void>()
    const letGo = yield* Deferred.make<void>()
    const keeper = yield* sql`lock table review_jobs in share mode`.pipe(
      Effect.zipRight(Deferred.succeed(locked, undefined)),
      Effect.zipRight(enqueue({ do: "complete" })),
      Effect.tap(() => Deferred.succeed(enqueued, undefined)),
      Effect.zipLeft(Deferred.await(letGo)),
      sql.withTransaction,
      Effect.fork
    )
    yield* Deferred.await(enqueued)
    const waits = sql`
      select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query like '%exchange%'`
    yield* Effect.repeat(waits, {
      until: (rows) => rows.length > 0,
      schedule: Schedule.spaced("10 millis")
    })
    return {
      release: Effect.zipRight(
        Deferred.succeed(letGo, undefined),
        Effect.map(Fiber.join(keeper), ({ id }) => id)
      )
    }
  })

describe("18. A second SIGTERM, or SIGTERM during a claim → prompt exit; what had not started is given back or rescued", () => {
  it.scopedLive("a second SIGTERM", () =>
    Effect.gen(function* () {
      const { bystander, endsPromptly, worker } = yield* start
      const { id } = yield* bystander.enqueue({ do: "hang" })
      yield* worker.saw("started", id)
      yield* worker.signal("SIGTERM")
      yield* untilDraining(bystander)
      yield* worker.signal("SIGTERM")
      yield* endsPromptly
      const { attempts, crashes, status } = yield* bystander.job(id)
      assert.deepStrictEqual({ attempts, crashes, status }, { attempts: 0, crashes: 0, status: "pending" })
    })
  )

  it.scopedLive("SIGTERM during a claim that is answered", () =>
    Effect.gen(function* () {
      const { bystander, endsPromptly, url, worker } = yield* start
      const { release } = yield* holdClaim(bystander)
      yield* worker.signal("SIGTERM")
      yield* untilDraining(bystander)
      const id = yield* release
      yield* endsPromptly
      yield* neverStarted(bystander, worker, id)
      const rows = yield* bystander.sql`select status, attempts, crashes from review_jobs`
      assert.deepStrictEqual(rows, [{ status: "pending", attempts: 0, crashes: 0 }])
      yield* WorkerProcess.start(url, settings)
      yield* bystander.until(id, "completed")
      yield* bystander.endedOnce([id], "completed")
    })
  )

  it.scopedLive("SIGTERM during a claim that is answered only when nobody is there any more", () =>
    Effect.gen(function* () {
      const { bystander, endsPromptly, url, worker } = yield* start
      const { release } = yield* holdClaim(bystander)
      yield* worker.signal("SIGTERM")
      yield* endsPromptly
      const id = yield* release
      yield* neverStarted(bystander, worker, id)
      yield* WorkerProcess.start(url, settings)
      yield* bystander.until(id, "completed")
      yield* bystander.endedOnce([id], "completed")
    })
  )
})

const neverStarted = (bystander: Client, worker: WorkerProcess.WorkerProcess, id: number) =>
  Effect.gen(function* () {
    assert.deepStrictEqual(
      worker.events().map(({ event }) => event),
      ["up", "drained"]
    )
    const rows = yield* bystander.sql`select attempts from review_jobs where id = ${id}`
    assert.deepStrictEqual(rows, [{ attempts: 0 }])
  })
