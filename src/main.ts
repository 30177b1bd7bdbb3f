#!/usr/bin/env node
/** Starts the command line, nothing else. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { exitCodeOf } from "./cli/Failure.ts"
import { main } from "./cli/Main.ts"

// Whoever read our output has gone, as in `holdfast demo | head`: end in order, so that nothing is left running.
process.stdout.on("error", () => process.kill(process.pid, "SIGTERM"))

const endsByASignal = ["serve", "sandbox", "--keep"].some((word) => process.argv.includes(word))

NodeRuntime.runMain(main(process.argv), {
  disableErrorReporting: true,
  // `cli/Logging.ts` sets up the loggers; without this every line comes twice.
  disablePrettyLogger: true,
  teardown: (exit, onExit) => onExit(exitCodeOf(exit, endsByASignal))
})
