/**
 * The publish protocol: at most one visible review for a marker, and none lost, wherever the process or the connection
 * breaks.
 *
 * A review is created without an event, so that nobody but its author sees it and GitHub refuses a second one, and it
 * is submitted in a request of its own once its id is recorded under the fence. Neither request is repeated blindly:
 * after an answer that leaves open whether it was applied, GitHub is asked what is there. What can't be read is never
 * taken for absent; the error goes up, and the job tries again later.
 *
 * https://docs.github.com/en/rest/pulls/reviews#create-a-review-for-a-pull-request
 */
import { Effect, Option, Schedule, Schema } from "effect"
import type { InstallationClient, NewReview, PullRequestRef, Review } from "../github/Github.ts"
import { type GithubError, isAmbiguous } from "../github/GithubError.ts"
import type { LeaseLost, Obsolete, StoreUnavailable } from "../queue/JobError.ts"
import { JobStore } from "../queue/JobStore.ts"
import type { Lease } from "../queue/Lease.ts"
import { bearsMarker, findMarker, type MarkerKey } from "./Marker.ts"

export interface Publication<E, R> {
  readonly client: InstallationClient
  readonly pullRequest: PullRequestRef
  readonly lease: Lease
  readonly marker: MarkerKey
  /** Its body begins with the marker. */
  readonly review: NewReview
  /** The body that serves when GitHub refuses the comments: it holds their findings. */
  readonly bodyWithoutComments: string
  /** Succeeds while the review is still wanted: head, state and draft as the job found them. */
  readonly stillWanted: Effect.Effect<unknown, E, R>
}

export type PublishError = GithubError | LeaseLost | Obsolete | StoreUnavailable | PendingInTheWay | Vanished

/** What stands on GitHub under our name. Not knowing is none of these but an error. */
interface Reading {
  readonly visible: Option.Option<number>
  readonly pending: Option.Option<number>
  /** Pending reviews with a marker of ours that nobody will submit. Those without one are never touched. */
  readonly strays: ReadonlyArray<number>
}

const stepKey = "review"
const Step = Schema.Struct({ id: Schema.Int })

const isVisible = (review: Review) => review.state !== "PENDING"

type Place = Pick<Publication<never, never>, "client" | "marker" | "pullRequest">

const read = Effect.fn("Publish.read")(function* ({ client, marker, pullRequest }: Place) {
  const login = yield* client.ownLogin
  const own = (yield* client.listReviews(pullRequest)).filter((review) => review.authorLogin === login)
  const ours = own.filter((review) => bearsMarker(review.body, marker))
  const visible = Option.fromNullable(ours.find(isVisible)?.id)
  const pending = ours.filter((review) => !isVisible(review)).map((review) => review.id)
  const foreign = own
    .filter(
      (review) => !isVisible(review) && !ours.includes(review) && Option.isSome(findMarker(review.body))
    )
    .map((review) => review.id)
  const reading: Reading = Option.isSome(visible)
    ? { visible, pending: Option.none(), strays: [...pending, ...foreign] }
    : { visible, pending: Option.fromNullable(pending[0]), strays: [...pending.slice(1), ...foreign] }
  return reading
})

/** Deletes pending reviews that dead attempts left behind. What can't be deleted now is met again by the next job. */
const sweep = ({ client, pullRequest }: Place, strays: ReadonlyArray<number>) =>
  Effect.forEach(
    strays,
    (id) =>
      client
        .deletePendingReview(pullRequest, id)
        .pipe(Effect.catchTags({ NotFound: () => Effect.void, ValidationFailed: () => Effect.void })),
    { discard: true }
  )

/**
 * GitHub refused a review because another one is pending, but shows none of ours: its list is behind, or somebody else
 * writes under this App's name. Worth a later try.
 */
export class PendingInTheWay extends Schema.TaggedError<PendingInTheWay>()("PendingInTheWay", {
  message: Schema.String
}) {}

/** GitHub keeps one pending review for each author and pull request, and says so with this sentence's words. */
const isAboutPending = (error: GithubError): boolean =>
  error._tag === "ValidationFailed" &&
  /pending review/i.test(`${error.message} ${JSON.stringify(error.errors)}`)

