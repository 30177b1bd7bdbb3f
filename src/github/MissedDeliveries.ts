/**
 * Looks for deliveries that never arrived, because no process was up or none could take them: GitHub does not repeat a
 * webhook by itself. What its list has and ours lacks goes through the same door as a webhook.
 *
 * What was seen is remembered in the process only. After a restart GitHub's three days are looked through again, and
 * several processes may look at once: a GUID is taken once, whoever brings it.
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import { DateTime, Duration, Effect, Layer, Option, Schedule } from "effect"
import * as Deliveries from "./Deliveries.ts"
import type { RateLimited } from "./GithubError.ts"
import type { HookDeliveries } from "./HookDeliveries.ts"
import type { Intake } from "./Intake.ts"
import { makeMemory, type Swept, sweep } from "./MissedDeliveries/Sweep.ts"

const pruneEvery = Duration.hours(1)

const tell = (swept: Swept) =>
  (swept.ingested + swept.hopeless + swept.left > 0 ? Effect.logInfo : Effect.logDebug)(
    "Looked for missed deliveries"
  ).pipe(Effect.annotateLogs({ ...swept }))

/** The next sweep comes a pace after the limit's end. */
const waitOut = ({ message, until }: RateLimited) =>
  Effect.gen(function* () {
    yield* Effect.logWarning(
      `the look for missed deliveries waits until ${DateTime.formatIso(until)}: ${message}`
    )
    yield* Effect.sleep(Math.max(0, DateTime.distance(yield* DateTime.now, until)))
  })

/** Jittered, so that processes that started together don't ask at the same moment. */
const at = (pace: Duration.Duration) => Schedule.jittered(Schedule.spaced(pace))

const sweeping = (every: Duration.Duration) =>
  Effect.flatMap(makeMemory, (memory) =>
    sweep(memory).pipe(
      Effect.flatMap(tell),
      Effect.catchTag("RateLimited", waitOut),
      Effect.catchAll(({ message }) =>
        Effect.logWarning(`the look for missed deliveries failed: ${message}`)
      ),
      Effect.catchAllDefect((defect) => Effect.logError("the look for missed deliveries failed", defect)),
      Effect.repeat(at(every))
    )
  )

/** A full batch is followed by the next one at once. */
const pruning = Deliveries.prune.pipe(
  Effect.repeat({ until: (deleted) => deleted === 0 }),
  Effect.catchAllCause((cause) => Effect.logWarning("forgetting old deliveries failed", cause)),
  Effect.repeat(at(pruneEvery))
)

/**
 * Sweeps once at the start and then at this pace, for as long as the scope lives; forgets deliveries of long ago.
 *
 * @param every none for no sweep at all
 */
export const layer = (
  every: Option.Option<Duration.Duration>
): Layer.Layer<never, never, HookDeliveries | Intake | SqlClient.SqlClient> =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      yield* Effect.forkScoped(pruning)
      if (Option.isSome(every)) yield* Effect.forkScoped(sweeping(every.value))
    })
  )
