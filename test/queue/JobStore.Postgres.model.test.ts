/** The Postgres store, held against the model on random histories; support/Histories.ts tells how to replay one. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { check } from "../support/Histories.ts"
import * as TestDatabase from "../support/TestDatabase.ts"
import { history } from "./model/Commands.ts"
import { run } from "./model/Run.ts"
import * as Stores from "./model/Stores.ts"

describe("the Postgres store", () => {
  it.live(
    "does what the model allows, on 210 histories",
    () =>
      Effect.gen(function* () {
        const postgres = yield* Stores.postgres
        const { failure } = yield* check(history, (one) => run(postgres(), one), { numRuns: 210 })
        Option.map(failure, ({ message }) => assert.fail(message))
      }).pipe(Effect.provide(TestDatabase.layer)),
    240_000
  )
})
