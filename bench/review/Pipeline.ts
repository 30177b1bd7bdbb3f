/** The way of a change through the pipeline, as `Material.ts` and `Inspect.ts` lead it, stage by stage. */
import { Effect, Either } from "effect"
import { chunkFiles, chunkShown } from "../../src/review/Chunker.ts"
import { commentable } from "../../src/review/Commentable.ts"
import { parseGitattributes } from "../../src/review/FileFilter/Gitattributes.ts"
import { filterFiles } from "../../src/review/FileFilter.ts"
import { type ModelFinding, toFindings } from "../../src/review/ModelFinding.ts"
import { parseFile } from "../../src/review/ParseDiff.ts"
import { parseGitDiff } from "../../src/review/ParseGitDiff.ts"
import { placeFindings } from "../../src/review/Place.ts"
import type { Policy } from "../../src/review/Policy.ts"
import { nothingSaid, policyOf } from "../../src/review/ReadPolicy.ts"
import { nothingSet } from "../../src/review/Settings.ts"
import { shownFile } from "../../src/review/Shown.ts"
import { estimateTokens, exactCounter } from "../../src/review/Tokens.ts"
import { asGitDiff, asGithubLists, type Change } from "./Change.ts"
import type { Form, Reader } from "./Protocol.ts"

/** As in `Material.ts`. */
const chunkTokens = 12_000

const everything = Number.MAX_SAFE_INTEGER

/** The usual policy without its limits, which would make large changes look cheap. */
export const unlimited: Policy = {
  ...policyOf(nothingSet, nothingSaid),
  maxFiles: everything,
  maxTokens: everything,
  maxComments: everything,
  minSeverity: "low"
}

const rules = { ...unlimited, gitattributes: parseGitattributes("") }

/** Gives the parsing of a change that stands ready in its form. */
export const parsing = (form: Form, change: Change) => {
  if (form === "list") {
    const list = asGithubLists(change)
    return () => list.map(parseFile)
  }
  const text = asGitDiff(change)
  return () => Either.getOrThrowWith(parseGitDiff(text), (reason) => new Error(reason))
}

export const filter = (files: Parameters<typeof filterFiles>[0]) => filterFiles(files, rules).review

export const show = (reader: Reader, files: ReturnType<typeof filter>) =>
  reader === "model" ? Effect.forEach(files, shownFile) : Effect.succeed(files)

/** OpenAI's tokenizer is the larger one. */
export const counterFor = (reader: Reader) =>
  reader === "rules" ? Effect.succeed(estimateTokens) : exactCounter("openai")

type Counter = Effect.Effect.Success<ReturnType<typeof counterFor>>

const limitsWith = (count: Counter) => ({ chunkTokens, maxTokens: unlimited.maxTokens, count })

export const chunk = (files: ReturnType<typeof filter>, count: Counter) =>
  chunkFiles(files, limitsWith(count)).chunks

/** Shows and packs one file after the other, as a review does. */
export const showAndChunk = (reader: Reader, files: ReturnType<typeof filter>, count: Counter) =>
  reader === "model" || reader === "model, 200,000 tokens"
    ? Effect.map(
        chunkShown(
          files,
          { ...limitsWith(count), ...(reader === "model" ? {} : { maxTokens: 200_000 }) },
          shownFile
        ),
        ({ chunks }) => chunks
      )
    : Effect.succeed(chunk(files, count))

/** Each chunk's findings are looked for in that chunk, and all are placed together. */
export const place = (
  files: Parameters<typeof commentable>[0],
  chunks: ReturnType<typeof chunk>,
  answers: ReadonlyArray<ReadonlyArray<ModelFinding>>
) => {
  const findings = chunks.flatMap((one, at) => toFindings(one.files, { findings: answers[at] ?? [] }))
  return placeFindings(findings, commentable(files), unlimited)
}
