/** What each provider has to do by itself; what they have in common is done in `Asking.ts`. */
import type { Duration, Effect, Either, Option, Redacted } from "effect"
import type { AnswerObject, ModelError, Question } from "../review/ReviewModel.ts"

/** Where and as whom a provider is asked. */
export interface Access {
  /** None: the provider needs none, as one on the same machine. */
  readonly apiKey: Option.Option<Redacted.Redacted>
  /** The base of the API, without a slash at its end. None: the vendor's own. */
  readonly url: Option.Option<string>
  readonly model: string
  /** How long one answer may take. */
  readonly timeout: Duration.Duration
}

/** What was wrong with an answer, to be told to the model once. */
export interface Correction {
  /** The answer itself, as far as it can be had. */
  readonly said: string
  readonly mistake: string
}

/** An answer as it came. */
export interface Reply<A> {
  readonly value: Either.Either<A, Correction>
  readonly model: Option.Option<string>
  readonly inputTokens: number
  readonly outputTokens: number
}

export interface Provider {
  readonly name: string
  /** What is asked where nobody has chosen; none where only the operator can know. */
  readonly usualModel: Option.Option<string>
  /** Asks once, without a bound of time. */
  readonly ask: <A, I extends AnswerObject>(
    access: Access,
    question: Question<A, I>,
    correction: Option.Option<Correction>
  ) => Effect.Effect<Reply<A>, ModelError>
}
