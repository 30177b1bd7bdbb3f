/**
 * A program on the embedded PostgreSQL, for tests that kill it: prints the URL and the place of the data as one line of
 * JSON, and ends in order at SIGTERM or SIGINT. As a service does in its drain, it uses the database once more then,
 * over a new connection, and prints what that gave.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Logger, Redacted } from "effect"
import * as EmbeddedPostgres from "../../src/database/EmbeddedPostgres.ts"
import * as Session from "../../src/database/Session.ts"

const [dataDir = ""] = process.argv.slice(2)

const program = Effect.gen(function* () {
  const { location, url } = yield* EmbeddedPostgres.make({ dataDir, settings: { fsync: "off" } })
  yield* Effect.addFinalizer(() =>
    Session.open({ url, applicationName: "drain" }).pipe(
      Effect.flatMap((session) => session.query("select 'drained' as answer")),
      Effect.flatMap((rows) => Console.log(JSON.stringify(rows))),
      Effect.scoped,
      Effect.orDie
    )
  )
  yield* Console.log(JSON.stringify({ url: Redacted.value(url), location }))
  return yield* Effect.never
})

program.pipe(
  Effect.scoped,
  Effect.provide(Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.logfmtLogger))),
  NodeRuntime.runMain({ disablePrettyLogger: true })
)
