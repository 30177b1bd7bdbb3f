/** (d) How many tokens Holdfast reckons with, and how many the same text has in the prompt that is sent. */
import { Effect } from "effect"
import type { ChangedFile } from "../../src/review/Diff.ts"
import { parseFile } from "../../src/review/ParseDiff.ts"
import { chunkPrompt } from "../../src/review/Prompt.ts"
import { estimateTokens, exactCounter } from "../../src/review/Tokens.ts"
import { asGithubLists, makeChange, newFile } from "./Change.ts"
import * as Pipeline from "./Pipeline.ts"
import { samples } from "./Samples.ts"

type Count = (text: string) => number

/** What the models of OpenAI's that are in use cut text by: GPT-4o to GPT-5, and GPT-4 and GPT-3.5. */
const encodings: Effect.Effect<Readonly<Record<string, Count>>> = Effect.promise(async () => {
  const options = { disallowedSpecial: new Set<string>() }
  const { countTokens: o200k } = await import("gpt-tokenizer/encoding/o200k_base")
  const { countTokens: cl100k } = await import("gpt-tokenizer/encoding/cl100k_base")
  return {
    o200k_base: (text: string) => o200k(text, options),
    cl100k_base: (text: string) => cl100k(text, options)
  }
})

const brief = { ...Pipeline.unlimited.brief, title: "A change", context: [] }

/** Of the files in a prompt: what they add to one without any. */
const actually = (chunks: ReturnType<typeof Pipeline.chunk>, count: Count): number =>
  chunks.reduce(
    (sum, chunk) =>
      sum + count(chunkPrompt(chunk, brief)) - count(chunkPrompt({ ...chunk, files: [] }, brief)),
    0
  )

export const tokens = (repository: string) =>
  Effect.gen(function* () {
    const actual = yield* encodings
    const counters = {
      "for OpenAI": yield* exactCounter("openai"),
      "for others": yield* exactCounter("anthropic"),
      "for the rules": estimateTokens
    }
    const kinds: ReadonlyArray<readonly [kind: string, files: ReadonlyArray<ChangedFile>]> = [
      ...samples(repository).map(({ kind, lines, path }) => [kind, [newFile(path, lines)]] as const),
      [
        "a pull request of 200 files",
        asGithubLists(makeChange({ files: 200, changesPerFile: 50 })).map(parseFile)
      ]
    ]
    return kinds.map(([kind, files]) => {
      const chunks = Pipeline.chunk(files, counters["for OpenAI"])
      const reckoned = Object.entries(counters).map(([name, counter]) => [
        name,
        Pipeline.chunk(files, counter).reduce((sum, chunk) => sum + chunk.tokens, 0)
      ])
      return {
        kind,
        actual: Object.fromEntries(
          Object.entries(actual).map(([name, count]) => [name, actually(chunks, count)])
        ),
        reckoned: Object.fromEntries(reckoned)
      }
    })
  })
