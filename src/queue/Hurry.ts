import { Context, Effect } from "effect"

/**
 * Completes when a shutdown that is under way should not use up its grace. By default it never does; a program
 * completes it, for instance, at the second SIGTERM.
 */
export class Hurry extends Context.Reference<Hurry>()("holdfast/Hurry", {
  defaultValue: (): Effect.Effect<void> => Effect.never
}) {}
