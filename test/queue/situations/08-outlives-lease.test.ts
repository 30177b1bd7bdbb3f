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

it.scopedLive("8. A healthy job outlives its first lease many times over → one execution", () =>
  Effect.gen(function* () {
    const url = yield* TestDatabase.url
    const runs = yield* Ref.make(0)
    const finish = yield* Deferred.make<void>()
    const database = yield* really(Layer.build(Database.layerFromUrl({ url })))
    const queue = yield* Layer.build(PostgresJobStore.layerWith({ time: "injected" })).pipe(
      Effect.provide(database)
    )
    const store = Context.get(queue, JobStore)
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
    const job = Effect.map(store.find(id), Option.getOrThrow)
    const until = <A>(effect: Effect.Effect<A>, is: (value: A) => boolean) =>
      really(Effect.repeat(Effect.delay(effect, "1 millis"), { until: is }))

    yield* until(Ref.get(runs), (n) => n === 1)
    for (let second = 0; second < leases * Duration.toSeconds(lease); second++) {
      yield* TestClock.adjust("1 second")
      const due = DateTime.addDuration(yield* DateTime.now, Duration.subtract(lease, "2 seconds"))
      // The beat has come through, as it does within a second where all is well.
      yield* until(Effect.orDie(job), ({ leaseExpiresAt }) =>
        Option.exists(leaseExpiresAt, DateTime.greaterThanOrEqualTo(due))
      )
    }
    yield* Deferred.succeed(finish, undefined)
    yield* until(Effect.orDie(job), ({ status }) => status === "completed")

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
