import { Context, Effect, Layer, Record } from "effect"
import type { JobError } from "./JobError.ts"
import type { Claimed } from "./JobStore.ts"

/**
 * Runs one job. How it ends decides what becomes of the job: success completes it, and the policy for each error
 * stands in `Disposition.ts`. It may be interrupted at any time (a drain, a cancellation, a lost lease), and it may run
 * again from the start after a crash: what must not happen twice belongs in a step, or behind `JobStore.check`.
 */
export type JobHandler<R = never> = (claimed: Claimed) => Effect.Effect<void, JobError, R>

/**
 * The handlers by the kind of job. A kind with a qualifier, as in `deploy/canary`, is run by the handler of what stands
 * before the slash where it has none of its own. A job of another kind fails with the reason.
 */
export class JobHandlers extends Context.Tag("holdfast/JobHandlers")<
  JobHandlers,
  { readonly [kind: string]: JobHandler }
>() {
  /** Handlers with what they need, which is what the layer needs. `Needs`: the services of each kind's handler. */
  static readonly layer = <Needs extends { readonly [kind: string]: unknown }>(
    handlers: JobHandlers.Needing<Needs>
  ): Layer.Layer<JobHandlers, never, Needs[keyof Needs]> =>
    Layer.effect(
      JobHandlers,
      Effect.map(Effect.context<Needs[keyof Needs]>(), (context) =>
        Record.map(
          handlers,
          (handle: JobHandler<Needs[keyof Needs]>): JobHandler =>
            (claimed) =>
              Effect.provide(handle(claimed), context)
        )
      )
    )
}

export declare namespace JobHandlers {
  type Needing<Needs> = { readonly [Kind in keyof Needs]: JobHandler<Needs[Kind]> }
}
