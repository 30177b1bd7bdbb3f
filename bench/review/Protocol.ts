/** What the bench and the process that reviews say to each other. */
import { Schema } from "effect"

/** In which form the change comes. */
export const Form = Schema.Literal("list", "git")
export type Form = typeof Form.Type

/**
 * For whom it is prepared. `rules`: sizes are estimated, nothing is redacted. `model`: as a model gets it, with the
 * tokenizer, and without secrets. `model, as it stands`: the same without the search for secrets, to see what that
 * costs. `model, 200,000 tokens`: with the usual `limits.max_tokens`, and no limit otherwise.
 */
export const Reader = Schema.Literal("rules", "model, as it stands", "model", "model, 200,000 tokens")
export type Reader = typeof Reader.Type

export const Size = Schema.Struct({ files: Schema.Int, changesPerFile: Schema.Int })
export type Size = typeof Size.Type

export const Way = Schema.Struct({ form: Form, reader: Reader, size: Size, findings: Schema.Int })
export type Way = typeof Way.Type

/** Which of the parts of a review is slow. */
export const Slow = Schema.Literal("none", "first", "last")
export type Slow = typeof Slow.Type

export const Request = Schema.Union(
  Schema.TaggedStruct("Stages", { way: Way, samples: Schema.Int, maxMs: Schema.Number }),
  Schema.TaggedStruct("Whole", {
    size: Size,
    withModel: Schema.Boolean,
    samples: Schema.Int,
    maxMs: Schema.Number
  }),
  Schema.TaggedStruct("Parts", { concurrency: Schema.Int, slow: Slow, reviews: Schema.Int }),
  /** The repository, whose texts are counted. */
  Schema.TaggedStruct("Tokens", { repository: Schema.String })
)
export type Request = typeof Request.Type

/** Medians in milliseconds. */
export const Stages = Schema.Struct({
  lines: Schema.Int,
  megabytes: Schema.Number,
  parse: Schema.Number,
  filter: Schema.Number,
  show: Schema.Number,
  chunk: Schema.Number,
  place: Schema.Number,
  all: Schema.Number,
  /** The `diff` package's own parsing of the same git diff. */
  parsePatch: Schema.Number,
  /** Reading GitHub's list of the same change as JSON. */
  json: Schema.Number,
  chunks: Schema.Int,
  /** Of the findings, how many got a line. */
  onLines: Schema.Int,
  samples: Schema.Int
})
export type Stages = typeof Stages.Type

export const Whole = Schema.Struct({ millis: Schema.Number, samples: Schema.Int })
export type Whole = typeof Whole.Type

/** Milliseconds of the review, and of its slowest part alone. */
export const Parts = Schema.Struct({ millis: Schema.Number, slowest: Schema.Number, least: Schema.Number })
export type Parts = typeof Parts.Type

/** Tokens of one kind of text: as they are, by encoding; and as Holdfast reckons them. */
export const Tokens = Schema.Array(
  Schema.Struct({
    kind: Schema.String,
    actual: Schema.Record({ key: Schema.String, value: Schema.Int }),
    reckoned: Schema.Record({ key: Schema.String, value: Schema.Int })
  })
)
export type Tokens = typeof Tokens.Type

/** Peaks of resident memory in MB. */
export const Memory = Schema.Struct({ peakMb: Schema.Number, chunks: Schema.Int })
