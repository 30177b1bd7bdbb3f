/** Reviews a change without a job: nothing is kept and nothing is posted. */
import { DateTime, Duration, Effect, Either, Match, Option } from "effect"
import { askModelOnce } from "./AskModel.ts"
import type { Chunk } from "./Chunker.ts"
import { type Commentable, commentable } from "./Commentable.ts"
import { inspectBy } from "./Inspect.ts"
import { type ChangeSource, gatherFrom, type Material } from "./Material.ts"
import { placeFindings } from "./Place.ts"
import type { Policy } from "./Policy.ts"
import type { Brief } from "./Prompt.ts"
import { type ModelError, type ReviewModel, ReviewModels } from "./ReviewModel.ts"
import type { Telling } from "./ReviewReport.ts"

export interface ReviewedChange extends Telling {
  /** The lines of the diff that a finding can stand on. */
  readonly lines: Commentable
  readonly inputTokens: number
  readonly outputTokens: number
  /** In US dollars; none where it isn't known. */
  readonly cost: Option.Option<number>
}

export interface Wanted<E> {
  readonly source: ChangeSource<E>
  readonly policy: Policy
  readonly title: string
  /** Is told before the first part, and whenever one is done; not where no model is asked. */
  readonly progress: (done: number, of: number) => Effect.Effect<void>
}

/** There is no queue to wait in: pauses before a service that stumbled is asked again. */
const pauses = [Duration.millis(500), Duration.seconds(2), Duration.seconds(6)]

/** Who runs a command waits no longer than this for a limit to be over. */
const longestWait = Duration.minutes(1)

const pauseAfter = (error: ModelError, tries: number): Effect.Effect<Option.Option<Duration.Duration>> =>
  Effect.map(DateTime.now, (now) => {
    const pause = Option.fromNullable(pauses[tries])
    if (error._tag === "ModelOverloaded") return pause
    if (error._tag !== "ModelRateLimited" || Option.isNone(pause)) return Option.none()
    const wait = Duration.millis(Math.max(0, DateTime.distance(now, error.until)))
    return Duration.lessThanOrEqualTo(wait, longestWait) ? Option.some(wait) : Option.none()
  })

/** In our own words: a service's may hold what it was sent. */
const sayFailure = ({ model }: ReviewModel) =>
  Match.typeTags<ModelError>()({
    ModelRateLimited: ({ provider, until }) =>
      `${provider} limits the rate of requests until ${DateTime.formatIso(until)}`,
    ModelOverloaded: ({ provider }) => `${provider} did not answer, or with an error of its own`,
    ModelRefused: () => `${model} declined to answer`,
    ModelMalformed: () => `${model} gave an answer that can't be read, also when asked again`,
    ModelRejected: ({ provider }) =>
      `${provider} does not take the question: it has no model "${model}", or the part is too long for it`,
    ModelUnauthorized: ({ provider }) =>
      `${provider} refuses the key: it is wrong, may not use "${model}", or its account has no credit`
  })

/** Whatever a model fails with fails its part only, so that what was found and paid for elsewhere is told. */
const askPatiently = (model: ReviewModel, chunk: Chunk, brief: Brief) => {
  const attempt = (tries: number): ReturnType<typeof askModelOnce> =>
    askModelOnce(model, chunk, brief).pipe(
      Effect.catchAll((error) =>
        Effect.flatMap(
          pauseAfter(error, tries),
          Option.match({
            onNone: () => Effect.fail(error),
            onSome: (pause) =>
              Effect.logWarning(`${sayFailure(model)(error)}; asking again`).pipe(
                Effect.zipRight(Effect.sleep(pause)),
                Effect.zipRight(attempt(tries + 1))
              )
          })
        )
      )
    )
  return Effect.either(Effect.mapError(attempt(0), sayFailure(model)))
}

/** A key that is refused for one part is refused for all: the others are not tried. */
const stopAtRefusal = () => {
  let refused = Option.none<string>()
  return (model: ReviewModel, chunk: Chunk, brief: Brief) =>
    Effect.suspend(() =>
      Option.match(refused, {
        onSome: (detail) => Effect.succeed(Either.left(detail)),
        onNone: () =>
          askPatiently(
            {
              ...model,
              ask: (question) =>
                Effect.tapErrorTag(model.ask(question), "ModelUnauthorized", (error) =>
                  Effect.sync(() => {
                    refused = Option.some(sayFailure(model)(error))
                  })
                )
            },
            chunk,
            brief
          )
      })
    )
}

const briefOf = (policy: Policy, title: string, material: Material): Brief => ({
  ...policy.brief,
  title,
  context: material.context
})

export const reviewChange = Effect.fn("Review.reviewChange")(function* <E>(wanted: Wanted<E>) {
  const { policy, progress, source, title } = wanted
  const model = yield* Effect.flatMap(ReviewModels, (models) => models.select(policy.model))
  const material = yield* gatherFrom(source, policy, { forModel: Option.isSome(model) })
  const subject = { material, model, brief: briefOf(policy, title, material), progress }
  if (Option.isSome(model)) yield* progress(0, material.chunks.length)
  const { coverage, findings, ...spent } = yield* inspectBy(subject, stopAtRefusal())
  const lines = commentable(material.files)
  const reviewed: ReviewedChange = {
    placement: placeFindings(findings, lines, policy),
    coverage,
    provider: Option.match(model, { onNone: () => "rules", onSome: ({ provider }) => provider }),
    model: Option.match(model, { onNone: () => "rules", onSome: ({ model }) => model }),
    notes: policy.notes,
    lines,
    ...spent
  }
  return reviewed
})
