import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { Disposition } from "../../../src/queue/Disposition.ts"
import * as Gate from "./Gate.ts"
import * as Usurped from "./Usurped.ts"

const reason = { _tag: "Failed", error: "Permanent", message: "too late" } as const

const ends = [
  ["fails", { do: "failPermanent" }, Disposition.Fail({ reason })],
  [
    "snoozes",
    { do: "snooze", millis: 0 },
    Disposition.Snooze({ reason: { _tag: "Snoozed", message: "too late" }, until: DateTime.unsafeMake(0) })
  ],
  ["cancels", { do: "obsolete" }, Disposition.Cancel({ reason: { _tag: "Obsolete", message: "too late" } })]
] as const

describe("4. Same, but A fails, snoozes or cancels → 0 rows", { concurrent: true }, () => {
  it.scopedLive.each(ends)("two claims at one store: A %s", ([, , disposition]) =>
    Effect.gen(function* () {
      const { first, secondCompletes, store, untouchedBy } = yield* Usurped.claims
      const refusal = yield* untouchedBy(Effect.flip(store.settle(first, disposition)))
      assert.strictEqual(refusal._tag, "LeaseLost")
      yield* secondCompletes
    })
  )

  it.scopedLive.each(ends)("a process that was stopped: A %s", ([, next]) =>
    Effect.gen(function* () {
      const gate = yield* Gate.make
      const { id, otherIsUntouched, stalled } = yield* Usurped.stoppedProcess(
        { do: "blockUntil", file: gate.file, next },
        gate.open
      )
      yield* stalled.saw("failed", id)
      yield* otherIsUntouched
    })
  )
})
