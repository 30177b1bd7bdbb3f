/**
 * Looks for the jobs of dead workers and gives them back to the queue, and deletes what is kept no longer. Any worker may
 * do it for all.
 */
import { Duration, Effect, Layer, Schedule } from "effect"
import { JobStore, type Rescued } from "./JobStore.ts"
import { QueueSettings } from "./QueueSettings.ts"
import { describe } from "./Transition.ts"
import { Wakeup } from "./Wakeup.ts"

const tell = (rescued: Rescued) =>
  Effect.logWarning(`rescued a job: ${describe(rescued.reason)}`).pipe(
    Effect.annotateLogs({ job: rescued.id, to: rescued.to })
  )

/** Rescues once at the start, and then at the configured pace for as long as the scope lives. */
export const layer: Layer.Layer<never, never, JobStore | Wakeup> = Layer.scopedDiscard(
  Effect.gen(function* () {
    const settings = yield* QueueSettings
    const store = yield* JobStore
    const wakeup = yield* Wakeup
    yield* store.rescue.pipe(
      Effect.tap((rescued) => Effect.forEach(rescued, tell, { discard: true })),
      Effect.tap((rescued) => (rescued.some((one) => one.to === "pending") ? wakeup.hint : Effect.void)),
      Effect.catchAllCause((cause) => Effect.logWarning("the search for dead workers' jobs failed", cause)),
      // Jittered, so that several workers that started together do not all ask at the same moment.
      Effect.repeat(Schedule.jittered(Schedule.spaced(Duration.toMillis(settings.rescueEvery)))),
      Effect.forkScoped
    )
    // A full batch is followed by the next one at once; a pause after each would never catch up with a busy queue.
    yield* store.prune.pipe(
      Effect.repeat({ until: (deleted) => deleted === 0 }),
      Effect.catchAllCause((cause) => Effect.logWarning("deleting old jobs failed", cause)),
      Effect.repeat(Schedule.jittered(Schedule.spaced(settings.pruneEvery))),
      Effect.forkScoped
    )
  })
)
