/** Whether, and when, a pull request that stands is to be reviewed: what the configuration skips, drafts, pushes. */
import { DateTime, Duration, Effect, Option, Schema } from "effect"
import type { PullRequest } from "../github/Github.ts"
import type { Job } from "../queue/Job.ts"
import { JobStore } from "../queue/JobStore.ts"
import { isAsked } from "./AskedFor.ts"
import { Pauses } from "./Pauses.ts"
import type { Policy } from "./Policy.ts"
import { latelyWaitedFor } from "./Snoozes.ts"
import { believe } from "./Standing.ts"

/** The configuration leaves this pull request, or this commit of it, alone. */
export class Skipped extends Schema.TaggedError<Skipped>()("Skipped", {
  /** Why, in words for the author. */
  message: Schema.String
}) {}

/** There may be more pushes soon, and one review of the last of them is enough. */
export class PushesExpected extends Schema.TaggedError<PushesExpected>()("PushesExpected", {
  message: Schema.String,
  until: Schema.DateTimeUtcFromSelf
}) {}

const Payload = Schema.Struct({ draft: Schema.Boolean })
const decodePayload = Schema.decodeUnknownOption(Payload)

/** Whether the job was made for a draft, as far as it says. */
const isAboutDraft = (job: Job): boolean => Option.exists(decodePayload(job.payload), ({ draft }) => draft)

/**
 * Fails with `Skipped` where the configuration leaves the pull request alone, unless a person asked for it. That it is a draft is believed at once of a
 * job that was made for a draft; else somebody has said that it is ready, and GitHub has to say the contrary repeatedly.
 */
export const refuseSkipped = (job: Job, policy: Policy, pullRequest: PullRequest) =>
  Effect.gen(function* () {
    const asDraft = policy.skip(pullRequest)
    if (Option.isNone(asDraft)) return
    if (yield* isAsked(job)) {
      const lasting = policy.skip(pullRequest, true)
      return yield* Option.match(lasting, {
        onNone: () => Effect.void,
        onSome: (message) => Effect.fail(new Skipped({ message }))
      })
    }
    const lasting = policy.skip({ ...pullRequest, draft: false })
    if (Option.isSome(lasting)) return yield* new Skipped({ message: lasting.value })
    if (!isAboutDraft(job)) yield* believe(job, asDraft.value)
    return yield* new Skipped({ message: asDraft.value })
  })

/** How far back to look for a review that was asked for; each is a job that ended without one. */
const farBack = 100

/**
 * Whether the pull request still waits for a review that was asked for in another way than by a push, because that was
 * superseded, cancelled, skipped or failed before it was made.
 */
const isOwed = (job: Job) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    const earlier = yield* store.list({ pullRequest: job.subject, before: job.id, limit: farBack })
    for (const { kind, status, trigger } of earlier) {
      if (kind !== job.kind) continue
      if (status === "completed") return false
      if (trigger !== "push") return true
    }
    return false
  })

/** Fails with `Skipped` while a person has paused the pull request, unless one asked for this review. */
export const refusePaused = (job: Job) =>
  Effect.gen(function* () {
    if (job.trigger === "command" || job.generation > 0) return
    const paused = yield* Effect.flatMap(Pauses, (pauses) => pauses.of(job.subject))
    if (Option.isNone(paused) || (yield* isAsked(job))) return
    return yield* new Skipped({
      message: `${paused.value} paused the reviews of this pull request; comment /holdfast resume to go on, or /holdfast review to have this commit reviewed`
    })
  })

/** What has passed between the job's making and its claim, by the store's own clock. */
const age = ({ createdAt, startedAt }: Job): Duration.Duration =>
  Option.match(startedAt, {
    onNone: () => Duration.zero,
    onSome: (claimed) => Duration.millis(Math.max(0, DateTime.distance(createdAt, claimed)))
  })

/**
 * For a job that a push has made: fails with `Skipped` where pushes are not to be reviewed, and with `PushesExpected`
 * until things have been quiet for as long as the configuration wants. What a person asked to be done again is done at once.
 */
export const judgePush = (job: Job, { debounce, onPush }: Policy) =>
  Effect.gen(function* () {
    if (job.trigger !== "push" || job.generation > 0) return
    if (onPush === "off" && !(yield* isOwed(job))) {
      return yield* new Skipped({
        message:
          "further pushes are not reviewed here (review.on_push is off); to have this commit reviewed, comment /holdfast review"
      })
    }
    const left = Duration.subtract(debounce, age(job))
    if (Duration.toMillis(left) <= 0) return
    // Once is enough: clocks that don't agree must not make it wait for ever.
    if ((yield* latelyWaitedFor(job, "further pushes")) > 0) return
    return yield* new PushesExpected({
      message: `there may be further pushes; it begins once there was none for ${Duration.format(debounce)}`,
      until: DateTime.addDuration(yield* DateTime.now, left)
    })
  })
