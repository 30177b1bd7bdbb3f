/** A language model, as the reviewer sees it. The providers in `src/model` implement it. */
import { Context, type Effect, type Option, type Redacted, Schema } from "effect"
import type { LeaseLost, Obsolete, StoreUnavailable } from "../queue/JobError.ts"

/** Services want an answer to be an object. */
export type AnswerObject = Readonly<Record<string, unknown>>

/** What a model is asked, and what its answer must look like. */
export interface Question<A, I extends AnswerObject> {
  /** What the model is to do: the same for many questions. */
  readonly system: string
  /** What this question is about. */
  readonly prompt: string
  /** A name for the answer: letters, digits and underscores. */
  readonly name: string
  readonly answer: Schema.Schema<A, I>
  /** In tokens. A longer answer is cut off, and then malformed. */
  readonly maxOutputTokens: number
  /** Asked when the question's turn has come, each time before it is sent: it may have waited long for that. */
  readonly stillWanted?: Effect.Effect<void, Unwanted>
}

/** Why a question was not sent. */
export type Unwanted = LeaseLost | Obsolete | StoreUnavailable

/** What was paid for, also for answers that could not be used. */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  /** In US dollars; none where the model's price is not known. */
  readonly cost: Option.Option<number>
}

export interface Answer<A> {
  readonly value: A
  /** The model that answered, as its provider names it: where there is a fallback, it may have been that. */
  readonly model: string
  readonly usage: Usage
}

const common = { provider: Schema.String, message: Schema.String }

/** The provider will answer again at `until`. */
export class ModelRateLimited extends Schema.TaggedError<ModelRateLimited>()("ModelRateLimited", {
  ...common,
  until: Schema.DateTimeUtcFromSelf
}) {}
/** 5xx, a time-out, a connection that broke. */
export class ModelOverloaded extends Schema.TaggedError<ModelOverloaded>()("ModelOverloaded", common) {}
/** The model declined to answer. */
export class ModelRefused extends Schema.TaggedError<ModelRefused>()("ModelRefused", common) {}
/** The answer can't be decoded, also after one re-ask. It was paid for all the same. */
export class ModelMalformed extends Schema.TaggedError<ModelMalformed>()("ModelMalformed", {
  ...common,
  inputTokens: Schema.Number,
  outputTokens: Schema.Number,
  /** In US dollars; none where the model's price is not known. */
  cost: Schema.OptionFromSelf(Schema.Number)
}) {}
/** The key is wrong, or not allowed to use the model. */
export class ModelUnauthorized extends Schema.TaggedError<ModelUnauthorized>()("ModelUnauthorized", common) {}
/** The provider does not take the question: a model that it doesn't have, or a question that is too long. */
export class ModelRejected extends Schema.TaggedError<ModelRejected>()("ModelRejected", common) {}

/** There is no such provider in this version, or it lacks a setting. Only a change of settings helps. */
export class UnknownProvider extends Schema.TaggedError<UnknownProvider>()("UnknownProvider", common) {}

export type ModelError =
  | ModelRateLimited
  | ModelOverloaded
  | ModelRefused
  | ModelMalformed
  | ModelUnauthorized
  | ModelRejected

/** One model, ready to be asked. */
export interface ReviewModel {
  /** As in `anthropic`. */
  readonly provider: string
  /** As the provider names it. */
  readonly model: string
  /** Within a bounded time, and never more questions at once than the provider is to get. */
  readonly ask: <A, I extends AnswerObject>(
    question: Question<A, I>
  ) => Effect.Effect<Answer<A>, ModelError | Unwanted>
}

/** Who is to review for one installation. None of a value: the operator's, or the provider's usual one. */
export interface ModelChoice {
  readonly provider: Option.Option<string>
  readonly model: Option.Option<string>
  /** The installation's own key. */
  readonly apiKey: Option.Option<Redacted.Redacted>
}

/** Finds the model for a choice. */
export class ReviewModels extends Context.Tag("holdfast/ReviewModels")<
  ReviewModels,
  {
    /** None: the rules review alone, which run before every model anyway. */
    readonly select: (choice: ModelChoice) => Effect.Effect<Option.Option<ReviewModel>, UnknownProvider>
  }
>() {}
