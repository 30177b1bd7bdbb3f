import { Data } from "effect"

/** The bench can't go on; the message says why. */
export class BenchError extends Data.TaggedError("BenchError")<{ readonly message: string }> {}
