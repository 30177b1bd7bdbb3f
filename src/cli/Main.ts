/** The command line: one file for each command. */
import * as Command from "@effect/cli/Command"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { Cause, Effect, Layer } from "effect"
import * as Config from "../Config.ts"
import { demo } from "./demo.ts"
import { exitCodes, explain, Told } from "./Failure.ts"
import { installations } from "./installations.ts"
import { jobs } from "./jobs.ts"
import { migrate } from "./migrate.ts"
import { review } from "./review.ts"
import { sandbox } from "./sandbox.ts"
import { serve } from "./serve.ts"
import { version } from "./Version.ts"

const holdfast = Command.make("holdfast").pipe(
  Command.withDescription(
    "A self-hosted GitHub App that reviews pull requests, and never loses a review nor posts one twice."
  ),
  Command.withSubcommands([serve, migrate, review, jobs, installations, demo, sandbox])
)

/** Runs the command that the arguments name. */
export const main = (argv: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const run = Command.run(holdfast, { name: "holdfast", version: yield* version })
    // The command line prints its own complaints about arguments.
    yield* run(argv)
  }).pipe(
    Effect.tapDefect((cause) => Effect.sync(() => process.stderr.write(`${Cause.pretty(cause)}\n`))),
    explain,
    // Its exit codes tell what was found, and that nothing could be.
    Effect.mapError((told) =>
      argv[2] === "review" && told.exitCode === exitCodes.usage
        ? new Told({ exitCode: exitCodes.couldNotReview })
        : told
    ),
    Effect.provide(Layer.merge(NodeContext.layer, Config.layer))
  )
