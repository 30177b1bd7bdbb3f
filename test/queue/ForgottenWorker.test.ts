import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import * as TestDatabase from "../support/TestDatabase.ts"
import * as Bystander from "./situations/Bystander.ts"

it.scopedLive("a worker that was away for days and comes back keeps what it claims", () =>
  Effect.gen(function* () {
    const { enqueue, job, sql, store } = yield* Bystander.make(yield* TestDatabase.url)
    const worker = yield* store.registerWorker({ host: "test", pid: process.pid, version: "0" })
    // A laptop slept for the weekend, and what it does first is to look for what is to be deleted.
    yield* sql`update workers set last_beat_at = now() - interval '2 days'`
    yield* store.prune
    const { id } = yield* enqueue({ do: "complete" })
    const { jobs } = yield* store.claim(worker, 1)
    assert.strictEqual(jobs.length, 1)
    yield* store.beat(
      worker,
      jobs.map(({ lease }) => lease)
    )
    assert.deepStrictEqual(yield* store.rescue, [])
    assert.strictEqual((yield* job(id)).status, "processing")
  })
)
