/**
 * A test clock for simulations: the same service as Effect's `TestClock`, so `TestClock.adjust` drives it, but an order
 * of magnitude quicker. Effect's own waits some real milliseconds before each wake-up to see that every fiber has come to
 * rest. Where nothing touches the outside, one turn of the event loop is enough, because fibers run in microtasks.
 */
import { Chunk, Clock, Deferred, Duration, Effect, type TestClock } from "effect"

interface Sleeper {
  readonly at: number
  readonly order: number
  readonly wake: Deferred.Deferred<void>
}

const make = (): TestClock.TestClock => {
  let now = 0
  let order = 0
  let sleepers: Array<Sleeper> = []

  const rest = Effect.async<void>((resume) => {
    setImmediate(() => resume(Effect.void))
  })

  const advance = (to: number) =>
    Effect.gen(function* () {
      for (;;) {
        yield* rest
        const due = sleepers.filter((one) => one.at <= to)
        const next = due.reduce((least, one) => Math.min(least, one.at), Number.POSITIVE_INFINITY)
        if (next === Number.POSITIVE_INFINITY) break
        now = Math.max(now, next)
        const awake = due.filter((one) => one.at === next).sort((a, b) => a.order - b.order)
        sleepers = sleepers.filter((one) => one.at !== next)
        yield* Effect.forEach(awake, (one) => Deferred.succeed(one.wake, undefined), { discard: true })
      }
      now = Math.max(now, to)
    })

  return {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => now,
    unsafeCurrentTimeNanos: () => BigInt(Math.floor(now * 1_000_000)),
    currentTimeMillis: Effect.sync(() => now),
    currentTimeNanos: Effect.sync(() => BigInt(Math.floor(now * 1_000_000))),
    sleep: (duration) =>
      Effect.gen(function* () {
        const millis = Duration.toMillis(duration)
        if (millis <= 0) return yield* Effect.yieldNow()
        const sleeper: Sleeper = { at: now + millis, order: order++, wake: yield* Deferred.make<void>() }
        sleepers.push(sleeper)
        yield* Deferred.await(sleeper.wake).pipe(
          Effect.onInterrupt(() =>
            Effect.sync(() => {
              sleepers = sleepers.filter((one) => one !== sleeper)
            })
          )
        )
      }),
    sleeps: Effect.sync(() => Chunk.fromIterable(sleepers.map((one) => one.at))),
    adjust: (duration) => Effect.suspend(() => advance(now + Duration.toMillis(duration))),
    adjustWith: (duration) => (effect) =>
      Effect.zipLeft(
        effect,
        Effect.suspend(() => advance(now + Duration.toMillis(duration))),
        { concurrent: true }
      ),
    setTime: (instant) => advance(instant),
    save: Effect.sync(() => {
      const saved = { now, sleepers }
      return Effect.sync(() => {
        now = saved.now
        sleepers = saved.sleepers
      })
    })
  }
}

/** Runs the effect under a virtual clock of its own, which starts at the epoch. */
export const withVirtualTime = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => Effect.withClock(effect, make()))
