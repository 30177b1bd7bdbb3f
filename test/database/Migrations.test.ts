import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, type Scope } from "effect"
import * as Database from "../../src/database/Database.ts"
import { DatabaseUrl } from "../../src/database/DatabaseUrl.ts"
import * as Migrations from "../../src/database/Migrations.ts"
import * as TestDatabase from "../support/TestDatabase.ts"

/** A folder with these files, for as long as the scope lasts. */
const folder = (files: Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* fs.makeTempDirectoryScoped({ prefix: "holdfast-migrations-" })
    const write = (more: Readonly<Record<string, string>>) =>
      Effect.forEach(Object.entries(more), ([name, sql]) => fs.writeFileString(`${path}/${name}`, sql))
    yield* write(files)
    return { path, write }
  })

const inEmptyDatabase = <A, E>(
  test: Effect.Effect<A, E, SqlClient.SqlClient | DatabaseUrl | FileSystem.FileSystem | Scope.Scope>
) => test.pipe(Effect.provide([TestDatabase.emptyLayer, NodeFileSystem.layer]))

const tables = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = current_schema() order by 1`
  return rows.map(({ name }) => name)
})

describe("Migrations", () => {
  it.scopedLive("make the product's tables, and the columns that review_jobs must have", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      assert.isNotEmpty(yield* Migrations.pending)
      const applied = yield* Migrations.migrate
      assert.deepStrictEqual(applied[0], { id: 1, name: "queue" })
      assert.deepStrictEqual(yield* Migrations.pending, [])
      assert.includeMembers(yield* tables, [
        "review_jobs",
        "job_transitions",
        "installations",
        "reviews",
        "findings"
      ])

      yield* sql`
        insert into review_jobs
          (installation_id, repo_full_name, owner, repo, pr_number, pr_title, commit_sha, base_branch)
        values (1, 'o/r', 'o', 'r', 1, 'title', 'sha', 'main')`
      const jobs = yield* sql`
        select status, attempts, max_attempts, error_message, started_at, completed_at from review_jobs`
      assert.deepStrictEqual(jobs, [
        {
          status: "pending",
          attempts: 0,
          max_attempts: 3,
          error_message: null,
          started_at: null,
          completed_at: null
        }
      ])
    }).pipe(inEmptyDatabase)
  )

  it.scopedLive("run once: a second call applies nothing", () =>
    Effect.gen(function* () {
      assert.isNotEmpty(yield* Migrations.migrate)
      assert.deepStrictEqual(yield* Migrations.migrate, [])
    }).pipe(inEmptyDatabase)
  )

  it.scopedLive("run once when several processes start at the same time", () =>
    Effect.gen(function* () {
      const { url } = yield* DatabaseUrl
      // Each with a pool of its own, as processes have.
      const process = Migrations.migrate.pipe(Effect.provide(Layer.fresh(Database.layerFromUrl({ url }))))
      const applied = (yield* Effect.all(
        Array.from({ length: 6 }, () => process),
        { concurrency: "unbounded" }
      )).flat()
      const ids = applied.map(({ id }) => id)
      assert.strictEqual(new Set(ids).size, ids.length)
      assert.deepStrictEqual(yield* Migrations.pending, [])
    }).pipe(inEmptyDatabase)
  )

  it.scopedLive("run at the start of a program through their layer", () =>
    Effect.gen(function* () {
      yield* Layer.build(Migrations.layer)
      assert.deepStrictEqual(yield* Migrations.pending, [])
    }).pipe(inEmptyDatabase)
  )

  it.scopedLive("go into the schema that search_path names, also beside another Holdfast in public", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { url } = yield* DatabaseUrl
      yield* Migrations.migrate
      yield* sql`create schema tenant`
      const inTenant = new URL(Redacted.value(url))
      inTenant.searchParams.set("options", "-c search_path=tenant,public")
      yield* Effect.gen(function* () {
        assert.isNotEmpty(yield* Migrations.pending)
        assert.isNotEmpty(yield* Migrations.migrate)
        assert.include(yield* tables, "review_jobs")
      }).pipe(Effect.provide(Database.layerFromUrl({ url: Redacted.make(inTenant.href) })))
    }).pipe(inEmptyDatabase)
  )

  it.scopedLive("go into a schema of choice, which they make, whatever search_path names", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      assert.isNotEmpty(yield* Migrations.migrateInto("of choice"))
      assert.deepStrictEqual(yield* Migrations.migrateInto("of choice"), [])
      assert.deepStrictEqual(yield* tables, [])
      const functions = yield* sql`
        select distinct setting from pg_proc, unnest(proconfig) setting
        where proname like 'holdfast%' and setting like 'search_path=%'`
      assert.deepStrictEqual(functions, [{ setting: 'search_path="of choice"' }])
      const [path] = yield* sql`select current_setting('search_path') as path`
      assert.deepStrictEqual(path, { path: '"$user", public' })
    }).pipe(inEmptyDatabase)
  )

  it.scopedLive("go into a schema that is there without asking for the right to make one", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const role = `modest_${crypto.randomUUID().replaceAll("-", "")}`
      yield* Effect.acquireRelease(sql`create role ${sql(role)}`, () =>
        Effect.orDie(sql.unsafe(`drop owned by ${role}; drop role ${role}`))
      )
      yield* sql`create schema theirs authorization ${sql(role)}`
      const applied = yield* sql.withTransaction(
        Effect.zipRight(sql`set local role ${sql(role)}`, Migrations.migrateInto("theirs"))
      )
      assert.isNotEmpty(applied)
      const refused = yield* sql.withTransaction(
        Effect.zipRight(sql`set local role ${sql(role)}`, Effect.flip(Migrations.migrateInto("another")))
      )
      assert.include(refused.message, "permission denied")
    }).pipe(Effect.scoped, inEmptyDatabase)
  )

  it.scopedLive("refuse a schema's name that PostgreSQL would cut off", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Migrations.migrateInto("x".repeat(64)))
      assert.include(error.message, "too long")
    }).pipe(inEmptyDatabase)
  )

  it.scopedLive("say that the schema is missing when search_path names none", () =>
    Effect.gen(function* () {
      const { url } = yield* DatabaseUrl
      const nowhere = new URL(Redacted.value(url))
      nowhere.searchParams.set("options", "-c search_path=nowhere")
      const error = yield* Migrations.migrate.pipe(
        Effect.provide(Database.layerFromUrl({ url: Redacted.make(nowhere.href) })),
        Effect.flip
      )
      assert.include(error.message, "search_path")
    }).pipe(inEmptyDatabase)
  )

  it.scopedLive("are each whole or not at all, and name the file that failed", () =>
    Effect.gen(function* () {
      const { path, write } = yield* folder({
        "0001_good.sql": "create table good (id int);",
        "0002_bad.sql": "create table half (id int); create table wrong (id nonsense);",
        "0003_later.sql": "create table later (id int);"
      })
      const error = yield* Effect.flip(Migrations.migrateFrom(path))
      assert.strictEqual(error._tag, "MigrationError")
      assert.include(error.message, "0002_bad.sql")
      assert.include(error.message, 'type "nonsense" does not exist')
      assert.deepStrictEqual(yield* tables, ["good", "holdfast_migrations"])

      yield* write({ "0002_bad.sql": "create table half (id int);" })
      assert.deepStrictEqual(yield* Migrations.migrateFrom(path), [
        { id: 2, name: "bad" },
        { id: 3, name: "later" }
      ])
    }).pipe(inEmptyDatabase)
  )

  it.scopedLive("refuse a file that was changed after it was applied, but not other line endings", () =>
    Effect.gen(function* () {
      const { path, write } = yield* folder({ "0001_one.sql": "create table one (\n id int);" })
      yield* Migrations.migrateFrom(path)
      yield* write({ "0001_one.sql": "create table one (\r\n id int);" })
      assert.deepStrictEqual(yield* Migrations.migrateFrom(path), [])
      yield* write({ "0001_one.sql": "create table one (\n id bigint);" })
      const error = yield* Effect.flip(Migrations.migrateFrom(path))
      assert.strictEqual(error._tag === "MigrationError" && error.reason, "Changed")
      assert.include(error.message, "0001_one.sql")
    }).pipe(inEmptyDatabase)
  )

  it.scopedLive("refuse a database that a newer version has migrated, and leave it as it is", () =>
    Effect.gen(function* () {
      const newer = yield* folder({ "0001_one.sql": "select 1", "0002_two.sql": "create table two (id int)" })
      yield* Migrations.migrateFrom(newer.path)
      const older = yield* folder({ "0001_one.sql": "select 1" })
      const error = yield* Effect.flip(Migrations.migrateFrom(older.path))
      assert.strictEqual(error._tag === "MigrationError" && error.reason, "DatabaseIsNewer")
      assert.include(error.message, "newer Holdfast")
      assert.include(yield* tables, "two")
    }).pipe(inEmptyDatabase)
  )

  it.scopedLive("say what is wrong with their folder", () =>
    Effect.gen(function* () {
      const twice = yield* folder({ "0001_a.sql": "", "0001_b.sql": "" })
      const misnamed = yield* folder({ "first.sql": "" })
      const empty = yield* folder({})
      for (const path of [twice.path, misnamed.path, empty.path, `${empty.path}/missing`]) {
        const error = yield* Effect.flip(Migrations.migrateFrom(path))
        assert.strictEqual(error._tag === "MigrationError" && error.reason, "Unreadable")
      }
    }).pipe(inEmptyDatabase)
  )
})
