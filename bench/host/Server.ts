/** The one PostgreSQL that everything is measured on, with its default settings, and databases in it. */
import * as path from "node:path"
import * as FileSystem from "@effect/platform/FileSystem"
import { Effect, Redacted, type Scope } from "effect"
import * as EmbeddedPostgres from "../../src/database/EmbeddedPostgres.ts"
import * as Session from "../../src/database/Session.ts"

export interface Database {
  readonly name: string
  readonly url: string
}

export interface Server {
  /** What the server prints. */
  readonly log: string
  /** A setting of the server. */
  readonly show: (setting: string) => Effect.Effect<string>
  /** An empty database of its own, which goes with the scope. */
  readonly database: Effect.Effect<Database, never, Scope.Scope>
}

export const start = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "holdfast-bench-" })
  // As root, the server runs as another user, who has to pass through here.
  yield* fs.chmod(folder, 0o711)
  const { location, url } = yield* EmbeddedPostgres.make({ dataDir: `${folder}/data` })
  const serverUrl = Redacted.value(url)
  let made = 0
  const create = Effect.gen(function* () {
    const name = `bench_${++made}`
    // Not by files, whose copying ends in a checkpoint.
    yield* execute(serverUrl, [`create database ${name} template template0 strategy wal_log`])
    return { name, url: withDatabase(serverUrl, name) }
  })
  return {
    log: path.join(path.dirname(location), "postgres.log"),
    show: (setting) =>
      Effect.map(query(serverUrl, `select current_setting('${setting}') as value`), ([row]) =>
        typeof row === "object" && row !== null && "value" in row ? String(row.value) : "unknown"
      ),
    database: Effect.acquireRelease(create, ({ name }) =>
      execute(serverUrl, [`drop database if exists ${name} with (force)`])
    )
  } satisfies Server
})

/** Runs statements over a connection of their own. */
export const execute = (url: string, statements: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.flatMap(open(url), (session) =>
    Effect.forEach(statements, (statement) => session.query(statement), { discard: true })
  ).pipe(Effect.scoped, Effect.orDie)

export const query = (url: string, statement: string): Effect.Effect<ReadonlyArray<unknown>> =>
  Effect.flatMap(open(url), (session) => session.query(statement)).pipe(Effect.scoped, Effect.orDie)

const open = (url: string) => Session.open({ url: Redacted.make(url), applicationName: "holdfast bench" })

const withDatabase = (server: string, name: string) => {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}
