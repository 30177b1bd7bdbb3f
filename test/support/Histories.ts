/**
 * Properties of random histories, as values: a check tells whether one failed, and which, so that a test can ask for
 * either.
 *
 * A failure's message is the shrunk history with the seed and the path that replay it:
 *
 *     HOLDFAST_TEST_SEED=<seed> HOLDFAST_TEST_PATH=<path> npx vitest run <the test's file> -t "<the test's name>"
 *
 * Without the path, the seed replays the whole run: the same histories, the same failure, the same shrinking.
 */
import { Cause, Effect, Exit, FastCheck as fc, Option, Runtime } from "effect"

/** How often what happened. */
export type Tally = ReadonlyMap<string, number>

export interface Checked<History> {
  readonly failure: Option.Option<{
    readonly message: string
    readonly history: History
    /** How many histories were tried until one failed. */
    readonly tried: number
  }>
  /** In all histories. */
  readonly tally: Tally
}

/** The seed and the path of the failure to replay, when the environment says so. */
export const replayed = () => {
  const seed = process.env["HOLDFAST_TEST_SEED"]
  const path = process.env["HOLDFAST_TEST_PATH"]
  return {
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(path === undefined ? {} : { path })
  }
}

const failureOf = <History>(details: fc.RunDetails<[History]>): Checked<History>["failure"] =>
  Option.map(Option.fromNullable(details.counterexample), ([history]) => {
    const { counterexamplePath, errorInstance, numRuns, numShrinks, seed } = details
    const what = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
    const how = `HOLDFAST_TEST_SEED=${seed} HOLDFAST_TEST_PATH=${counterexamplePath} (shrunk ${numShrinks} times)`
    return { history, message: `${what}\n${how}`, tried: numRuns }
  })

/** Runs histories until one fails, and shrinks that one. What the parameters leave open, the environment can say. */
export const check = <History, E>(
  histories: fc.Arbitrary<History>,
  run: (history: History) => Effect.Effect<Tally, E>,
  parameters: fc.Parameters<[History]>
): Effect.Effect<Checked<History>> =>
  Effect.gen(function* () {
    const runtime = yield* Effect.runtime()
    const tally = new Map<string, number>()
    const property = fc.asyncProperty(histories, async (history) => {
      const exit = await Runtime.runPromiseExit(runtime)(run(history))
      if (Exit.isFailure(exit)) throw Cause.squash(exit.cause)
      for (const [what, times] of exit.value) tally.set(what, (tally.get(what) ?? 0) + times)
    })
    const details = yield* Effect.promise(async () => fc.check(property, { ...replayed(), ...parameters }))
    return { failure: failureOf(details), tally }
  })
