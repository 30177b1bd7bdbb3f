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
  const system = systemPrompt(brief)
  const prompt = yield* redactSecrets(chunkPrompt(chunk, brief))
  const key = stepKey(model, system, prompt)
  const kept = Option.flatMap(yield* store.loadStep(job.id, key), decodeStep)
  if (Option.isSome(kept)) return kept.value
  const recalled = Option.flatMap(yield* store.recallStep(job.subject, key), decodeStep)
  if (Option.isSome(recalled)) return { ...recalled.value, inputTokens: 0, outputTokens: 0, cost: 0 }
  yield* store.check(lease)
  const { usage, value } = yield* model.ask({
    system,
    prompt,
    name: "review",
    answer: ReviewAnswer,
    maxOutputTokens
  })
  const step: Step = {
    answer: value,
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    cost: Option.getOrNull(usage.cost)
  }
  yield* store.saveStep(lease, key, encodeStep(step))
  return step
})
