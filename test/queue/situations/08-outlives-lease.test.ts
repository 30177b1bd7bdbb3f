import { assert, it } from "@effect/vitest"
import {
  Clock,
  Context,
  DateTime,
  Deferred,
  Duration,
  Effect,
  Layer,
  Logger,
  LogLevel,
  Option,
  Ref,
  TestClock
} from "effect"
import * as Database from "../../../src/database/Database.ts"
import { JobHandlers } from "../../../src/queue/JobHandlers.ts"
import * as PostgresJobStore from "../../../src/queue/JobStore/Postgres.ts"
import { JobStore } from "../../../src/queue/JobStore.ts"
import * as Queue from "../../../src/queue/Queue.ts"
import { QueueSettings } from "../../../src/queue/QueueSettings.ts"
import * as TestDatabase from "../../support/TestDatabase.ts"
import { withVirtualTime } from "../../support/VirtualTime.ts"

const leases = 6
const { lease } = QueueSettings.defaults

/** The worker's and the store's time is virtual and goes on second by second; the database takes what it takes. */
const really = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.withClock(effect, Clock.make())

/** Tells how many beats and rescues are under way. */
const counting = (store: JobStore["Type"], change: (by: number) => void): JobStore["Type"] => {
  const counted = <A, E>(effect: Effect.Effect<A, E>) =>
    Effect.acquireUseRelease(
      Effect.sync(() => change(1)),
      () => effect,
      () => Effect.sync(() => change(-1))
    )
  return {
    ...store,
    beat: (worker, leases) => counted(store.beat(worker, leases)),
    rescue: counted(store.rescue)
  }
}

it.scopedLive("8. A healthy job outlives its first lease many times over → one execution", () =>
  Effect.gen(function* () {
    const url = yield* TestDatabase.url
    const runs = yield* Ref.make(0)
    const finish = yield* Deferred.make<void>()
    const database = yield* really(Layer.build(Database.layerFromUrl({ url })))
    const queue = yield* Layer.build(PostgresJobStore.layerWith({ time: "injected" })).pipe(
      Effect.provide(database)
    )
    let asked = 0
    const store = counting(Context.get(queue, JobStore), (by) => {
      asked += by
    })
    const worker = Queue.worker({ host: "test", pid: process.pid, version: "0" }).pipe(
      Layer.provide(
        Layer.succeed(JobHandlers, {
          review: () =>
            Effect.zipRight(
              Ref.update(runs, (n) => n + 1),
              Deferred.await(finish)
            )
        })
      ),
      Layer.provide(Layer.succeed(JobStore, store))
    )
    // Two of them: the other one would rescue what it took for dead.
    yield* Layer.build(Layer.fresh(worker))
    yield* Layer.build(Layer.fresh(worker))
    const { id } = yield* store.enqueue({
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
    })
    const status = Effect.map(store.find(id), (job) => Option.getOrThrow(job).status)
    /** A second goes by, and what was asked of the database in it is answered. */
    const second = Effect.zipRight(
      TestClock.adjust("1 second"),
      really(
        Effect.repeat(
          Effect.delay(
            Effect.sync(() => asked),
            "1 millis"
          ),
          { until: (count) => count === 0 }
        )
      )
    )

    yield* Effect.repeat(Effect.zipRight(second, Ref.get(runs)), { until: (count) => count > 0 })
    yield* Effect.replicateEffect(second, leases * Duration.toSeconds(lease))
    yield* Deferred.succeed(finish, undefined)
    yield* Effect.repeat(Effect.zipRight(second, status), { until: (now) => now === "completed" })

    assert.strictEqual(yield* Ref.get(runs), 1)
    const ledger = yield* store.transitions(id)
    assert.deepStrictEqual(
      ledger.map(({ to }) => to),
      ["pending", "processing", "completed"]
    )
    const [, claimed, completed] = ledger
    assert.isAtLeast(
      DateTime.distance(claimed?.at ?? DateTime.unsafeMake(0), completed?.at ?? DateTime.unsafeMake(0)),
      leases * Duration.toMillis(lease)
    )
  }).pipe(withVirtualTime, Logger.withMinimumLogLevel(LogLevel.Error))
)
