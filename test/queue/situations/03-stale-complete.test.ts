import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Disposition } from "../../../src/queue/Disposition.ts"
import * as Gate from "./Gate.ts"
import * as Usurped from "./Usurped.ts"

describe("3. A stalls, B re-claims, A completes → A's write changes 0 rows; B untouched", () => {
  it.scopedLive("two claims at one store", () =>
    Effect.gen(function* () {
      const { first, secondCompletes, store, untouchedBy } = yield* Usurped.claims
      const refusal = yield* untouchedBy(Effect.flip(store.settle(first, Disposition.Complete())))
      assert.strictEqual(refusal._tag, "LeaseLost")
      yield* secondCompletes
    })
  )

  it.scopedLive("a process that was stopped", () =>
    Effect.gen(function* () {
      const gate = yield* Gate.make
      const { id, otherIsUntouched, stalled } = yield* Usurped.stoppedProcess(
        { do: "blockUntil", file: gate.file, next: { do: "complete" } },
        gate.open
      )
      yield* stalled.saw("ended", id)
      yield* otherIsUntouched
    })
  )
})
