/** The memory store, held against the model on random histories; support/Histories.ts tells how to replay one. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { check } from "../support/Histories.ts"
import { history } from "./model/Commands.ts"
import { run } from "./model/Run.ts"
import * as Stores from "./model/Stores.ts"

/** What must have happened in some history, or the property says less than it seems to. */
const events = [
  "beat: asked to stop",
  "beat: lost",
  "cancelled: Cancelled",
  "cancelled: Superseded",
  "check: LeaseLost",
  "check: Obsolete",
  "claimed from quarantine",
  "failed: NoAttemptsLeft",
  "failed: WorkerDied by lease",
  "lost in an exchange",
  "pending: ClaimLost",
  "pending: RetriedByOperator",
  "pending: Snoozed",
  "pending: WorkerDied by lease",
  "pending: WorkerDied by session",
  "pruned",
  "settle: LeaseLost"
]

describe("the memory store", () => {
  it.live(
    "does what the model allows, on 3,000 histories",
    () =>
      Effect.gen(function* () {
        const { failure, tally } = yield* check(history, (one) => run(Stores.memory(), one), {
          numRuns: 3_000
        })
        Option.map(failure, ({ message }) => assert.fail(message))
        for (const event of events) assert.isTrue(tally.has(event), `never happened: ${event}`)
      }),
    240_000
  )
})
