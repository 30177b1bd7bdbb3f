import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import * as TestDatabase from "../../support/TestDatabase.ts"
import * as WorkerProcess from "../WorkerProcess.ts"
import * as Bystander from "./Bystander.ts"
import * as Gate from "./Gate.ts"
import { untilDraining } from "./untilDraining.ts"

it.scopedLive("16. SIGTERM, the job ends within the grace → completed, nothing running, exit 0", () =>
  Effect.gen(function* () {
    const url = yield* TestDatabase.url
    const bystander = yield* Bystander.make(url)
    const gate = yield* Gate.make
    const worker = yield* WorkerProcess.start(url)
    const { id } = yield* bystander.enqueue({ do: "await", file: gate.file })
    yield* worker.saw("started", id)
    yield* worker.signal("SIGTERM")
    yield* untilDraining(bystander)
    yield* gate.open
    assert.deepStrictEqual(yield* worker.ended, { code: 0, signal: null })
    assert.deepStrictEqual(
      worker.events().map(({ event }) => event),
      ["up", "started", "ended", "drained"]
    )
    const rows = yield* bystander.sql`select status, attempts, crashes from review_jobs`
    assert.deepStrictEqual(rows, [{ status: "completed", attempts: 0, crashes: 0 }])
    // It has signed off.
    assert.deepStrictEqual(yield* bystander.sql`select id from workers`, [])
    yield* bystander.endedOnce([id], "completed")
  })
)
