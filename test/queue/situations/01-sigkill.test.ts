import { assert, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Schema } from "effect"
import * as TestDatabase from "../../support/TestDatabase.ts"
import * as WorkerProcess from "../WorkerProcess.ts"
import * as Bystander from "./Bystander.ts"

const decodeNow = Schema.decodeUnknown(Schema.Tuple(Schema.Struct({ now: Schema.DateTimeUtcFromDate })))

it.scopedLive("1. SIGKILL mid-job → another worker has it within 5 s", () =>
  Effect.gen(function* () {
    const url = yield* TestDatabase.url
    const bystander = yield* Bystander.make(url)
    const killed = yield* WorkerProcess.start(url)
    const { id } = yield* bystander.enqueue([{ do: "hang" }, { do: "complete" }])
    yield* killed.saw("started", id)
    const other = yield* WorkerProcess.start(url)
    const [{ now }] = yield* Effect.flatMap(bystander.sql`select clock_timestamp() as now`, decodeNow)
    yield* killed.signal("SIGKILL")
    yield* other.saw("started", id)
    yield* bystander.until(id, "completed")
    const claims = (yield* bystander.store.transitions(id)).filter(({ why }) => why._tag === "Claimed")
    assert.deepStrictEqual(
      claims.map(({ epoch }) => Number(epoch)),
      [1, 2]
    )
    // By the database's clock, so that it is the queue that is measured and not the test's way of looking.
    const after = claims.slice(1).map(({ at }) => DateTime.distance(now, at))
    assert.isTrue(
      after.every((millis) => millis >= 0 && millis <= Duration.toMillis("5 seconds")),
      `${after}`
    )
    yield* bystander.endedOnce([id], "completed")
    assert.deepStrictEqual(yield* killed.ended, { code: null, signal: "SIGKILL" })
  })
)
