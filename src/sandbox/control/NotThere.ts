import { Data } from "effect"

/** The control API was asked for something that does not exist. */
export class NotThere extends Data.TaggedError("NotThere")<{ readonly message: string }> {}
