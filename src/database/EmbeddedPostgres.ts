/**
 * A real PostgreSQL that Holdfast brings along, for whoever has set no DATABASE_URL.
 *
 * It listens on a free port of 127.0.0.1 only, behind a generated password. It runs in a session of its own, so that
 * it outlives the program's drain; several programs on one data folder share it, and the last one to leave stops it.
 * After a `kill -9` of the program, the next start finds it running and uses it.
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Effect, Layer, type Redacted, Schedule, type Scope } from "effect"
import { DatabaseUrl } from "./DatabaseUrl.ts"
import { user } from "./EmbeddedPostgres/Cluster.ts"
import { EmbeddedPostgresError } from "./EmbeddedPostgres/EmbeddedPostgresError.ts"
import * as Home from "./EmbeddedPostgres/Home.ts"
import * as Postmaster from "./EmbeddedPostgres/Postmaster.ts"
import type * as Server from "./EmbeddedPostgres/Server.ts"
import * as Sharing from "./EmbeddedPostgres/Sharing.ts"
import * as Session from "./Session.ts"

export { EmbeddedPostgresError }

export interface Options {
  /** Where password and data are kept; made if need be. Relative to the working directory. */
  readonly dataDir: string
  /** Server settings such as `{ fsync: "off" }` for tests. They count only if this call starts the server. */
  readonly settings?: Server.StartOptions["settings"]
}

export interface EmbeddedPostgres {
  readonly url: Redacted.Redacted
  /** The folder that holds the data. It is below /var/lib for root, when the server's user can't reach `dataDir`. */
  readonly location: string
}

/** Starts the server, or joins the one that runs on this data folder, for as long as the scope lasts. */
export const make = (options: Options): Effect.Effect<EmbeddedPostgres, EmbeddedPostgresError, Scope.Scope> =>
  Effect.gen(function* () {
    const home = yield* Home.locate(options.dataDir)
    const port = yield* Sharing.hold(home, { settings: options.settings })
    yield* createDatabase(home, port)
    yield* Effect.logInfo(`The embedded PostgreSQL is ready; its data is in ${home.cluster}`)
    return { url: Postmaster.urlOf(home, port, user), location: home.cluster }
  }).pipe(Effect.provide(NodeFileSystem.layer), Effect.withSpan("EmbeddedPostgres.make"))

/** Whether there is a database in this data folder already, running or not. */
export const exists = (dataDir: string): Effect.Effect<boolean> =>
  Effect.provide(Home.exists(dataDir), NodeFileSystem.layer)

/** The embedded server as the program's database. It stops after everything that was built on it. */
export const layer = (options: Options): Layer.Layer<DatabaseUrl, EmbeddedPostgresError> =>
  Layer.scoped(
    DatabaseUrl,
    Effect.map(make(options), ({ url }) => ({ url }))
  )

const createDatabase = (
  home: Home.Home,
  port: number
): Effect.Effect<void, EmbeddedPostgresError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const session = yield* Session.open({
      url: Postmaster.urlOf(home, port, "postgres"),
      applicationName: "holdfast start"
    })
    const existing = yield* session.query("select 1 from pg_database where datname = $1", [user])
    if (existing.length === 0) yield* session.query(`create database ${user}`)
  }).pipe(
    Effect.scoped,
    // Another process was faster: the second look finds its database.
    Effect.retry(Schedule.recurs(3)),
    Effect.mapError(
      ({ message }) =>
        new EmbeddedPostgresError({
          reason: "StartFailed",
          message: `The database could not be made: ${message}`
        })
    )
  )
