/** This worker: one run of one process, as the store knows it. */
import { Context, Effect, Layer } from "effect"
import type { WorkerId } from "./Job.ts"
import { JobStore, type WorkerInfo } from "./JobStore.ts"

export class Worker extends Context.Tag("holdfast/Worker")<Worker, { readonly id: WorkerId }>() {}

/** Registers the worker, and forgets it when the scope ends in order. */
export const layer = (info: WorkerInfo) =>
  Layer.scoped(
    Worker,
    Effect.gen(function* () {
      const store = yield* JobStore
      const id = yield* Effect.acquireRelease(store.registerWorker(info), (worker) =>
        store.retireWorker(worker).pipe(
          Effect.interruptible,
          Effect.timeout("2 seconds"),
          Effect.catchAllCause((cause) => Effect.logWarning("could not sign the worker off", cause))
        )
      )
      return { id }
    })
  )
