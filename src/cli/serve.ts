import * as os from "node:os"
import * as Command from "@effect/cli/Command"
import { Effect, Layer } from "effect"
import * as Config from "../Config.ts"
import { Hurry } from "../queue/Hurry.ts"
import * as Logging from "./Logging.ts"
import * as Signals from "./Signals.ts"
import { version } from "./Version.ts"

const groups = {
  database: Config.database,
  github: Config.github,
  server: Config.server,
  queue: Config.queue,
  review: Config.review,
  log: Config.log
}

/** `holdfast serve` */
export const serve = Command.make("serve", {}, () =>
  Effect.gen(function* () {
    const { log, ...settings } = yield* Config.load(groups)
    // Loaded only now, so that a wrong setting is told at once.
    const App = yield* Effect.promise(() => import("../App.ts"))
    const worker = { host: os.hostname(), pid: process.pid, version: yield* version }
    return yield* Effect.gen(function* () {
      const { hurry } = yield* Signals.watch
      // Set up first, so it runs last.
      yield* Effect.addFinalizer(() => Effect.logInfo("shutdown complete"))
      return yield* Layer.launch(App.server(settings, worker)).pipe(Effect.provideService(Hurry, hurry))
    }).pipe(Effect.scoped, Effect.provide(Logging.layer(log)))
  })
).pipe(
  Command.withDescription("Take webhooks and review pull requests until SIGTERM or SIGINT, and then drain.")
)
