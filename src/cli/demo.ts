import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect } from "effect"

const json = Options.boolean("json").pipe(
  Options.withDescription("Print one JSON object with what was measured, and nothing else.")
)
const keep = Options.boolean("keep").pipe(
  Options.withDescription("Leave everything running in the end, and print the addresses. Ctrl-C ends it.")
)

/** `holdfast demo` */
export const demo = Command.make("demo", { json, keep }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("./demo/RunDemo.ts")),
    ({ run }) => run(options)
  )
).pipe(
  Command.withDescription(
    "Kill Holdfast in the middle of a review and watch it recover, on an embedded database and a local GitHub."
  )
)
