/**
 * Where claims begin to look. From the very beginning of the queue, as long as that costs next to nothing; while an old
 * transaction keeps the database from clearing away what has been claimed, from where the waiting jobs were last found.
 */
import { Clock, Effect } from "effect"
import { priorityOf, Trigger } from "../../Job.ts"

export interface Front {
  /** Where to look now; null for the very beginning. */
  readonly levels: Effect.Effect<ReadonlyArray<Level> | null>
  /** What a look has told. */
  readonly seen: (look: Look) => Effect.Effect<void>
}

interface Level {
  readonly priority: number
  /** As the database wrote it, or `-infinity`. */
  readonly since: string
}

interface Look {
  readonly levels: ReadonlyArray<Level> | null
  /** For each priority, the time of its first waiting job. */
  readonly found: Readonly<Record<string, string>>
  /** How long a look from the very beginning took, in milliseconds. */
  readonly looked: number
}

/** A look that takes longer is not taken each time. */
const cheapMillis = 3

/** Then a twentieth of the time may go into looking from the beginning, which finds what has come late. */
const share = 20

/** So much before the first waiting job: a job is enqueued before its transaction commits. */
const slackMillis = 100

const before = (time: string): string => new Date(Date.parse(time) - slackMillis).toISOString()

export const make = (): Front => {
  const since = new Map<number, string>(
    Trigger.literals.map((trigger) => [priorityOf(trigger), "-infinity"] as const)
  )
  let fromBeginningAt = 0
  return {
    levels: Effect.map(Clock.currentTimeMillis, (now) =>
      now >= fromBeginningAt ? null : Array.from(since, ([priority, time]) => ({ priority, since: time }))
    ),
    seen: ({ found, levels, looked }) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        for (const [priority, time] of Object.entries(found)) since.set(Number(priority), before(time))
        if (levels === null)
          fromBeginningAt = looked <= cheapMillis ? 0 : now + Math.max(1_000, looked * share)
      })
  }
}
