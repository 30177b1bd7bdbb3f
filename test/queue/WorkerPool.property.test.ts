/**
 * What the queue promises whatever happens, checked on random histories of whole workers under virtual time: crashes,
 * drains, ways to the store that are cut for a while or lose answers, jobs that kill their process. support/Histories.ts
 * tells how to replay one.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import * as Histories from "../support/Histories.ts"
import { check, histories, told } from "./PoolHistories.ts"

/** What must have happened in some history, or the property says less than it seems to. */
const events = [
  "cancelled: Superseded",
  "completed: Succeeded",
  "failed: WorkerDied",
  "pending: ClaimLost",
  "pending: Drained",
  "pending: Interrupted",
  "pending: WorkerDied"
]

describe("the worker pool, whatever happens", () => {
  it.live(
    "no job lost, one end for each, one run per epoch, the cap held, quarantine kept, attempts ≤ max, bounded drains",
    () =>
      Effect.gen(function* () {
        const { failure, tally } = yield* Histories.check(histories, (one) => check(one), { numRuns: 200 })
        Option.map(failure, ({ history, message }) => assert.fail(`${message}\n${told(history)}`))
        for (const event of events) assert.isTrue(tally.has(event), `never happened: ${event}`)
      }),
    240_000
  )
})
