/** What a review needs to know of earlier ones, from our own tables and from GitHub. */
import { Effect, Option, Schema } from "effect"
import type { InstallationClient } from "../github/Github.ts"
import { type Claimed, JobStore } from "../queue/JobStore.ts"
import { Earlier, ownThreads } from "./Earlier.ts"
import { ReviewLog } from "./ReviewLog.ts"

const stepKey = "earlier"
const decode = Schema.decodeUnknownOption(Earlier)
const encode = Schema.encodeSync(Earlier)

/**
 * What earlier reviews said, as it was when the job first asked. It is kept with the job: an attempt that published and
 * died must not take its own findings for those of an earlier review when it comes back.
 */
export const recall = Effect.fn("Review.recall")(function* (
  { job, lease }: Claimed,
  client: InstallationClient
) {
  const store = yield* JobStore
  const kept = Option.flatMap(yield* store.loadStep(job.id, stepKey), decode)
  if (Option.isSome(kept)) return kept.value
  const log = yield* ReviewLog
  const recorded = yield* log.recall(job.subject)
  const threads = yield* client.listThreads(job.subject)
  const earlier: Earlier = { ...recorded, threads: ownThreads(threads, yield* client.ownLogin) }
  yield* store.saveStep(lease, stepKey, encode(earlier))
  return earlier
})
