import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Logger, LogLevel } from "effect"
import { inject } from "vitest"
import * as Place from "./Place.ts"
import { wrongs } from "./Report.ts"
import * as Run from "./Run.ts"
import { type Fault, type Kind, kinds, schedule } from "./Schedule.ts"

/** Each kind at least once. Whom: the first worker, the second … */
const plan: ReadonlyArray<readonly [at: number, kind: Kind, whom: number]> = [
  [1_000, "stop", 0],
  [2_000, "kill", 0.2],
  [3_000, "loseAnswer", 0],
  [4_000, "cut", 0.4],
  [5_000, "kill", 0.4],
  [6_000, "term", 0.6],
  [7_000, "terminate", 0.1],
  [8_000, "halfOpen", 0.5],
  [9_000, "kill", 0.8],
  [11_000, "restart", 0],
  [14_000, "loseAnswer", 0],
  [15_000, "kill", 0],
  [17_000, "terminate", 0.4],
  [18_000, "kill", 0.2]
]
const faults = plan.map(([at, kind, whom]): Fault => ({ at, kind, whom }))

describe("the chaos run", () => {
  it.scopedLive(
    "loses nothing, doubles nothing and leaves a clean ledger, whatever happens to processes, database and network",
    () =>
      Effect.gen(function* () {
        const place = yield* Place.make()
        const outcome = yield* Run.run(place, {
          seed: 1,
          faults,
          duration: Duration.seconds(22),
          programs: inject("builtPrograms"),
          tell: () => Effect.void
        })
        if (wrongs(outcome).length > 0) yield* place.keep
        assert.deepStrictEqual(wrongs(outcome), [], `everything is in ${place.folder}`)
        for (const kind of kinds) assert.isAtLeast(outcome.tally[kind], 1, kind)
        assert.isAtLeast(outcome.jobs, 20)
      }).pipe(Logger.withMinimumLogLevel(LogLevel.Error)),
    240_000
  )

  it("has a plan that the seed alone decides, and of which a longer run only sees more", () => {
    const short = schedule(7, 60_000)
    assert.deepStrictEqual(schedule(7, 60_000), short)
    assert.deepStrictEqual(
      schedule(7, 600_000).filter(({ at }) => at < 60_000),
      short
    )
    assert.notDeepEqual(schedule(8, 60_000), short)
    const ofTenMinutes = schedule(7, 600_000).filter(({ kind }) => kind === "kill")
    assert.isAbove(ofTenMinutes.length, 350)
  })
})
