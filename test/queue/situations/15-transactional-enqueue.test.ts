import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber, Option, Schedule } from "effect"
import * as Proxy from "../../support/Proxy.ts"
import * as TestDatabase from "../../support/TestDatabase.ts"
import * as Bystander from "./Bystander.ts"
import * as Watched from "./Watched.ts"

/** A worker that has nothing but its poll: its session, and with it each hint, is refused. */
const setup = Effect.gen(function* () {
  const url = yield* TestDatabase.url
  const bystander = yield* Bystander.make(url)
  const { proxy, url: proxied } = yield* Proxy.before(url)
  yield* proxy.refuse(Proxy.named("holdfast worker"))
  const ran: Array<number> = []
  const worker = yield* Watched.start({
    url: proxied,
    settings: { pollEvery: Duration.millis(200) },
    handle: ({ job }) => Effect.sync(() => ran.push(job.id))
  })
  const polls = (times: number) => {
    const until = worker.asked.claims + times
    return Effect.repeat(
      Effect.sync(() => worker.asked.claims),
      { until: (claims) => claims >= until, schedule: Schedule.spaced("10 millis") }
    )
  }
  /** Enqueues in a transaction that stays open while the worker looks for work, and then ends like this. */
  const enqueue = <E>(end: Effect.Effect<void, E>) =>
    Effect.gen(function* () {
      const enqueued = yield* Deferred.make<number>()
      const proceed = yield* Deferred.make<void>()
      const transaction = yield* bystander.enqueue({ do: "complete" }).pipe(
        Effect.tap(({ id }) => Deferred.succeed(enqueued, id)),
        Effect.zipLeft(Deferred.await(proceed)),
        Effect.zipLeft(end),
        bystander.sql.withTransaction,
        Effect.fork
      )
      const id = yield* Deferred.await(enqueued)
      yield* polls(3)
      assert.notInclude(ran, id)
      yield* Deferred.succeed(proceed, undefined)
      return yield* Fiber.await(transaction)
    })
  return { bystander, enqueue, polls, ran, worker }
})

describe("15. Enqueue in a transaction that rolls back → never runs; commits → runs within one poll", () => {
  it.scopedLive("rolls back", () =>
    Effect.gen(function* () {
      const { bystander, enqueue, polls, ran } = yield* setup
      const exit = yield* enqueue(Effect.fail("changed my mind"))
      assert.isTrue(exit._tag === "Failure")
      const later = yield* bystander.enqueue({ do: "complete" })
      yield* bystander.until(later.id, "completed")
      yield* polls(3)
      assert.deepStrictEqual(ran, [later.id])
      const rows = yield* bystander.sql`
        select (select count(*)::integer from review_jobs) as jobs,
          (select count(*)::integer from job_transitions where job_id <> ${later.id}) as lines`
      assert.deepStrictEqual(rows, [{ jobs: 1, lines: 0 }])
    })
  )

  it.scopedLive("commits", () =>
    Effect.gen(function* () {
      const { bystander, enqueue, ran, worker } = yield* setup
      const exit = yield* enqueue(Effect.void)
      const { claims } = worker.asked
      const { created, id } = yield* exit
      assert.isTrue(created)
      yield* bystander.until(id, "completed")
      assert.deepStrictEqual(ran, [id])
      assert.isAtMost(Option.getOrThrow(Option.fromNullable(worker.claimedBy(id))) - claims, 1)
    })
  )
})
