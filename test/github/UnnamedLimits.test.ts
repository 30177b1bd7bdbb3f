import { it } from "@effect/vitest"
import { DateTime, Effect, TestClock } from "effect"
import { expect } from "vitest"
import { makeUnnamedLimits } from "../../src/github/rest/UnnamedLimits.ts"

it.effect("a rate limit belongs to the row of the one before, for a while and for its installation", () =>
  Effect.gen(function* () {
    const limitsOf = yield* makeUnnamedLimits
    const another = Effect.flatMap(DateTime.now, (now) =>
      limitsOf(1).another(DateTime.add(now, { minutes: 1 }))
    )
    expect(yield* limitsOf(1).inARow).toBe(0)
    yield* another
    yield* TestClock.adjust("5 minutes")
    yield* another
    expect(yield* limitsOf(1).inARow).toBe(2)
    expect(yield* limitsOf(2).inARow).toBe(0)
    yield* TestClock.adjust("12 minutes")
    expect(yield* limitsOf(1).inARow).toBe(0)
  })
)
