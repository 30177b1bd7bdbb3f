import { Layer, Logger } from "effect"
import type { Log } from "../Config.ts"

/** Log lines go to standard error, so that standard output is left to what a command prints. */
export const layer = ({ format, level }: Log): Layer.Layer<never> =>
  Layer.merge(
    Logger.replace(
      Logger.defaultLogger,
      format === "json"
        ? Logger.withConsoleError(Logger.jsonLogger)
        : Logger.prettyLogger({ colors: "auto", stderr: true })
    ),
    Logger.minimumLogLevel(level)
  )
