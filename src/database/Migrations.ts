/**
 * Brings a database to the state this version of Holdfast expects, by the plain `.sql` files of `migrations/`.
 *
 * Files are append-only: each runs once, in a transaction of its own, and its checksum is kept, so that a file edited
 * afterwards, and a database newer than the code, are told instead of guessed around. Tables are made where
 * `search_path` points, or in a schema of choice. Processes that start at once take turns by an advisory lock; it is held by the transaction
 * and not by the session, and so it also works through a transaction pooler.
 */

import * as crypto from "node:crypto"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { Data, Duration, Effect, Layer, Schema } from "effect"
import pg from "pg"
import * as Database from "./Database.ts"
import { DatabaseError, type DatabaseUnreachable } from "./DatabaseError.ts"
import { DatabaseUrl } from "./DatabaseUrl.ts"

/** One file of `migrations/`: `0001_queue.sql` has the id 1 and the name `queue`. */
export interface Migration {
  readonly id: number
  readonly name: string
}

/** The database can't be brought to the expected state. The message says what to do. */
export class MigrationError extends Data.TaggedError("MigrationError")<{
  readonly reason: "Unreadable" | "Changed" | "DatabaseIsNewer" | "Failed"
  readonly message: string
}> {}

interface MigrationFile extends Migration {
  readonly file: string
  readonly sql: string
  readonly checksum: string
}

/** Found from the module's own place, which is as deep in `src` as in `dist`. */
const shipped = fileURLToPath(new URL("../../migrations", import.meta.url))

/** "holdfast" in ASCII, so that it can be recognised in `pg_locks`. */
const lockKey = "7525352680829580148"

/** Applies what is missing, and returns it. */
export const migrate: Effect.Effect<
  ReadonlyArray<Migration>,
  MigrationError | DatabaseError,
  SqlClient.SqlClient
> = Effect.suspend(() => migrateFrom(shipped))

/** As `migrate`, in this schema, which is made if it is missing, whatever the client's `search_path` is. */
export const migrateInto = (
  schema: string
): Effect.Effect<ReadonlyArray<Migration>, MigrationError | DatabaseError, SqlClient.SqlClient> =>
  migrateFrom(shipped, schema)

/** As `migrate`, with the files of another folder. */
export const migrateFrom = Effect.fn("Migrations.migrate")(function* (folder: string, schema?: string) {
  const files = yield* readFiles(folder)
  const inPlace = schema === undefined ? locked : inSchema(schema)
  yield* inPlace(createLedger)
  const applied: Array<Migration> = []
  for (const file of files) {
    if (!(yield* inPlace(applyOnce(file, files)))) continue
    applied.push({ id: file.id, name: file.name })
    yield* Effect.logInfo(`Applied migration ${file.id} (${file.name})`)
  }
  return applied
})

/** What `migrate` would apply. Empty in a database that is ready for this version, or is newer. */
export const pending: Effect.Effect<
  ReadonlyArray<Migration>,
  MigrationError | DatabaseError,
  SqlClient.SqlClient
> = Effect.gen(function* () {
  const files = yield* readFiles(shipped)
  const applied = new Set((yield* appliedSoFar).map(({ id }) => id))
  return files.filter(({ id }) => !applied.has(id)).map(({ id, name }) => ({ id, name }))
}).pipe(Effect.withSpan("Migrations.pending"))

/** `migrate` for the program's database, over a connection of its own on which statements may take as long as they need. */
export const run: Effect.Effect<
  ReadonlyArray<Migration>,
  MigrationError | DatabaseError | DatabaseUnreachable,
  DatabaseUrl
> = Effect.flatMap(DatabaseUrl, ({ url }) =>
  Database.make({
    url,
    maxConnections: 1,
    statementTimeout: Duration.infinity,
    applicationName: "holdfast migrate"
  })
).pipe(
  Effect.flatMap((client) => Effect.provide(migrate, client)),
  Effect.scoped
)

/** Migrates the program's database at the start. */
export const layer: Layer.Layer<never, MigrationError | DatabaseError | DatabaseUnreachable, DatabaseUrl> =
  Layer.effectDiscard(run)

/** Migrates at the start over the client that is there already, such as an embedder's own. */
export const layerWith = (options: {
  /** The schema to migrate, which is made if it is missing. Where `search_path` points, when absent. */
  readonly schema?: string | undefined
}): Layer.Layer<never, MigrationError | DatabaseError, SqlClient.SqlClient> =>
  Layer.effectDiscard(options.schema === undefined ? migrate : migrateInto(options.schema))

/** A transaction that only one process at a time can be in. */
const locked = <A, E>(effect: Effect.Effect<A, E | SqlError, SqlClient.SqlClient>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    // A file may take longer than statements otherwise may, and so may waiting for another process to finish it.
    yield* sql`set local statement_timeout = 0`
    yield* sql`set local idle_in_transaction_session_timeout = 0`
    yield* sql`select pg_advisory_xact_lock(${lockKey}::bigint)`
    return yield* effect
  }).pipe(Database.transaction("migrate"))

/**
 * As `locked`, with a `search_path` of this schema alone: that is where the files' tables go, and what their functions
 * look into for good.
 */
