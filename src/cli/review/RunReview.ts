/** `holdfast review` */
import { Cause, Console, Effect, Exit, LogLevel, Option } from "effect"
import * as Config from "../../Config.ts"
import type { ProviderName } from "../../model/ProviderName.ts"
import { CommandFailed, exitCodes, explain, Told } from "../Failure.ts"
import * as Logging from "../Logging.ts"
import { reviewLocally } from "./LocalReview.ts"
import type { FailOn } from "./ReviewResult.ts"
import { type SelectionOptions, select } from "./Selection.ts"

export type Format = "pretty" | "json" | "sarif" | "github"

export interface ReviewOptions extends SelectionOptions {
  readonly format: Format
  readonly failOn: FailOn
  readonly provider: Option.Option<ProviderName>
  readonly model: Option.Option<string>
  readonly config: Option.Option<string>
}

/** The result, and nothing but that, on standard output; done once all of it is written. */
export const print = (text: string) =>
  Effect.async<void>((resume) => {
    process.stdout.write(`${text}\n`, () => resume(Effect.void))
  })

const quietly = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const { log } = yield* Config.load({ log: Config.log })
    const level = LogLevel.Order(log.level, LogLevel.Warning) < 0 ? LogLevel.Warning : log.level
    return yield* Effect.provide(effect, Logging.layer({ ...log, level }))
  })

const review = (options: ReviewOptions) =>
  Effect.gen(function* () {
    const selection = yield* Effect.mapError(select(options), (message) => new CommandFailed({ message }))
    if (selection._tag === "PullRequest") {
      const { dryRun } = yield* Effect.promise(() => import("./DryRun.ts"))
      return yield* quietly(dryRun(selection, options))
    }
    return yield* Effect.provide(quietly(reviewLocally(selection, options)), Config.environment)
  })

/** Ends with 0 or 1 for what was found, and with 2 for whatever kept it from being found. */
export const run = (options: ReviewOptions) =>
  Effect.gen(function* () {
    const exit = yield* Effect.exit(explain(review(options)))
    if (Exit.isSuccess(exit)) {
      if (exit.value !== 0) return yield* new Told({ exitCode: exit.value })
      return
    }
    if (Cause.isInterrupted(exit.cause)) return yield* Effect.failCause(exit.cause)
    const defects = Cause.keepDefects(exit.cause)
    if (Option.isSome(defects)) yield* Console.error(Cause.pretty(defects.value))
    return yield* new Told({ exitCode: exitCodes.couldNotReview })
  })
