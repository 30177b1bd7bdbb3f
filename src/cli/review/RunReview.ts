/** `holdfast review` */
import { Cause, Console, Effect, Exit, LogLevel, Option } from "effect"
import * as Config from "../../Config.ts"
import { CommandFailed, exitCodes, explain, Told } from "../Failure.ts"
import * as Logging from "../Logging.ts"
import { reviewLocally } from "./LocalReview.ts"
import type { ReviewOptions } from "./ReviewOptions.ts"
import { select } from "./Selection.ts"

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
