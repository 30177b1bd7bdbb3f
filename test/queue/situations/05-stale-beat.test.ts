import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Usurped from "./Usurped.ts"

describe("5. Same, but A beats → 0 rows, and A's fiber is interrupted", () => {
  it.scopedLive("two claims at one store", () =>
    Effect.gen(function* () {
      const { first, secondCompletes, store, untouchedBy } = yield* Usurped.claims
      const beat = yield* untouchedBy(store.beat(first.worker, [first]))
      assert.deepStrictEqual(beat, { lost: [first], cancelled: [] })
      yield* secondCompletes
    })
  )

  it.scopedLive("a process that was stopped", () =>
    Effect.gen(function* () {
      const { id, otherIsUntouched, stalled } = yield* Usurped.stoppedProcess({ do: "hang" })
      yield* stalled.saw("interrupted", id)
      yield* otherIsUntouched
    })
  )
})
