/** What asking a model comes to with every provider: a bound, a limit on questions at once, one re-ask, the cost. */
import { Duration, Effect, Either, Option } from "effect"
import {
  type Answer,
  type AnswerObject,
  type ModelError,
  ModelMalformed,
  ModelOverloaded,
  type Question,
  type ReviewModel,
  type Unwanted,
  type Usage
} from "../review/ReviewModel.ts"
import { costOf, type Price } from "./Prices.ts"
import type { Access, Correction, Provider, Reply } from "./Provider.ts"

export interface Options {
  readonly access: Access
  readonly price: Option.Option<Price>
  /** Shared by all who ask the same service. */
  readonly limit: Effect.Semaphore
}

const add = (one: Reply<unknown>, other: Reply<unknown>) => ({
  inputTokens: one.inputTokens + other.inputTokens,
  outputTokens: one.outputTokens + other.outputTokens
})

/** The model at this provider, ready to be asked. */
export const modelAt = (provider: Provider, { access, limit, price }: Options): ReviewModel => {
  const { model, timeout } = access
  const usage = ({ inputTokens, outputTokens }: Pick<Usage, "inputTokens" | "outputTokens">): Usage => ({
    inputTokens,
    outputTokens,
    cost: Option.map(price, (of) => costOf(of, inputTokens, outputTokens))
  })
  const once = <A, I extends AnswerObject>(question: Question<A, I>, correction: Option.Option<Correction>) =>
    provider.ask(access, question, correction).pipe(
      Effect.timeoutFail({
        duration: timeout,
        onTimeout: () =>
          new ModelOverloaded({
            provider: provider.name,
            message: `${provider.name} did not answer within ${Duration.format(timeout)}`
          })
      }),
      (asking) => Effect.zipRight(question.stillWanted ?? Effect.void, asking),
      limit.withPermits(1)
    )
  const ask = <A, I extends AnswerObject>(
    question: Question<A, I>
  ): Effect.Effect<Answer<A>, ModelError | Unwanted> =>
    Effect.gen(function* () {
      const first = yield* once(question, Option.none())
      const name = Option.getOrElse(first.model, () => model)
      if (Either.isRight(first.value)) return { value: first.value.right, model: name, usage: usage(first) }
      const second = yield* once(question, Option.some(first.value.left))
      if (Either.isRight(second.value))
        return { value: second.value.right, model: name, usage: usage(add(first, second)) }
      return yield* new ModelMalformed({
        provider: provider.name,
        message: `${model} gave an answer that can't be read, also when asked again: ${second.value.left.mistake}`,
        ...usage(add(first, second))
      })
    }).pipe(Effect.withSpan("ReviewModel.ask", { attributes: { provider: provider.name, model } }))
  return { provider: provider.name, model, ask }
}

const isUnwanted = (error: ModelError | Unwanted): error is Unwanted =>
  error._tag === "LeaseLost" || error._tag === "Obsolete" || error._tag === "StoreUnavailable"

/** Asks the second model what the first can't answer: it is overloaded, limited, or not there. */
export const withFallback = (first: ReviewModel, second: ReviewModel): ReviewModel => ({
  ...first,
  ask: (question) => {
    const instead = (error: ModelError) =>
      second.ask(question).pipe(
        Effect.tap(() =>
          Effect.logInfo(`${second.model} answered instead of ${first.model}: ${error.message}`)
        ),
        // What the first says tells when to try again.
        Effect.mapError((other) => (isUnwanted(other) ? other : error))
      )
    return Effect.catchTags(first.ask(question), {
      ModelOverloaded: instead,
      ModelRateLimited: instead,
      ModelRejected: instead
    })
  }
})
