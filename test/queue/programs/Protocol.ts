/** What a test and the worker that it has started as a process say to each other. */
import { Schema } from "effect"

/** In milliseconds. */
const Millis = Schema.DurationFromMillis

/** The queue's settings, durations in milliseconds; the defaults serve for what is not named. */
export const Settings = Schema.Struct({
  url: Schema.String,
  concurrency: Schema.optionalWith(Schema.Int, { exact: true }),
  maxAttempts: Schema.optionalWith(Schema.Int, { exact: true }),
  maxCrashes: Schema.optionalWith(Schema.Int, { exact: true }),
  quarantinePatience: Schema.optionalWith(Millis, { exact: true }),
  lease: Schema.optionalWith(Millis, { exact: true }),
  beatEvery: Schema.optionalWith(Millis, { exact: true }),
  idleBeatEvery: Schema.optionalWith(Millis, { exact: true }),
  deadAfter: Schema.optionalWith(Millis, { exact: true }),
  pollEvery: Schema.optionalWith(Millis, { exact: true }),
  rescueEvery: Schema.optionalWith(Millis, { exact: true }),
  shutdownGrace: Schema.optionalWith(Millis, { exact: true })
})

const simple = <Name extends string>(name: Name) => Schema.Struct({ do: Schema.Literal(name) })
const timed = <Name extends string>(name: Name) =>
  Schema.Struct({ do: Schema.Literal(name), millis: Schema.Number })

const simpleTasks = [
  simple("complete"),
  /** Asks whether it still may, and if so writes to the outside. */
  simple("write"),
  simple("defect"),
  simple("failTransient"),
  simple("failPermanent"),
  simple("obsolete"),
  timed("snooze"),
  timed("retryAfter")
] as const

/** What a handler is to do with its job. */
export const Task = Schema.Union(
  ...simpleTasks,
  timed("sleep"),
  /**
   * Posts a review to the outside, as `Outside.ts` says, with its pauses. One that is stubborn can't be interrupted, so
   * that nothing but its own checks keeps it from posting when it has lost its job.
   */
  Schema.Struct({
    do: Schema.Literal("publish"),
    millis: Schema.Tuple(Schema.Int, Schema.Int),
    stubborn: Schema.Boolean
  }),
  /** Waits until there is such a file. */
  Schema.Struct({ do: Schema.Literal("await"), file: Schema.String }),
  /** Lets nothing else happen in the process until there is such a file, and then does this. */
  Schema.Struct({
    do: Schema.Literal("blockUntil"),
    file: Schema.String,
    next: Schema.Union(...simpleTasks)
  }),
  /** Runs until it is interrupted. */
  simple("hang"),
  /** Can't be interrupted for so long. */
  timed("ignoreInterrupt"),
  /** Lets nothing else happen in the process for so long. */
  timed("block"),
  /** Kills its own process. */
  simple("exit")
)
export type Task = typeof Task.Type

/** One task for every claim of the job, or one for each. */
export const Payload = Schema.Union(Task, Schema.NonEmptyArray(Task))
export type Payload = typeof Payload.Type

const ofJob = <Name extends string>(name: Name) =>
  Schema.Struct({
    event: Schema.Literal(name),
    job: Schema.Int,
    epoch: Schema.Int,
    pid: Schema.Int
  })

export const Event = Schema.Union(
  /** The worker stands, and claims. */
  Schema.Struct({ event: Schema.Literal("up"), pid: Schema.Int }),
  ofJob("started"),
  ofJob("ended"),
  /** With an error, a defect or an interruption. */
  ofJob("failed"),
  ofJob("interrupted"),
  /** What must not be written by two. */
  ofJob("wrote"),
  /** Everything is shut down in order. */
  Schema.Struct({ event: Schema.Literal("drained"), pid: Schema.Int })
)
export type Event = typeof Event.Type
