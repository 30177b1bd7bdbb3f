/**
 * Outcomes on their way to the store. What ends together is written together, by the pool's loop, which takes new jobs in
 * the same exchange.
 */
import { Duration, Effect } from "effect"
import type { Settlement } from "./JobStore.ts"
import { monotonic } from "./RunningJobs.ts"

/** `lost`: the lease was not held any more. `unknown`: no answer came for as long as anybody could wait for it. */
export type Written = "written" | "lost" | "unknown"

export interface Entry extends Settlement {
  /** What is done once it is known what became of it. */
  readonly ended: (written: Written) => Effect.Effect<void>
}

/** An outcome that is not written yet. */
export interface Waiting {
  readonly entry: Entry
  /** Monotonic nanoseconds until which it is tried. */
  readonly until: bigint
}

export interface Outbox {
  /** Has an outcome written. */
  readonly put: (entry: Entry) => Effect.Effect<void>
  /** Takes everything out. */
  readonly takeAll: Effect.Effect<ReadonlyArray<Waiting>>
  /** Puts back what could not be written, and gives up on what is too old. */
  readonly putBack: (unwritten: ReadonlyArray<Waiting>) => Effect.Effect<void>
  /** Gives up on what waits, and on what will: nothing is written any longer. */
  readonly close: Effect.Effect<void>
}

/**
 * @param patience how long an outcome is tried to be written
 * @param notify tells the loop that there is something to write
 */
export const make = (patience: Duration.Duration, notify: Effect.Effect<void>): Outbox => {
  let waiting: Array<Waiting> = []
  let closed = false
  const nanos = BigInt(Math.floor(Duration.toMillis(patience))) * 1_000_000n
  const giveUp = (old: ReadonlyArray<Waiting>) =>
    Effect.forEach(old, ({ entry }) => entry.ended("unknown"), { discard: true })
  return {
    put: (entry) =>
      Effect.flatMap(monotonic, (now) => {
        if (closed) return entry.ended("unknown")
        waiting.push({ entry, until: now + nanos })
        return notify
      }),
    takeAll: Effect.sync(() => {
      const taken = waiting
      waiting = []
      return taken
    }),
    putBack: (unwritten) =>
      Effect.flatMap(monotonic, (now) => {
        if (closed) return giveUp(unwritten)
        waiting = [...unwritten.filter(({ until }) => until >= now), ...waiting]
        return giveUp(unwritten.filter(({ until }) => until < now))
      }),
    close: Effect.suspend(() => {
      const left = waiting
      waiting = []
      closed = true
      return giveUp(left)
    })
  }
}
