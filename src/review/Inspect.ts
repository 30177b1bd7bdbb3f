/** Asks the rules and the model what they find. */
import { Effect } from "effect"
import { type FailedChunk, withFailedChunks } from "./FailedChunks.ts"
import type { Finding } from "./Finding.ts"
import type { Material } from "./Material.ts"
import type { ModelAnswer, ReviewModel } from "./ReviewModel.ts"
import { ReviewRules } from "./ReviewRules.ts"
import { withoutSecrets } from "./Secrets.ts"

const failed = (chunk: FailedChunk["chunk"], detail: string): FailedChunk => ({ chunk, detail })

/** A model that refuses, or answers what can't be read, fails its chunk only; the coverage says so. */
const ask = (model: ReviewModel, chunk: FailedChunk["chunk"]) =>
  model.review(chunk).pipe(
    Effect.map((answer): ModelAnswer | FailedChunk => answer),
    Effect.catchTags({
      ModelRefused: ({ message }) => Effect.succeed(failed(chunk, message)),
      ModelMalformed: ({ message }) => Effect.succeed(failed(chunk, message))
    })
  )

const isFailed = (result: ModelAnswer | FailedChunk): result is FailedChunk => "detail" in result

/** The rules run before every model; where they are the model, once is enough. */
const rulesOnly = (model: ReviewModel) => model.provider === "rules"

/** Everything that is found, and what the coverage is in the end. */
export const inspect = Effect.fn("Review.inspect")(function* (material: Material, model: ReviewModel) {
  const rules = yield* ReviewRules
  const { chunks, coverage, files, sizes } = material
  const aboutFiles = yield* rules.reviewFiles(files, sizes)
  // In all files: what is left out of the review, or cut off by a limit, may hold a secret as well.
  const secrets = yield* rules.scanSecrets(files)
  const byRules = rulesOnly(model)
    ? []
    : yield* Effect.forEach(chunks, (chunk) => rules.reviewLines(chunk.files)).pipe(
        Effect.map((findings) => findings.flat())
      )
  const results = yield* Effect.forEach(chunks, (chunk) => ask(model, chunk))
  const answers = results.filter((result): result is ModelAnswer => !isFailed(result))
  const found: ReadonlyArray<Finding> = [
    ...aboutFiles,
    ...secrets,
    ...byRules,
    ...answers.flatMap((answer) => answer.findings)
  ]
  return {
    findings: yield* Effect.forEach(found, withoutSecrets),
    coverage: withFailedChunks(coverage, chunks, results.filter(isFailed)),
    inputTokens: answers.reduce((sum, answer) => sum + answer.inputTokens, 0),
    outputTokens: answers.reduce((sum, answer) => sum + answer.outputTokens, 0)
  }
})
