import { Effect } from "effect"

interface Subcommand<Options, E, R> {
  readonly run: (options: Options) => Effect.Effect<void, E, R>
}

/** Runs a subcommand's module, which is loaded only then, on the operator's queue and its database. */
export const onTheQueue =
  <Options, E, R>(load: () => Promise<Subcommand<Options, E, R>>) =>
  (options: Options) =>
    Effect.flatMap(
      Effect.promise(() => Promise.all([load(), import("./jobs/OpenQueue.ts")])),
      ([{ run }, { onTheQueue }]) => onTheQueue(run(options))
    )
