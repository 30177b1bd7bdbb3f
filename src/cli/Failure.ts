/** How a command ends when it can't do its work: one message for a person, and an exit code for a script. */
import * as ValidationError from "@effect/cli/ValidationError"
import { Cause, Data, Effect, Exit, Option } from "effect"
import { ConfigMistakes, render } from "../Config.ts"

/** From BSD's sysexits.h, but for the last: what a supervisor can tell apart. */
export const exitCodes = {
  /** EX_CONFIG: a setting is wrong; starting again will not help. */
  ConfigMistakes: 78,
  /** EX_UNAVAILABLE: something that is needed is not there; starting again later may help. */
  unavailable: 69,
  /** EX_USAGE: an argument is wrong. */
  usage: 64,
  /** Not of sysexits.h: `review` ends with 0 and 1 for what it found. */
  couldNotReview: 2
} as const

/** A command failed for a reason that it has told already. */
export class Told extends Data.TaggedError("Told")<{ readonly exitCode: number }> {}

/** A command can't do its work; the message says why and what to do. */
export class CommandFailed extends Data.TaggedError("CommandFailed")<{ readonly message: string }> {}

const isExplained = (error: unknown): error is { readonly message: string } =>
  error instanceof Error && "_tag" in error

const tell = (message: string) => Effect.sync(() => process.stderr.write(`${message}\n`))

/** Prints what the error says, without a stack trace. Errors without a tag are bugs and keep theirs. */
export const explain = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, Told, R> =>
  Effect.catchAll(effect, (error) => {
    if (error instanceof Told) return Effect.fail(error)
    // The command line has printed it.
    if (ValidationError.isValidationError(error)) return new Told({ exitCode: exitCodes.usage })
    if (error instanceof ConfigMistakes) {
      return Effect.zipRight(tell(render(error)), new Told({ exitCode: exitCodes.ConfigMistakes }))
    }
    const message = isExplained(error) ? error.message : Cause.pretty(Cause.fail(error))
    return Effect.zipRight(tell(message), new Told({ exitCode: exitCodes.unavailable }))
  })

/** As a shell says of a command that a signal ended. */
const interrupted = 130

/**
 * The process's exit code.
 *
 * @param endsByASignal whether being told to stop is how this command ends in order, as a server does
 */
export const exitCodeOf = <A, E>(exit: Exit.Exit<A, E>, endsByASignal: boolean): number => {
  if (Exit.isSuccess(exit)) return 0
  if (Cause.isInterruptedOnly(exit.cause)) return endsByASignal ? 0 : interrupted
  const failure = Cause.failureOption(exit.cause)
  return Option.isSome(failure) && failure.value instanceof Told ? failure.value.exitCode : 1
}
