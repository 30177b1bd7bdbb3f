import { Option } from "effect"
import type { Job } from "./Job.ts"
import type { Reason } from "./Transition.ts"

/** Why somebody asked the job to stop, if somebody did. */
export const stopRequest = (
  job: Pick<Job, "cancelRequestedAt" | "cancelMessage" | "supersededBy">
): Option.Option<Reason> =>
  Option.map(
    job.cancelRequestedAt,
    (): Reason =>
      Option.match(job.supersededBy, {
        onSome: (by): Reason => ({ _tag: "Superseded", by }),
        onNone: (): Reason => ({
          _tag: "Cancelled",
          message: Option.getOrElse(job.cancelMessage, () => "cancelled")
        })
      })
  )
