/** Asks the model about one part of a change, unless that was asked and paid for before. */
import { createHash } from "node:crypto"
import { Effect, Option, Schema } from "effect"
import { type Claimed, JobStore } from "../queue/JobStore.ts"
import type { Chunk } from "./Chunker.ts"
import { ReviewAnswer } from "./ModelFinding.ts"
import { type Brief, chunkPrompt, promptVersion, systemPrompt } from "./Prompt.ts"
import type { ReviewModel } from "./ReviewModel.ts"
import { redactSecrets } from "./Secrets.ts"

/** What is kept of an answer. */
const Step = Schema.Struct({
  answer: ReviewAnswer,
  inputTokens: Schema.Number,
  outputTokens: Schema.Number,
  /** In US dollars; null where it isn't known. */
  cost: Schema.NullOr(Schema.Number)
})
export type Step = typeof Step.Type

const decodeStep = Schema.decodeUnknownOption(Step)
const encodeStep = Schema.encodeSync(Step)

/** More than a part of this size can deserve. */
const maxOutputTokens = 8_000

/** Everything that the answer depends on. */
const stepKey = (model: ReviewModel, system: string, prompt: string): string =>
  `answer:${createHash("sha256")
    .update(JSON.stringify([promptVersion, model.provider, model.model, maxOutputTokens, system, prompt]))
    .digest("hex")
    .slice(0, 40)}`

/** What is asked about one part of a change, without the secrets that stand there. */
const questionOf = (chunk: Chunk, brief: Brief) =>
  Effect.map(redactSecrets(chunkPrompt(chunk, brief)), (prompt) => ({ system: systemPrompt(brief), prompt }))

type Question = Effect.Effect.Success<ReturnType<typeof questionOf>>

const put = (model: ReviewModel, question: Question) =>
  Effect.map(
    model.ask({ ...question, name: "review", answer: ReviewAnswer, maxOutputTokens }),
    ({ usage, value }): Step => ({
      answer: value,
      inputTokens: usage.inputTokens,
      outputTokens: usage.outputTokens,
      cost: Option.getOrNull(usage.cost)
    })
  )

/** The answer, which is kept nowhere: for reviews that no job is for. */
export const askModelOnce = Effect.fn("Review.askModelOnce")(function* (
  model: ReviewModel,
  chunk: Chunk,
  brief: Brief
) {
  return yield* put(model, yield* questionOf(chunk, brief))
})

/**
 * The answer, and what it cost this job: nothing, if an earlier job about the pull request had it already. It is kept under
 * the lease before it is used: whatever happens to the process, it is not paid for again. Nothing is asked for a job that is not wanted any more.
 */
export const askModel = Effect.fn("Review.askModel")(function* (
  { job, lease }: Claimed,
  model: ReviewModel,
  chunk: Chunk,
  brief: Brief
) {
  const store = yield* JobStore
  const question = yield* questionOf(chunk, brief)
  const key = stepKey(model, question.system, question.prompt)
  const kept = Option.flatMap(yield* store.loadStep(job.id, key), decodeStep)
  if (Option.isSome(kept)) return kept.value
  const recalled = Option.flatMap(yield* store.recallStep(job.subject, key), decodeStep)
  if (Option.isSome(recalled)) return { ...recalled.value, inputTokens: 0, outputTokens: 0, cost: 0 }
  yield* store.check(lease)
  const step = yield* put(model, question)
  yield* store.saveStep(lease, key, encodeStep(step))
  return step
})
