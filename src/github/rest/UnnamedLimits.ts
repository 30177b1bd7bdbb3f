/**
 * Remembers rate limits for which GitHub named no end, so that waits grow when one follows another, from job to job.
 * It outlives clients and holds no credentials.
 */
import { DateTime, Duration, Effect, HashMap, Option, Ref } from "effect"

/** What is remembered of one installation. */
export interface UnnamedLimits {
  /** How many came in a row until now. */
  readonly inARow: Effect.Effect<number>
  /** Another one came, to be waited for until then. */
  readonly another: (until: DateTime.Utc) => Effect.Effect<void>
}

interface Remembered {
  readonly count: number
  readonly until: DateTime.Utc
}

/**
 * A limit met this soon after the wait for another one belongs in its row. Requests that succeed in between say
 * nothing: GitHub limits those that make content long before those that read.
 */
const soon = Duration.minutes(10)

/** Makes the memory; what it returns gives one installation's part of it. */
export const makeUnnamedLimits: Effect.Effect<(installationId: number) => UnnamedLimits> = Effect.map(
  Ref.make(HashMap.empty<number, Remembered>()),
  (memory) => (installationId) => {
    const inARow = Effect.zipWith(Ref.get(memory), DateTime.now, (all, now) =>
      HashMap.get(all, installationId).pipe(
        Option.filter(({ until }) => DateTime.lessThan(now, DateTime.addDuration(until, soon))),
        Option.match({ onNone: () => 0, onSome: ({ count }) => count })
      )
    )
    return {
      inARow,
      another: (until) =>
        Effect.flatMap(inARow, (before) =>
          Ref.update(memory, HashMap.set(installationId, { count: before + 1, until }))
        )
    }
  }
)
