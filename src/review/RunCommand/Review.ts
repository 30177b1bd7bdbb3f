/** `review`, `review full`, and what `resume` makes up for: jobs of kind `review`, one for each command at most. */
import { Effect, Option, Schema } from "effect"
import type { InstallationClient, PullRequest } from "../../github/Github.ts"
import type { Job } from "../../queue/Job.ts"
import { type Claimed, JobStore } from "../../queue/JobStore.ts"
import { isAskedItself, isFor, reviewPayload } from "../AskedFor.ts"
import { findMarker } from "../Marker.ts"
import { readPolicy } from "../ReadPolicy.ts"
import { answered, done } from "./Outcome.ts"

/** How many jobs to look back. */
const farBack = 200

const kind = "review"

/** The jobs that review the pull request, newest first. */
const reviewJobs = ({ subject }: Job) =>
  Effect.flatMap(JobStore, (store) =>
    Effect.map(store.list({ pullRequest: subject, limit: farBack }), (jobs) =>
      jobs.filter((job) => job.kind === kind)
    )
  )

const isLive = ({ cancelRequestedAt, status }: Job): boolean =>
  (status === "pending" || status === "processing") && Option.isNone(cancelRequestedAt)

const Fixed = Schema.Struct({ commitSha: Schema.String, generation: Schema.Int })
const stepKey = "generation"

/**
 * The generation of a review that is made anew: one that neither a job nor a review on GitHub has, since jobs are pruned.
 * It is kept before it is used, so that a command that is run again makes the same one.
 */
const fixGeneration = (
  client: InstallationClient,
  { job, lease }: Claimed,
  ofHead: ReadonlyArray<Job>,
  commitSha: string
) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    const kept = Option.flatMap(yield* store.loadStep(job.id, stepKey), Schema.decodeUnknownOption(Fixed))
    if (Option.isSome(kept) && kept.value.commitSha === commitSha) return kept.value.generation
    const own = yield* client.ownLogin
    const published = (yield* client.listReviews(job.subject)).flatMap(({ authorLogin, body }) =>
      authorLogin === own
        ? Option.toArray(Option.filter(findMarker(body), (marker) => marker.commitSha === commitSha))
        : []
    )
    const generation =
      Math.max(-1, ...ofHead.map((one) => one.generation), ...published.map((one) => one.generation)) + 1
    yield* store.saveStep(lease, stepKey, { commitSha, generation })
    return generation
  })

const enqueue = (
  { job, lease }: Claimed,
  pullRequest: PullRequest,
  wanted: { readonly generation: number; readonly asked: boolean; readonly full: boolean },
  replaced: ReadonlyArray<Job>
) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    yield* store.check(lease)
    // They wait for something that a person does not want to wait for. No other of this pull request runs beside this job.
    yield* Effect.forEach(
      replaced,
      ({ id }) =>
        store
          .cancel(id, "a person asked for a review at once")
          .pipe(Effect.catchTags({ NoSuchJob: () => Effect.void, AlreadyFinished: () => Effect.void })),
      { discard: true }
    )
    const { generation, ...how } = wanted
    yield* store.enqueue({
      kind,
      trigger: "command",
      generation,
      subject: {
        ...job.subject,
        title: pullRequest.title,
        commitSha: pullRequest.headSha,
        baseBranch: pullRequest.baseBranch
      },
      payload: reviewPayload(pullRequest.draft, { command: job.id, ...how })
    })
  })

/** Has the current head reviewed. */
export const askReview = Effect.fn("RunCommand.review")(function* (
  client: InstallationClient,
  claimed: Claimed,
  full: boolean
) {
  const jobs = yield* reviewJobs(claimed.job)
  // An earlier attempt of this command made it, whatever became of it since.
  if (jobs.some((job) => isFor(job, claimed.job.id))) return done
  const pullRequest = yield* client.getPullRequest(claimed.job.subject)
  if (pullRequest.state === "closed") {
    return answered("This pull request is closed, so it is not reviewed. Reopen it to have it reviewed.")
  }
  const ofHead = jobs.filter((job) => job.subject.commitSha === pullRequest.headSha)
  const live = ofHead.filter(isLive)
  if (live.some((job) => isAskedItself(job, full))) return done
  if (!full && ofHead.some(({ status }) => status === "completed")) {
    return answered(
      "The head commit was reviewed already. Comment `/holdfast review full` to have everything reviewed anew."
    )
  }
  const generation = full ? yield* fixGeneration(client, claimed, ofHead, pullRequest.headSha) : 0
  yield* enqueue(claimed, pullRequest, { generation, asked: true, full }, live)
  return done
})

/** Has the current head reviewed as if it had come just now, unless it was or will be. */
export const makeUp = Effect.fn("RunCommand.makeUp")(function* (
  client: InstallationClient,
  claimed: Claimed
) {
  const { subject } = claimed.job
  const jobs = yield* reviewJobs(claimed.job)
  if (jobs.some((job) => isFor(job, claimed.job.id))) return
  const pullRequest = yield* client.getPullRequest(subject)
  if (pullRequest.state === "closed") return
  const isThere = jobs.some(
    (job) => job.subject.commitSha === pullRequest.headSha && (isLive(job) || job.status === "completed")
  )
  if (isThere) return
  if (jobs.some(({ status }) => status === "completed")) {
    const { onPush } = yield* readPolicy(client, subject.installationId, subject, pullRequest)
    if (onPush === "off") return
  }
  yield* enqueue(claimed, pullRequest, { generation: 0, asked: false, full: false }, [])
})
