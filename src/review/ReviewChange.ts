/** Reviews a change without a job: nothing is kept and nothing is posted. */
import { DateTime, Duration, Effect, Either, Match, Option } from "effect"
import { type Ask, type Asked, nothingSpent, spentBy, toStep } from "./AskModel.ts"
import { addUsage, chooseFindings } from "./ChooseFindings.ts"
import { type Commentable, commentable } from "./Commentable.ts"
import { nothingEarlier, rulesAlone } from "./Earlier.ts"
import { inspect } from "./Inspect.ts"
import { type ChangeSource, gatherFrom, type Material } from "./Material.ts"
import type { Policy } from "./Policy.ts"
import type { Brief } from "./Prompt.ts"
import {
  type Answer,
  type AnswerObject,
  type ModelError,
  type Question,
  type ReviewModel,
  ReviewModels,
  type Unwanted
} from "./ReviewModel.ts"
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

/** There is no job in whose name a question could be unwanted. */
const isUnwanted = (error: ModelError | Unwanted): error is Unwanted => !error._tag.startsWith("Model")

/** Whatever a model fails with fails its part only, so that what was found and paid for elsewhere is told. */
const askPatiently = <A, I extends AnswerObject>(model: ReviewModel, question: Question<A, I>) => {
  const attempt = (tries: number): Effect.Effect<Answer<A>, ModelError> =>
    model.ask(question).pipe(
      Effect.catchIf(isUnwanted, Effect.die),
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
  return attempt(0).pipe(
    Effect.flatMap((answer) => Effect.map(toStep(question, answer), (step): Asked<A> => Either.right(step))),
    Effect.catchAll((error) =>
      Effect.succeed<Asked<A>>(Either.left({ detail: sayFailure(model)(error), ...spentBy(error) }))
    )
  )
}

/** A key that is refused for one part is refused for all: the others are not tried. */
const stopAtRefusal = (): Ask<never, never> => {
  let refused = Option.none<string>()
  return (model, question) =>
    Effect.suspend(() =>
      Option.match(refused, {
        onSome: (detail) => Effect.succeed(Either.left({ detail, ...nothingSpent })),
        onNone: () =>
          askPatiently(
            {
              ...model,
              ask: (again) =>
                Effect.tapErrorTag(model.ask(again), "ModelUnauthorized", (error) =>
                  Effect.sync(() => {
                    refused = Option.some(sayFailure(model)(error))
                  })
                )
            },
            question
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
  const material = yield* gatherFrom(source, policy, {
    model,
    scope: { _tag: "First" }
  })
  const subject = { material, model, brief: briefOf(policy, title, material), progress }
  if (Option.isSome(model)) yield* progress(0, material.chunks.length)
  const ask = stopAtRefusal()
  const { coverage, findings, ...usage } = yield* inspect(subject, ask)
  const lines = commentable(material.files)
  const { placement, spent } = yield* chooseFindings({
    ...subject,
    findings,
    lines,
    policy,
    earlier: nothingEarlier,
    dismissed: new Set<string>(),
    ask
  })
  const reviewed: ReviewedChange = {
    placement,
    coverage,
    provider: Option.match(model, { onNone: () => rulesAlone, onSome: ({ provider }) => provider }),
    model: Option.match(model, { onNone: () => rulesAlone, onSome: ({ model }) => model }),
    history: Option.none(),
    notes: policy.notes,
    lines,
    ...addUsage(usage, spent)
  }
  return reviewed
})
