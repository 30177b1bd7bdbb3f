/** Queues that are broken on purpose: the properties must tell each from one that keeps its promises, every time. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, type FastCheck as fc, Option } from "effect"
import * as Histories from "../support/Histories.ts"
import * as TestDatabase from "../support/TestDatabase.ts"
import { history } from "./model/Commands.ts"
import { run } from "./model/Run.ts"
import * as Stores from "./model/Stores.ts"
import { fenceRemoved } from "./mutants/FenceRemoved.ts"
import { refundOnInterruption } from "./mutants/RefundOnInterruption.ts"
import { rescueUnguarded } from "./mutants/RescueUnguarded.ts"
import * as PoolHistories from "./PoolHistories.ts"

/** For each of so many seeds, the history that gives the mutant away. */
const caught = <History>(
  histories: fc.Arbitrary<History>,
  run: (history: History) => Effect.Effect<Histories.Tally, unknown>,
  seeds: number,
  parameters: fc.Parameters<[History]> = {}
) =>
  Effect.forEach(
    Array.from({ length: seeds }, (_, index) => index + 1),
    (seed) =>
      Effect.map(Histories.check(histories, run, { seed, numRuns: 1_000, ...parameters }), ({ failure }) =>
        Option.getOrElse(failure, () => assert.fail(`not caught with seed ${seed}`))
      )
  )

const stores = { "without its fence": fenceRemoved, "with an unguarded rescue": rescueUnguarded }

describe("a broken queue is found out, each time:", () => {
  for (const [name, mutant] of Object.entries(stores)) {
    it.live(
      `a store ${name}, in memory, by a short history`,
      () =>
        Effect.gen(function* () {
          const found = yield* caught(history, (one) => run(Stores.memory(mutant), one), 10)
          for (const one of found) assert.isAtMost(one.history.commands.length, 10, one.message)
          console.log(
            `${name}: shrunk to ${found.map((one) => one.history.commands.length).join(", ")} commands`
          )
        }),
      120_000
    )
    it.live(
      `a store ${name}, in Postgres`,
      () =>
        Effect.gen(function* () {
          const postgres = yield* Stores.postgres
          const found = yield* caught(history, (one) => run(postgres(mutant), one), 3, { endOnFailure: true })
          console.log(`${name}, in Postgres: after ${found.map((one) => one.tried).join(", ")} histories`)
        }).pipe(Effect.provide(TestDatabase.layer)),
      120_000
    )
  }

  it.live(
    "a pool that refunds every interruption",
    () =>
      Effect.gen(function* () {
        const check = (one: PoolHistories.History) => PoolHistories.check(one, refundOnInterruption)
        const found = yield* caught(PoolHistories.histories, check, 10, { endOnFailure: true })
        for (const one of found) assert.include(one.message, "given back for a drain, and there was none")
        console.log(`refund: after ${found.map((one) => one.tried).join(", ")} histories`)
      }),
    240_000
  )
})
