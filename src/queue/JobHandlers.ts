import { Context, type Effect } from "effect"
import type { JobError } from "./JobError.ts"
import type { Claimed } from "./JobStore.ts"

/**
 * Runs one job. How it ends decides what becomes of the job: success completes it, and the policy for each error
 * stands in `Disposition.ts`. It may be interrupted at any time (a drain, a cancellation, a lost lease), and it may run
 * again from the start after a crash: what must not happen twice belongs in a step, or behind `JobStore.check`.
 */
export type JobHandler = (claimed: Claimed) => Effect.Effect<void, JobError>

/** The handlers by the kind of job. A job of another kind fails with the reason. */
export class JobHandlers extends Context.Tag("holdfast/JobHandlers")<
  JobHandlers,
  { readonly [kind: string]: JobHandler }
>() {}
