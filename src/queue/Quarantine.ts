/**
 * When a worker makes room for a quarantined job, which runs alone. A worker that is idle takes it at once. If none is
 * for a while, one stops claiming until what it runs is over; each waits for a different while, so that it is one.
 */
import { Clock, Duration, Effect, Option, Random } from "effect"
import type { QueueSettings } from "./QueueSettings.ts"

export interface Quarantine {
  /** Notes what a claim has told: whether a quarantined job is due. */
  readonly seen: (due: boolean) => Effect.Effect<void>
  /** Whether to claim nothing else now. */
  readonly makesRoom: (isIdle: boolean) => Effect.Effect<boolean>
  /** The room that was made was used, or was not needed. */
  readonly over: Effect.Effect<void>
}

export const make = ({ quarantinePatience }: QueueSettings.Settings): Effect.Effect<Quarantine> =>
  Effect.sync(() => {
    let until = Option.none<number>()
    const over = Effect.sync(() => {
      until = Option.none()
    })
    return {
      seen: (due) => {
        if (!due) return over
        if (Option.isSome(until)) return Effect.void
        return Effect.zipWith(Clock.currentTimeMillis, Random.next, (now, share) => {
          until = Option.some(now + Duration.toMillis(quarantinePatience) * (0.5 + share))
        })
      },
      makesRoom: (isIdle) =>
        Effect.map(Clock.currentTimeMillis, (now) => Option.exists(until, (time) => isIdle || time < now)),
      over
    }
  })