const inSchema =
  (schema: string) =>
  <A, E>(effect: Effect.Effect<A, E | SqlError, SqlClient.SqlClient>) =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const name = pg.escapeIdentifier(schema)
      // Looked for first: who may not make schemas may not ask for one `if not exists` either.
      const existing = yield* sql`select 1 from pg_namespace where nspname = ${schema}`
      if (existing.length === 0) {
        if (Buffer.byteLength(schema) > longestName) return yield* tooLong(schema)
        yield* sql`create schema ${sql.literal(name)}`
      }
      yield* sql`select set_config('search_path', ${name}, true)`
      return yield* effect
    }).pipe(locked)

/** PostgreSQL cuts off what is longer, in bytes, and so two names could be one schema. */
const longestName = 63

const tooLong = (schema: string) =>
  new MigrationError({
    reason: "Failed",
    message: `The schema's name "${schema}" is too long: PostgreSQL takes at most ${longestName} bytes. Choose a shorter one.`
  })

const createLedger = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* Effect.orDie(
    Schema.decodeUnknown(CurrentSchema)(yield* sql`select current_schema() as schema`)
  )
  if (row.schema === null) {
    return yield* new MigrationError({
      reason: "Failed",
      message:
        "The connection's search_path names no schema that exists, so there is no place for the tables. Create the schema, or correct search_path in DATABASE_URL."
    })
  }
  yield* sql`
    create table if not exists holdfast_migrations (
      id integer primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now()
    )`
})

const CurrentSchema = Schema.Tuple(Schema.Struct({ schema: Schema.NullOr(Schema.String) }))

const AppliedRows = Schema.Array(
  Schema.Struct({ id: Schema.Int, name: Schema.String, checksum: Schema.String })
)

/** Looks only in the schema where tables would be made: another one further along search_path is another Holdfast. */
const appliedSoFar = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const ledger = yield* sql`
    select 1 from pg_tables where schemaname = current_schema() and tablename = 'holdfast_migrations'`
  if (ledger.length === 0) return []
  return yield* Schema.decodeUnknown(AppliedRows)(
    yield* sql`select id, name, checksum from holdfast_migrations order by id`
  )
}).pipe(
  Effect.catchTag("ParseError", (error) => DatabaseError.from("read holdfast_migrations", error)),
  Database.guarded("read holdfast_migrations")
)

/** True if this call applied the file. */
const applyOnce = (file: MigrationFile, files: ReadonlyArray<MigrationFile>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const applied = yield* verify(files)
    if (applied.some(({ id }) => id === file.id)) return false
    yield* sql.unsafe(file.sql).pipe(
      Effect.mapError(
        (error) =>
          new MigrationError({
            reason: "Failed",
            message: `Migration ${file.file} failed and was rolled back: ${DatabaseError.from(file.file, error).message}. The database is as it was before it.`
          })
      )
    )
    yield* sql`insert into holdfast_migrations ${sql.insert({ id: file.id, name: file.name, checksum: file.checksum })}`
    return true
  })

/** Refuses a database that these files can't have made. */
const verify = (files: ReadonlyArray<MigrationFile>) =>
  Effect.gen(function* () {
    const applied = yield* appliedSoFar
    const known = new Map(files.map((file) => [file.id, file]))
    for (const row of applied) {
      const file = known.get(row.id)
      if (file === undefined) {
        return yield* new MigrationError({
          reason: "DatabaseIsNewer",
          message: `The database was made by a newer Holdfast: it has migration ${row.id} (${row.name}), which this version does not know. Run the newer version, or restore a backup made before the upgrade.`
        })
      }
      if (file.checksum !== row.checksum) {
        return yield* new MigrationError({
          reason: "Changed",
          message: `Migration ${file.file} is not the one that this database was made with. Restore the file as it was; a change to the database belongs into a new file.`
        })
      }
    }
    return applied
  })

const readFiles = (folder: string): Effect.Effect<ReadonlyArray<MigrationFile>, MigrationError> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const names = (yield* fs.readDirectory(folder)).filter((name) => name.endsWith(".sql"))
    const files = yield* Effect.forEach(names, (file) =>
      Effect.flatMap(fs.readFileString(path.join(folder, file)), (content) => parseFile(file, content))
    )
    const sorted = files.sort((a, b) => a.id - b.id)
    const twice = sorted.find((file, index) => sorted[index + 1]?.id === file.id)
    if (twice !== undefined) return yield* unreadable(`Two migrations have the number ${twice.id}`)
    if (sorted.length === 0) return yield* unreadable(`There are no migrations in ${folder}`)
    return sorted
  }).pipe(
    Effect.catchTags({
      BadArgument: (error) => unreadable(error.message),
      SystemError: (error) => unreadable(`The folder ${folder} can't be read (${error.reason})`)
    }),
    Effect.provide(NodeFileSystem.layer)
  )

const parseFile = (file: string, content: string): Effect.Effect<MigrationFile, MigrationError> => {
  const match = /^(\d{4})_(\w+)\.sql$/.exec(file)
  if (match === null) return unreadable(`${file} is not named like 0001_what_it_does.sql`)
  const [, id = "", name = ""] = match
  // A checkout on Windows may have other line endings.
  const sql = content.replaceAll("\r\n", "\n")
  const checksum = crypto.createHash("sha256").update(sql).digest("hex")
  return Effect.succeed({ id: Number(id), name, file, sql, checksum })
}

const unreadable = (problem: string) =>
  Effect.fail(
    new MigrationError({
      reason: "Unreadable",
      message: `${problem}. Holdfast's installation is damaged: install it again.`
    })
  )
