/**
 * Virtual time for what has real sockets: the real clock, ahead by what it was put forward. Who sleeps goes on sleeping
 * until the new time has come, and wakes at once where it has.
 *
 * Effect's TestClock stands still until it is adjusted and does not wait for sockets, so a server, a client and a
 * database that talk to each other under it time out or never move. Here time passes as usual, and an hour passes when
 * the test says so.
 */
import { Clock, Deferred, Duration, Effect } from "effect"

export interface MovableClock {
  readonly clock: Clock.Clock
  readonly forward: (by: Duration.DurationInput) => Effect.Effect<void>
}

export const make: Effect.Effect<MovableClock> = Effect.gen(function* () {
  const real = Clock.make()
  let ahead = 0
  let moved = yield* Deferred.make<void>()
  const millis = () => real.unsafeCurrentTimeMillis() + ahead
  const nanos = () => real.unsafeCurrentTimeNanos() + BigInt(ahead) * 1_000_000n

  const sleepUntil = (time: number): Effect.Effect<void> =>
    Effect.suspend(() => {
      const left = time - millis()
      if (left <= 0) return Effect.yieldNow()
      return Effect.raceFirst(real.sleep(Duration.millis(left)), Deferred.await(moved)).pipe(
        Effect.zipRight(sleepUntil(time))
      )
    })

  return {
    clock: {
      [Clock.ClockTypeId]: Clock.ClockTypeId,
      unsafeCurrentTimeMillis: millis,
      unsafeCurrentTimeNanos: nanos,
      currentTimeMillis: Effect.sync(millis),
      currentTimeNanos: Effect.sync(nanos),
      sleep: (duration) => Effect.suspend(() => sleepUntil(millis() + Duration.toMillis(duration)))
    },
    forward: (by) =>
      Effect.gen(function* () {
        const before = moved
        moved = yield* Deferred.make<void>()
        ahead += Duration.toMillis(by)
        yield* Deferred.succeed(before, undefined)
      })
  }
})
