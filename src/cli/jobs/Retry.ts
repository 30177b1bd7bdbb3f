import { Console, Effect } from "effect"
import type { JobId } from "../../queue/Job.ts"
import { JobStore } from "../../queue/JobStore.ts"
import * as Print from "./Print.ts"
import { nameOf } from "./Standing.ts"

interface RetryOptions {
  readonly id: JobId
  readonly json: boolean
}

export const run = ({ id, json }: RetryOptions) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    const job = yield* store
      .retry(id)
      .pipe(Effect.catchTags({ NoSuchJob: Print.refused(json), NotRetryable: Print.refused(json) }))
    if (json) return yield* Print.json({ job })
    yield* Console.log(
      Print.printable(
        `Job ${id} (${nameOf(job)}) is pending again, as generation ${job.generation}, and runs next.`
      )
    )
  })
