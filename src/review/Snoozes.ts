/** What reviews wait for. The snoozes of a job are told apart in its ledger, so that none counts for another. */
import { Array as Arr, Effect, Option } from "effect"
import type { Job } from "../queue/Job.ts"
import { JobStore } from "../queue/JobStore.ts"

export type WaitsFor = "another look" | "further pushes" | "rate limit"

/** How many of the job's last snoozes, in a row, waited for this; an operator's retry begins anew. */
export const latelyWaitedFor = (job: Job, what: WaitsFor) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    const waits = Arr.filterMap(yield* store.transitions(job.id), ({ why }) => {
      if (why._tag === "Snoozed") return Option.some(why.waitsFor)
      return why._tag === "RetriedByOperator" ? Option.some(undefined) : Option.none()
    })
    return Arr.takeWhile(Arr.reverse(waits), (waitedFor) => waitedFor === what).length
  })
