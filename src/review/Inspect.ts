/** Asks the rules and the model what they find. */
import { Array as Arr, Effect, Either, Option } from "effect"
import type { Claimed } from "../queue/JobStore.ts"
import { askModel, type Step } from "./AskModel.ts"
import type { Chunk } from "./Chunker.ts"
import { type FailedChunk, withFailedChunks } from "./FailedChunks.ts"
import type { Finding } from "./Finding.ts"
import type { Material } from "./Material.ts"
import { toFindings } from "./ModelFinding.ts"
import type { Brief } from "./Prompt.ts"
import type { ReviewModel } from "./ReviewModel.ts"
import { ReviewRules } from "./ReviewRules.ts"
import { withoutSecrets } from "./Secrets.ts"

/** How many parts of one review are asked about at once. */
const atOnce = 4

interface Answered {
  readonly findings: ReadonlyArray<Finding>
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cost: Option.Option<number>
}

const answered = (chunk: Chunk, { answer, cost, inputTokens, outputTokens }: Step): Answered => ({
  findings: toFindings(chunk.files, answer),
  inputTokens,
  outputTokens,
  cost: Option.fromNullable(cost)
})

/** Asks a model about one part. Left: why the part could not be reviewed; the others are all the same. */
export type Ask<E, R> = (
  model: ReviewModel,
  chunk: Chunk,
  brief: Brief
) => Effect.Effect<Either.Either<Step, string>, E, R>

interface Subject {
  readonly material: Material
  /** None: the rules alone. */
  readonly model: Option.Option<ReviewModel>
  readonly brief: Brief
  /** Is told whenever a part is done. */
  readonly progress: (done: number, of: number) => Effect.Effect<void>
}

/** Everything that is found, and what the coverage is in the end. */
export const inspectBy = Effect.fn("Review.inspect")(function* <E, R>(
  { brief, material, model, progress }: Subject,
  ask: Ask<E, R>
) {
  const rules = yield* ReviewRules
  const { chunks, coverage, files, sizes } = material
  const aboutFiles = yield* rules.reviewFiles(files, sizes)
  // In all files: what is left out of the review, or cut off by a limit, may hold a secret as well.
  const secrets = yield* rules.scanSecrets(files)
  const byRules = yield* Effect.forEach(chunks, (chunk) => rules.reviewLines(chunk.files))
  let done = 0
  const results = yield* Option.match(model, {
    onNone: () => Effect.succeed([]),
    onSome: (asked) =>
      Effect.forEach(
        chunks,
        (chunk) =>
          ask(asked, chunk, brief).pipe(
            Effect.map(
              Either.mapBoth({
                onLeft: (detail): FailedChunk => ({ chunk, detail }),
                onRight: (step) => answered(chunk, step)
              })
            ),
            Effect.tap(() => Effect.suspend(() => progress(++done, chunks.length)))
          ),
        { concurrency: atOnce }
      )
  })
  const answers = Arr.getRights(results)
  const found = [
    ...aboutFiles,
    ...secrets,
    ...byRules.flat(),
    ...answers.flatMap((answer) => answer.findings)
  ]
  return {
    findings: yield* Effect.forEach(found, withoutSecrets),
    coverage: withFailedChunks(coverage, chunks, Arr.getLefts(results)),
    inputTokens: answers.reduce((sum, answer) => sum + answer.inputTokens, 0),
    outputTokens: answers.reduce((sum, answer) => sum + answer.outputTokens, 0),
    // Of several parts of which one's is not known, none is.
    cost: Option.map(Option.all(answers.map(({ cost }) => cost)), (costs) =>
      costs.reduce((sum, cost) => sum + cost, 0)
    )
  }
})

/** A model that refuses, or answers what can't be read, fails its chunk only; the coverage says so. */
const askFor = (claimed: Claimed) => (model: ReviewModel, chunk: Chunk, brief: Brief) =>
  askModel(claimed, model, chunk, brief).pipe(
    Effect.map((step): Either.Either<Step, string> => Either.right(step)),
    Effect.catchTags({
      ModelRefused: ({ message }) => Effect.succeed(Either.left(message)),
      ModelMalformed: ({ message }) => Effect.succeed(Either.left(message))
    })
  )

export interface Inspection extends Subject {
  readonly claimed: Claimed
}

/** The same for a job, which keeps every answer. */
export const inspect = ({ claimed, ...subject }: Inspection) => inspectBy(subject, askFor(claimed))
