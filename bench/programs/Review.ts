/** A process that takes generated changes through the review pipeline; it answers one request after the other. */
import { Cause, Effect, Exit, Logger, LogLevel, Schema } from "effect"
import { parts, whole } from "../review/MeasureReviews.ts"
import { stages } from "../review/MeasureStages.ts"
import { tokens } from "../review/MeasureTokens.ts"
import { Request } from "../review/Protocol.ts"
import type { Reply } from "./Protocol.ts"

const answer = (request: Request): Effect.Effect<unknown, unknown> => {
  switch (request._tag) {
    case "Stages":
      return stages(request)
    case "Whole":
      return whole(request)
    case "Parts":
      return parts(request)
    case "Tokens":
      return tokens(request.repository)
  }
}

const reply = (exit: Exit.Exit<unknown, unknown>): Reply =>
  Exit.match(exit, {
    onSuccess: (value) => ({ _tag: "Done", value }),
    onFailure: (cause) => ({ _tag: "Failed", message: Cause.pretty(cause) })
  })

process.on("message", (message) => {
  Schema.decodeUnknown(Request)(message).pipe(
    Effect.flatMap(answer),
    Logger.withMinimumLogLevel(LogLevel.Error),
    Effect.exit,
    Effect.map((exit) => process.send?.(reply(exit))),
    Effect.runFork
  )
})
// A terminal's Ctrl-C reaches every process; the bench ends this one when it has ended itself.
process.on("SIGINT", () => {})
process.on("disconnect", () => process.exit())
