#!/usr/bin/env node
/** Starts the command line, nothing else. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { exitCodeOf } from "./cli/Failure.ts"
import { main } from "./cli/Main.ts"

NodeRuntime.runMain(main(process.argv), {
  disableErrorReporting: true,
  // `cli/Logging.ts` sets up the loggers; without this every line comes twice.
  disablePrettyLogger: true,
  teardown: (exit, onExit) => onExit(exitCodeOf(exit))
})
