/** What a person's command put into the payload of a job of kind `review`, and what follows from it. */
import { Effect, Option, Schema } from "effect"
import { type Job, JobId } from "../queue/Job.ts"
import { JobStore } from "../queue/JobStore.ts"

const AskedFor = Schema.Struct({
  /** The job of the command that this one was made for. */
  command: JobId,
  /** The person asked for just this review, so nothing that keeps reviews from being made by themselves holds. */
  asked: Schema.Boolean,
  /** Everything, and by fresh answers of the model's. */
  full: Schema.Boolean
})
type AskedFor = typeof AskedFor.Type

const decode = Schema.decodeUnknownOption(AskedFor)

export const reviewPayload = (draft: boolean, askedFor: AskedFor) => ({ draft, ...askedFor })

/** Whether the job was made for this command. */
export const isFor = (job: Job, command: JobId): boolean =>
  Option.exists(decode(job.payload), (one) => one.command === command)

/** Whether the job itself was asked for: for everything anew, if `full`. */
export const isAskedItself = ({ payload }: Job, full = false): boolean =>
  Option.exists(decode(payload), (one) => one.asked && (one.full || !full))

export const isAskedAnew = (job: Job): boolean => isAskedItself(job, true)

/** How far back to look for what was asked for; each is a job that ended without a review. */
const farBack = 100

/**
 * Whether a person waits for this review: it was asked for, or the one that was asked for gave way to it, because a push
 * came in between.
 */
export const isAsked = (job: Job) =>
  Effect.gen(function* () {
    if (isAskedItself(job)) return true
    const store = yield* JobStore
    const earlier = yield* store.list({ pullRequest: job.subject, before: job.id, limit: farBack })
    for (const one of earlier) {
      if (one.kind !== job.kind) continue
      if (one.status !== "cancelled" || Option.isNone(one.supersededBy)) return false
      if (isAskedItself(one)) return true
    }
    return false
  })
