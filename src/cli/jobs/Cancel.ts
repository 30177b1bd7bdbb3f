import { Console, Effect } from "effect"
import { checkRunsJob, endOf } from "../../github/CheckRunsJob.ts"
import type { JobId } from "../../queue/Job.ts"
import { JobStore } from "../../queue/JobStore.ts"
import * as Print from "./Print.ts"

interface CancelOptions {
  readonly id: JobId
  readonly message: string
  readonly json: boolean
}

export const run = ({ id, json, message }: CancelOptions) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    const outcome = yield* store
      .cancel(id, message)
      .pipe(Effect.catchTags({ NoSuchJob: Print.refused(json), AlreadyFinished: Print.refused(json) }))
    if (outcome === "cancelled") {
      yield* Effect.flatMap(
        store.find(id),
        Effect.transposeMapOption((job) => store.enqueue(checkRunsJob(job.subject, endOf(job))))
      )
    }
    if (json) return yield* Print.json({ id, outcome })
    yield* Console.log(
      outcome === "cancelled"
        ? `Job ${id} is cancelled.`
        : `Job ${id} is running and was asked to stop; its worker learns of it with its next beat.`
    )
  })
