import { assert, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Schedule } from "effect"
import * as TestDatabase from "../../support/TestDatabase.ts"
import * as Bystander from "./Bystander.ts"
import * as Watched from "./Watched.ts"

const request = {
  subject: {
    installationId: 1,
    owner: "acme",
    repo: "shop",
    pullRequest: 1,
    title: "Add a cart",
    commitSha: "c0ffee",
    baseBranch: "main"
  },
  trigger: "opened"
} as const

it.scopedLive(
  "20. Two concurrent enqueues of the same key, the first rolls back → exactly one job exists",
  () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.url
      const { sql, store, until } = yield* Bystander.make(url)
      const enqueued = yield* Deferred.make<void>()
      const rollBack = yield* Deferred.make<void>()
      const first = yield* store
        .enqueue(request)
        .pipe(
          Effect.zipRight(Deferred.succeed(enqueued, undefined)),
          Effect.zipRight(Deferred.await(rollBack)),
          Effect.zipRight(Effect.fail("changed my mind")),
          sql.withTransaction,
          Effect.fork
        )
      yield* Deferred.await(enqueued)
      const second = yield* Effect.fork(store.enqueue(request))
      const waits = sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
      yield* Effect.repeat(waits, {
        until: (rows) => rows.length === 1,
        schedule: Schedule.spaced("10 millis")
      })
      yield* Deferred.succeed(rollBack, undefined)
      assert.isTrue(Exit.isFailure(yield* Fiber.await(first)))
      const { created, id } = yield* Fiber.join(second)
      assert.isTrue(created)
      const rows = yield* sql`select id::integer, status from review_jobs`
      assert.deepStrictEqual(rows, [{ id: Number(id), status: "pending" }])
      // And it is a job like any other.
      yield* Watched.start({ url, handle: () => Effect.void })
      yield* until(id, "completed")
    })
)
