/** Asks the rules and the model what they find. */
import { Array as Arr, Effect, Either, Number as Num, Option } from "effect"
import type { Ask, Spent } from "./AskModel.ts"
import type { Chunk } from "./Chunker.ts"
import { type Cut, keepConfidential, withoutRepeating } from "./Confidential.ts"
import { type FailedChunk, withFailedChunks } from "./FailedChunks.ts"
import type { Finding } from "./Finding.ts"
import { finishBegun } from "./FinishBegun.ts"
import type { Material } from "./Material.ts"
import { ReviewAnswer, toFindings } from "./ModelFinding.ts"
import { type Brief, chunkPrompt, confidencesOf, systemPrompt } from "./Prompt.ts"
import type { ReviewModel } from "./ReviewModel.ts"
import { ReviewRules } from "./ReviewRules.ts"
import { redactSecrets, withoutSecrets } from "./Secrets.ts"
import { realPaths } from "./Shown.ts"

/** How many parts of one review are asked about at once, so that a large one leaves questions at once to others. */
const atOnce = 8

/** More than a part of this size can deserve. */
const maxOutputTokens = 8_000

export interface Inspection {
  readonly material: Material
  /** None: the rules alone. */
  readonly model: Option.Option<ReviewModel>
  readonly brief: Brief
  /** Is told whenever a part is done. */
  readonly progress: (done: number, of: number) => Effect.Effect<void>
}

/** What one part came to, and what it took. */
interface Outcome extends Spent {
  readonly result: Either.Either<ReadonlyArray<Finding>, FailedChunk>
}

/** What is asked about one part of a change, without the secrets that stand there. */
const questionOf = (chunk: Chunk, brief: Brief) =>
  Effect.map(redactSecrets(chunkPrompt(chunk, brief)), (prompt) => ({
    system: systemPrompt(brief),
    prompt,
    name: "review",
    answer: ReviewAnswer,
    maxOutputTokens
  }))

/** Without an answer a part fails alone; the coverage says so. The reason can quote the model. */
const askAbout = <E, R>(ask: Ask<E, R>, model: ReviewModel, chunk: Chunk, brief: Brief, cut: Cut) =>
  Effect.gen(function* () {
    const asked = yield* ask(model, yield* questionOf(chunk, brief))
    const { cost, inputTokens, outputTokens } = Either.merge(asked)
    const paths = yield* realPaths(chunk.files)
    const result = Either.mapBoth(asked, {
      onLeft: ({ detail }) => ({ chunk, detail: cut(detail) }),
      onRight: ({ answer }) =>
        toFindings(chunk.files, {
          findings: answer.findings.map((said) => ({ ...said, path: paths.get(said.path) ?? said.path }))
        }).map(keepConfidential(cut))
    })
    return { result, inputTokens, outputTokens, cost } satisfies Outcome
  })

/** Everything that is found, and what the coverage is in the end. */
export const inspect = Effect.fn("Review.inspect")(function* <E, R>(
  { brief, material, model, progress }: Inspection,
  ask: Ask<E, R>
) {
  const rules = yield* ReviewRules
  const { chunks, coverage, files, sizes } = material
  const aboutFiles = yield* rules.reviewFiles(files, sizes)
  // In all files: what is left out of the review, or cut off by a limit, may hold a secret as well.
  const secrets = yield* rules.scanSecrets(files)
  const byRules = yield* Effect.forEach(chunks, (chunk) => rules.reviewLines(chunk.files))
  const cut = withoutRepeating(confidencesOf(brief))
  let done = 0
  const outcomes = yield* Option.match(model, {
    onNone: () => Effect.succeed<ReadonlyArray<Outcome>>([]),
    onSome: (asked) =>
      // An answer that is on its way is paid for, also where another part has to wait.
      finishBegun(
        chunks,
        (chunk) =>
          askAbout(ask, asked, chunk, brief, cut).pipe(
            Effect.tap(() => Effect.suspend(() => progress(++done, chunks.length)))
          ),
        atOnce
      )
  })
  const results = outcomes.map(({ result }) => result)
  const found = [...aboutFiles, ...secrets, ...byRules.flat(), ...Arr.getRights(results).flat()]
  return {
    findings: yield* Effect.forEach(found, withoutSecrets),
    coverage: withFailedChunks(coverage, chunks, Arr.getLefts(results)),
    inputTokens: Num.sumAll(outcomes.map((one) => one.inputTokens)),
    outputTokens: Num.sumAll(outcomes.map((one) => one.outputTokens)),
    // Of several parts of which one's is not known, none is.
    cost: Option.map(Option.all(outcomes.map(({ cost }) => Option.fromNullable(cost))), Num.sumAll)
  }
})
