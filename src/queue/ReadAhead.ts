/**
 * How many jobs a worker claims beyond its permits: none, unless jobs are over so soon that its permits would stand idle
 * while it waits for the store's answer. Then it doubles with each answer, as long as that is so and there are enough
 * jobs; one job that takes longer ends it.
 */
import { Duration } from "effect"

export interface ReadAhead {
  /** How many jobs may wait for a permit now. */
  readonly allowance: () => number
  /** Notes for how long a handler ran. */
  readonly ran: (nanos: bigint) => void
  /** Notes how long the store took to answer, and whether it gave as many jobs as were wanted. */
  readonly answered: (nanos: bigint, isFull: boolean) => void
  /** What was claimed ahead had to wait for too long. */
  readonly stop: () => void
}

/** Beyond this, an exchange gains nothing by being larger. */
const most = 64

const nanosOf = (duration: Duration.Duration) => BigInt(Duration.toMillis(duration)) * 1_000_000n

/** A job that takes longer is not brief, however slow the store is. */
const brief = nanosOf(Duration.millis(20))

export const make = (concurrency: number): ReadAhead => {
  let allowance = 0
  /** Of the handlers that ended since the last answer. */
  let longest: bigint | undefined
  return {
    allowance: () => allowance,
    ran: (nanos) => {
      if (longest === undefined || nanos > longest) longest = nanos
    },
    answered: (nanos, isFull) => {
      if (longest === undefined) return
      if (longest >= nanos || longest >= brief) allowance = 0
      else if (isFull) allowance = Math.min(most, Math.max(concurrency, allowance * 2))
      longest = undefined
    },
    stop: () => {
      allowance = 0
    }
  }
}
