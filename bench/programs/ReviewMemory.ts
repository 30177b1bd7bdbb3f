/**
 * Takes one change through the pipeline up to its chunks, and prints the peak of its memory. Arguments: the form of the
 * change, for whom it is prepared, and the file that it stands in; without them it does nothing but load the pipeline.
 */
import { readFileSync } from "node:fs"
import { Effect, Either, Option, Schema } from "effect"
import { parseFile } from "../../src/review/ParseDiff.ts"
import { parseGitDiff } from "../../src/review/ParseGitDiff.ts"
import * as Pipeline from "../review/Pipeline.ts"
import { type Form, Memory, Reader } from "../review/Protocol.ts"

const Listed = Schema.parseJson(
  Schema.Array(
    Schema.Struct({
      filename: Schema.String,
      status: Schema.Literal("added", "modified"),
      additions: Schema.Int,
      deletions: Schema.Int,
      patch: Schema.String
    })
  )
)

/** GitHub's list in one piece; in life it comes in pages of a hundred files. */
const readList = (file: string) =>
  Schema.decodeUnknownSync(Listed)(readFileSync(file, "utf8")).map(({ filename, patch, ...rest }) =>
    parseFile({ ...rest, path: filename, previousPath: Option.none(), patch: Option.some(patch) })
  )

const readGit = (file: string) =>
  Either.getOrThrowWith(parseGitDiff(readFileSync(file, "utf8")), (reason) => new Error(reason))

const [form, reader, file] = process.argv.slice(2)

const run = (form: Form, reader: Reader, file: string) =>
  Effect.gen(function* () {
    const files = form === "list" ? readList(file) : readGit(file)
    const counter = yield* Pipeline.counterFor(reader)
    const chunks = yield* Pipeline.showAndChunk(reader, Pipeline.filter(files), counter)
    return chunks.length
  })

const chunks =
  file === undefined
    ? 0
    : await Effect.runPromise(
        run(form === "list" ? "list" : "git", Schema.decodeUnknownSync(Reader)(reader), file)
      )

// In kilobytes.
const peakMb = Math.round(process.resourceUsage().maxRSS / 1024)
process.stdout.write(JSON.stringify(Schema.encodeSync(Memory)({ peakMb, chunks })))