/** Creates the pending review and tells its id; also when the answer was lost but the review is there. */
const create = <E, R>(publication: Publication<E, R>) => {
  const { client, pullRequest, review } = publication
  const attempt = (body: NewReview) =>
    Effect.map(client.createPendingReview(pullRequest, body), ({ id }) => id)
  const found = Effect.flatMap(read(publication), ({ pending, strays }) =>
    Effect.as(sweep(publication, strays), pending)
  )
  return attempt(review).pipe(
    Effect.catchAll((error) =>
      Effect.gen(function* () {
        if (!isAmbiguous(error) && error._tag !== "ValidationFailed") return yield* error
        const pending = yield* found
        if (Option.isSome(pending)) return pending.value
        if (isAboutPending(error)) {
          return yield* new PendingInTheWay({
            message:
              "GitHub says that this App has a pending review on the pull request, but does not show it"
          })
        }
        if (error._tag !== "ValidationFailed" || review.comments.length === 0) return yield* error
        // One line that GitHub does not accept refuses the whole review; then all findings go into the body.
        return yield* attempt({ ...review, body: publication.bodyWithoutComments, comments: [] })
      })
    ),
    Effect.withSpan("Publish.create")
  )
}

/** The review went away between being read and being submitted. */
export class Vanished extends Schema.TaggedError<Vanished>()("Vanished", {
  message: Schema.String
}) {}

/** Makes the pending review visible. Submitting is safe to repeat: GitHub refuses it for one that is not pending. */
const submit = Effect.fn("Publish.submit")(
  function* <E, R>({ client, lease, pullRequest }: Publication<E, R>, id: number) {
    const store = yield* JobStore
    yield* store.check(lease)
    yield* client.submitReview(pullRequest, id).pipe(
      Effect.catchAll((error) =>
        isAmbiguous(error) || error._tag === "ValidationFailed" || error._tag === "NotFound"
          ? client.getReview(pullRequest, id).pipe(
              Effect.catchTag(
                "NotFound",
                () => new Vanished({ message: "the pending review went away before it was submitted" })
              ),
              Effect.flatMap((review) => (isVisible(review) ? Effect.void : Effect.fail(error)))
            )
          : Effect.fail(error)
      )
    )
    return id
  },
  Effect.retry({
    while: (error) =>
      error._tag === "ServerError" || error._tag === "NetworkError" || error._tag === "UnexpectedAnswer",
    schedule: Schedule.intersect(Schedule.exponential("200 millis"), Schedule.recurs(3))
  })
)

/** Records the id under the fence. If the lease is gone, what was just created is taken back. */
const record = <E, R>(publication: Publication<E, R>, id: number) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    yield* store
      .saveStep(publication.lease, stepKey, { id })
      .pipe(Effect.tapErrorTag("LeaseLost", () => Effect.ignore(sweep(publication, [id]))))
  })

/** What an earlier attempt of this job recorded, if it is still there. */
const recorded = <E, R>({ client, lease, pullRequest }: Publication<E, R>) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    const step = Option.flatMap(yield* store.loadStep(lease.jobId, stepKey), Schema.decodeUnknownOption(Step))
    if (Option.isNone(step)) return Option.none<Review>()
    return yield* client.getReview(pullRequest, step.value.id).pipe(
      Effect.asSome,
      Effect.catchTag("NotFound", () => Effect.succeedNone)
    )
  })

/** Deletes what nobody will submit, because the review is no longer wanted. */
export const retract = (place: Place) =>
  Effect.flatMap(read(place), ({ pending, strays }) =>
    sweep(place, [...Option.toArray(pending), ...strays])
  ).pipe(Effect.withSpan("Publish.retract"))

const once = <E, R>(publication: Publication<E, R>) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    const earlier = yield* recorded(publication)
    if (Option.isSome(earlier) && isVisible(earlier.value)) return earlier.value.id

    const reading = yield* read(publication)
    yield* sweep(publication, reading.strays)
    if (Option.isSome(reading.visible)) return reading.visible.value

    yield* store.check(publication.lease)
    yield* publication.stillWanted
    const pending = Option.orElse(
      Option.map(earlier, ({ id }) => id),
      () => reading.pending
    )
    const id = Option.isSome(pending) ? pending.value : yield* create(publication)
    yield* record(publication, id)
    return yield* submit(publication, id)
  })

/** Publishes the review, or finds that it is published; returns its id on GitHub. */
export const publish = <E, R>(
  publication: Publication<E, R>
): Effect.Effect<number, PublishError | E, JobStore | R> =>
  once(publication).pipe(
    Effect.retry({ times: 2, while: Schema.is(Vanished) }),
    Effect.withSpan("Publish.publish")
  )
