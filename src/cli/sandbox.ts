import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect } from "effect"

const port = Options.integer("port").pipe(
  Options.withDescription("Where it listens on 127.0.0.1; 0 takes a free port."),
  Options.withDefault(0)
)
const webhookUrl = Options.text("webhook-url").pipe(
  Options.withDescription("Where its webhooks go, as in http://127.0.0.1:3000/api/github/webhooks."),
  Options.optional
)

/** `holdfast sandbox` */
export const sandbox = Command.make("sandbox", { port, webhookUrl }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("./sandbox/RunSandbox.ts")),
    ({ run }) => run(options)
  )
).pipe(
  Command.withDescription(
    "Run a local GitHub, to try one's own setup against; with a control API under /_sandbox."
  )
)
