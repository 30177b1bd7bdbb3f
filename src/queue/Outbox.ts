/**
 * Outcomes on their way to the store. What ends together is written together, by the pool's loop, which takes new jobs in
 * the same exchange: the permits of what has ended come along.
 */
import { Deferred, Duration, Effect } from "effect"
import type { Settled } from "./Disposition.ts"
import type { Settlement } from "./JobStore.ts"
import type { Lease } from "./Lease.ts"
import { monotonic } from "./RunningJobs.ts"

/** `lost`: the lease was not held any more. `unknown`: no answer came for as long as anybody could wait for it. */
export type Written = "written" | "lost" | "unknown"

export interface Entry extends Settlement {
  /** How many permits come free once the outcome is written. */
  readonly permits: number
  /** Monotonic nanoseconds until which it is tried. */
  readonly until: bigint
  readonly done: Deferred.Deferred<Written>
}

export interface Outbox {
  /** Has the outcome written, and waits for that. */
  readonly settle: (lease: Lease, disposition: Settled, permits: number) => Effect.Effect<Written>
  /** Takes everything out. */
  readonly takeAll: Effect.Effect<ReadonlyArray<Entry>>
  /** Puts back what could not be written; gives up on what is too old, and tells how many permits that frees. */
  readonly putBack: (entries: ReadonlyArray<Entry>) => Effect.Effect<number>
  /** Lets go whoever waits, and whoever will: nothing can be waited for any longer. */
  readonly close: Effect.Effect<void>
}

/**
 * @param patience how long an outcome is tried to be written
 * @param notify tells the loop that there is something to write
 */
export const make = (patience: Duration.Duration, notify: Effect.Effect<void>): Outbox => {
  let entries: Array<Entry> = []
  const waiting = new Set<Deferred.Deferred<Written>>()
  let closed = false
  const nanos = BigInt(Math.floor(Duration.toMillis(patience))) * 1_000_000n
  return {
    settle: (lease, disposition, permits) =>
      Effect.gen(function* () {
        if (closed) return "unknown"
        const done = yield* Deferred.make<Written>()
        waiting.add(done)
        const until = (yield* monotonic) + nanos
        entries.push({ lease, disposition, permits, until, done })
        yield* notify
        const written = yield* Deferred.await(done)
        waiting.delete(done)
        return written
      }),
    takeAll: Effect.sync(() => {
      const taken = entries
      entries = []
      return taken
    }),
    putBack: (unwritten) =>
      Effect.gen(function* () {
        const now = yield* monotonic
        const old = unwritten.filter(({ until }) => until < now)
        entries = [...unwritten.filter(({ until }) => until >= now), ...entries]
        yield* Effect.forEach(old, ({ done }) => Deferred.succeed(done, "unknown"), { discard: true })
        return old.reduce((sum, { permits }) => sum + permits, 0)
      }),
    close: Effect.suspend(() => {
      closed = true
      return Effect.forEach([...waiting], (done) => Deferred.succeed(done, "unknown"), { discard: true })
    })
  }
}
