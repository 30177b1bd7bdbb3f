import { assert, it } from "@effect/vitest"
import { Clock, Duration, Effect } from "effect"
import * as TestDatabase from "../../support/TestDatabase.ts"
import * as WorkerProcess from "../WorkerProcess.ts"
import * as Bystander from "./Bystander.ts"

const grace = Duration.seconds(1)
/** As the operations page promises. */
const deadline = Duration.sum(grace, Duration.seconds(10))

it.scopedLive(
  "17. SIGTERM, the job ignores interruption → exit at the deadline, nothing counted, claimable at once",
  () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.url
      const bystander = yield* Bystander.make(url)
      const worker = yield* WorkerProcess.start(url, { shutdownGrace: grace })
      const { id } = yield* bystander.enqueue({ do: "ignoreInterrupt", millis: 600_000 })
      yield* worker.saw("started", id)
      const signalled = yield* Clock.currentTimeMillis
      yield* worker.signal("SIGTERM")
      assert.deepStrictEqual(yield* worker.ended, { code: 0, signal: null })
      const took = (yield* Clock.currentTimeMillis) - signalled
      assert.isAtLeast(took, Duration.toMillis(grace))
      assert.isAtMost(took, Duration.toMillis(deadline))

      const { attempts, crashes, snoozes, status } = yield* bystander.job(id)
      assert.deepStrictEqual(
        { attempts, crashes, snoozes, status },
        { attempts: 0, crashes: 0, snoozes: 0, status: "pending" }
      )
      const other = yield* bystander.store.registerWorker({ host: "test", pid: process.pid, version: "0" })
      const { jobs } = yield* bystander.store.claim(other, 10)
      assert.deepStrictEqual(
        jobs.map(({ job, lease }) => [job.id, Number(lease.epoch)]),
        [[id, 2]]
      )
      const ledger = yield* bystander.store.transitions(id)
      assert.deepStrictEqual(
        ledger.map(({ to, why }) => [to, why._tag]),
        [
          ["pending", "Enqueued"],
          ["processing", "Claimed"],
          ["pending", "Drained"],
          ["processing", "Claimed"]
        ]
      )
    })
)
