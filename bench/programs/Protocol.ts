/** What the bench and its child processes say to each other. */
import { Schema } from "effect"

/** What a process that measures one queue can be asked. */
export const Request = Schema.Union(
  Schema.TaggedStruct("Prepare", { url: Schema.String }),
  /** To put in `jobs` jobs, numbered from `from` on. */
  Schema.TaggedStruct("Seed", { url: Schema.String, from: Schema.Int, jobs: Schema.Int }),
  Schema.TaggedStruct("Throughput", { url: Schema.String, concurrency: Schema.Int, jobs: Schema.Int }),
  Schema.TaggedStruct("Latency", { url: Schema.String, samples: Schema.Int }),
  Schema.TaggedStruct("Enqueue", { url: Schema.String, oneByOne: Schema.Int, bulk: Schema.Int }),
  Schema.TaggedStruct("Claims", { urls: Schema.Array(Schema.String), samples: Schema.Int })
)
export type Request = typeof Request.Type

export const Reply = Schema.Union(
  Schema.TaggedStruct("Done", { value: Schema.Unknown }),
  Schema.TaggedStruct("Failed", { message: Schema.String })
)
export type Reply = typeof Reply.Type

/** Jobs per second. */
export const Throughput = Schema.Number
/** Milliseconds from the call of enqueue to the start of the handler. */
export const Latencies = Schema.Array(Schema.Number)
/** Jobs per second. */
export const Enqueue = Schema.Struct({ oneByOne: Schema.Number, bulk: Schema.Number })
export type Enqueue = typeof Enqueue.Type
/** For each database, the milliseconds that each claim took. */
export const Claims = Schema.Array(Schema.Array(Schema.Number))

/** What a Holdfast worker process can be told. */
export const Order = Schema.Union(
  /** Run jobs that do nothing. */
  Schema.TaggedStruct("Work", { concurrency: Schema.Int }),
  /** Hold each job until death does us part, unless another worker has died with it already. */
  Schema.TaggedStruct("Hold", {}),
  /** Say which jobs have run. */
  Schema.TaggedStruct("Tell", {})
)
export type Order = typeof Order.Type

export const Word = Schema.Union(
  Schema.TaggedStruct("Ready", {}),
  Schema.TaggedStruct("Working", {}),
  /** A handler has started; only while holding. */
  Schema.TaggedStruct("Started", { job: Schema.Int, at: Schema.Number, rescued: Schema.Boolean }),
  /** The jobs that have run here, once for each run, and when the last one did. */
  Schema.TaggedStruct("Ran", { jobs: Schema.Array(Schema.Int), lastAt: Schema.Number })
)
export type Word = typeof Word.Type
