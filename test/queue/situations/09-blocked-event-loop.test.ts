import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Gate from "./Gate.ts"
import * as Usurped from "./Usurped.ts"

describe("9. The event loop is blocked past the lease → re-claimed elsewhere; the old fiber is stopped before any outside write", () => {
  it.scopedLive("what asks before its outside write is refused", () =>
    Effect.gen(function* () {
      const { first, second, secondCompletes, store, untouchedBy } = yield* Usurped.claims
      const refusal = yield* untouchedBy(Effect.flip(store.check(first)))
      assert.strictEqual(refusal._tag, "LeaseLost")
      yield* store.check(second)
      yield* secondCompletes
    })
  )

  it.scopedLive("a process whose event loop is blocked", () =>
    Effect.gen(function* () {
      const gate = yield* Gate.make
      const { otherIsUntouched, stalled } = yield* Usurped.blockedProcess(
        { do: "blockUntil", file: gate.file, next: { do: "write" } },
        gate.open
      )
      yield* otherIsUntouched
      const told = stalled.events().map(({ event }) => event)
      assert.deepStrictEqual(
        told.filter((event) => event !== "failed" && event !== "interrupted"),
        ["up", "started", "drained"]
      )
      assert.strictEqual(told.length, 4)
    })
  )
})
