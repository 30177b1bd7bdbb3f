/** Asks a model, unless that was asked and paid for before. */
import { createHash } from "node:crypto"
import { Effect, Either, Option, Schema } from "effect"
import { type Claimed, JobStore } from "../queue/JobStore.ts"
import { isAskedAnew } from "./AskedFor.ts"
import { promptVersion } from "./Prompt.ts"
import { redactStrings } from "./RedactReport.ts"
import {
  type Answer,
  type AnswerObject,
  type ModelError,
  ModelMalformed,
  type ModelRefused,
  type Question,
  type ReviewModel,
  type Unwanted
} from "./ReviewModel.ts"

/** What an answer took. */
export interface Spent {
  readonly inputTokens: number
  readonly outputTokens: number
  /** In US dollars; null where it isn't known. */
  readonly cost: number | null
}

export interface Step<A> extends Spent {
  readonly answer: A
}

/** Why there is no answer. One that could not be read was paid for as well. */
export interface Unanswered extends Spent {
  readonly detail: string
}

export type Asked<A> = Either.Either<Step<A>, Unanswered>

/** What asking for a job fails with: only what a part of the change can't be left out for. */
export type AskError = Exclude<ModelError, ModelMalformed | ModelRefused> | Unwanted

/** How a question is put. */
export type Ask<E, R> = <A, I extends AnswerObject>(
  model: ReviewModel,
  question: Question<A, I>
) => Effect.Effect<Asked<A>, E, R>

export const nothingSpent: Spent = { inputTokens: 0, outputTokens: 0, cost: 0 }

const spent = {
  inputTokens: Schema.Number,
  outputTokens: Schema.Number,
  cost: Schema.NullOr(Schema.Number)
}

const stepOf = <A, I extends AnswerObject>(answer: Schema.Schema<A, I>) => Schema.Struct({ answer, ...spent })

const Kept = Schema.Struct({ detail: Schema.String, ...spent })
const decodeUnanswered = Schema.decodeUnknownOption(Kept)
const encodeUnanswered = Schema.encodeSync(Kept)

/** Everything that the answer depends on. */
const digestOf = <A, I extends AnswerObject>(model: ReviewModel, question: Question<A, I>): string => {
  const { maxOutputTokens, name, prompt, system } = question
  const all = [promptVersion, model.provider, model.model, name, maxOutputTokens, system, prompt]
  return createHash("sha256").update(JSON.stringify(all)).digest("hex").slice(0, 40)
}

/** Put together from parts, a secret can be in an answer that is in no question. */
export const toStep = <A, I extends AnswerObject>(
  { answer }: Question<A, I>,
  { usage, value }: Answer<A>
): Effect.Effect<Step<A>> =>
  Effect.map(
    Effect.orDie(Effect.flatMap(redactStrings(value), Schema.decodeUnknown(Schema.typeSchema(answer)))),
    (redacted) => ({
      answer: redacted,
      inputTokens: usage.inputTokens,
      outputTokens: usage.outputTokens,
      cost: Option.getOrNull(usage.cost)
    })
  )

/** What a failure took, as far as it is told: what a refusal costs is not. */
export const spentBy = (error: { readonly _tag: string } | ModelMalformed): Spent =>
  error instanceof ModelMalformed
    ? {
        inputTokens: error.inputTokens,
        outputTokens: error.outputTokens,
        cost: Option.getOrNull(error.cost)
      }
    : nothingSpent

/** A model that refuses, or answers what can't be read, will do so again. */
const put = <A, I extends AnswerObject>(model: ReviewModel, question: Question<A, I>) => {
  const unanswered = (error: ModelMalformed | ModelRefused) =>
    Effect.succeed<Asked<A>>(Either.left({ detail: error.message, ...spentBy(error) }))
  return model.ask(question).pipe(
    Effect.flatMap((answer) => Effect.map(toStep(question, answer), (step): Asked<A> => Either.right(step))),
    Effect.catchTags({ ModelMalformed: unanswered, ModelRefused: unanswered })
  )
}

/**
 * The answer, and what it cost this job: nothing, if an earlier job about the pull request had it already. It is kept under
 * the lease before it is used: whatever happens to the process, it is not paid for again. That the model could not answer
 * is kept for this job only. Nothing is asked for a job that is not wanted any more.
 */
export const askModel = Effect.fn("Review.askModel")(function* <A, I extends AnswerObject>(
  { job, lease }: Claimed,
  model: ReviewModel,
  question: Question<A, I>
) {
  const store = yield* JobStore
  const step = stepOf(question.answer)
  const decodeStep = Schema.decodeUnknownOption(step)
  const digest = digestOf(model, question)
  const key = `answer:${digest}`
  const kept = Option.flatMap(yield* store.loadStep(job.id, key), decodeStep)
  if (Option.isSome(kept)) return Either.right(kept.value) as Asked<A>
  // Who asks for everything anew has had the earlier answers.
  const recalled = isAskedAnew(job)
    ? Option.none()
    : Option.flatMap(yield* store.recallStep(job.subject, key), decodeStep)
  if (Option.isSome(recalled)) return Either.right({ ...recalled.value, ...nothingSpent })
  // An operator's retry is another generation, and worth another question.
  const failedKey = `unanswered:${job.generation}:${digest}`
  const failed = Option.flatMap(yield* store.loadStep(job.id, failedKey), decodeUnanswered)
  if (Option.isSome(failed)) return Either.left(failed.value)
  const asked = yield* put(model, { ...question, stillWanted: store.check(lease) })
  yield* Either.match(asked, {
    onLeft: (unanswered) => store.saveStep(lease, failedKey, encodeUnanswered(unanswered)),
    onRight: (answered) => store.saveStep(lease, key, Schema.encodeSync(step)(answered))
  })
  return asked
})
