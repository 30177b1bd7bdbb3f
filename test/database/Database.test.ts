import * as SqlClient from "@effect/sql/SqlClient"
import { assert, layer } from "@effect/vitest"
import { Context, Data, Deferred, Effect, Equal, Exit, Fiber, Option, Random, Redacted } from "effect"
import * as Database from "../../src/database/Database.ts"
import { DatabaseUrl } from "../../src/database/DatabaseUrl.ts"
import * as Proxy from "../support/Proxy.ts"
import * as TestDatabase from "../support/TestDatabase.ts"

class Refused extends Data.TaggedError("Refused")<object> {}

/** A client with other settings for the same database. */
const client = (options: Omit<Database.Options, "url"> & { readonly url?: Redacted.Redacted }) =>
  Effect.flatMap(DatabaseUrl, ({ url }) => Database.make({ url, ...options })).pipe(
    Effect.map(Context.get(SqlClient.SqlClient))
  )

const names = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(sql<{ name: string }>`select name from things order by name`, (rows) =>
    rows.map(({ name }) => name)
  )
)

const insert = (name: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`insert into things values (${name})`
  })

/** Ends the session that the statement runs on. */
const suicide = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`select pg_terminate_backend(pg_backend_pid())`
})

const fresh = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`drop table if exists things`
  yield* sql`create table things (name text unique deferrable initially deferred)`
})

layer(TestDatabase.emptyLayer, { excludeTestServices: true })("Database", (it) => {
  it.effect("gives a failing statement a typed error with its SQLSTATE", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const error = yield* sql`select nonsense`.pipe(Database.guarded("ask for nonsense"), Effect.flip)
      assert.strictEqual(error._tag, "DatabaseError")
      assert.strictEqual(error.operation, "ask for nonsense")
      assert.deepStrictEqual(error.sqlState, Option.some("42703"))
      assert.include(error.message, 'column "nonsense" does not exist')
    })
  )

  it.effect("keeps the errors and the defects that are not the database's", () =>
    Effect.gen(function* () {
      const failed = yield* Effect.exit(Database.guarded("work")(new Refused()))
      assert.isTrue(Equal.equals(failed, Exit.fail(new Refused())))
      const died = yield* Effect.exit(Database.guarded("work")(Effect.die("a bug")))
      assert.isTrue(Equal.equals(died, Exit.die("a bug")))
    })
  )

  it.effect("commits a transaction that succeeds and rolls back one that fails", () =>
    Effect.gen(function* () {
      yield* fresh
      yield* Database.transaction("add")(insert("kept"))
      const error = yield* insert("dropped").pipe(
        Effect.zipRight(new Refused()),
        Database.transaction("add"),
        Effect.flip
      )
      assert.strictEqual(error._tag, "Refused")
      assert.deepStrictEqual(yield* names, ["kept"])
    })
  )

  type Outer = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, unknown, R | SqlClient.SqlClient>
  const outers: Readonly<Record<string, Outer>> = {
    "Database.transaction": Database.transaction("outer"),
    "sql.withTransaction": (effect) =>
      Effect.flatMap(SqlClient.SqlClient, (sql) => sql.withTransaction(effect))
  }
  for (const [name, outer] of Object.entries(outers)) {
    it.effect(`joins an ambient ${name}, and undoes only its own part when it fails`, () =>
      Effect.gen(function* () {
        yield* fresh
        yield* Effect.gen(function* () {
          yield* insert("outer")
          yield* Database.transaction("inner")(insert("inner"))
          yield* Effect.ignore(
            Database.transaction("inner")(Effect.zipRight(insert("undone"), new Refused()))
          )
          assert.deepStrictEqual(yield* Database.guarded("read")(names), ["inner", "outer"])
        }).pipe(outer)
        assert.deepStrictEqual(yield* names, ["inner", "outer"])

        yield* fresh
        yield* Database.transaction("inner")(insert("inner")).pipe(
          Effect.zipRight(new Refused()),
          outer,
          Effect.ignore
        )
        assert.deepStrictEqual(yield* names, [])
      })
    )
  }

  it.effect("fails, typed, when COMMIT is refused", () =>
    Effect.gen(function* () {
      yield* fresh
      // The constraint is deferred, so that only COMMIT finds out.
      const error = yield* Effect.zipRight(insert("twice"), insert("twice")).pipe(
        Database.transaction("add twice"),
        Effect.flip
      )
      assert.strictEqual(error._tag, "DatabaseError")
      assert.deepStrictEqual(error.sqlState, Option.some("23505"))
      assert.deepStrictEqual(yield* names, [])
    })
  )

  it.effect("does not call a transaction committed that the server rolled back without an error", () =>
    Effect.gen(function* () {
      yield* fresh
      const sql = yield* SqlClient.SqlClient
      const error = yield* insert("lost").pipe(
        Effect.zipRight(Effect.ignore(sql`select nonsense`)),
        Database.transaction("add"),
        Effect.flip
      )
      assert.deepStrictEqual(error.sqlState, Option.some("25P02"))
      assert.deepStrictEqual(yield* names, [])
    })
  )

  it.effect("fails, typed, when the connection is lost within a transaction, and goes on with the next", () =>
    Effect.gen(function* () {
      yield* fresh
      for (const step of [suicide, Effect.ignore(suicide)]) {
        const error = yield* Effect.zipRight(insert("lost"), step).pipe(
          Database.transaction("add"),
          Effect.flip
        )
        assert.strictEqual(error._tag, "DatabaseError")
      }
      yield* Database.transaction("add")(insert("kept"))
      assert.deepStrictEqual(yield* names, ["kept"])
    })
  )

  it.effect("does not make an interrupted caller wait, and lets the statement end by itself", () =>
    Effect.gen(function* () {
      yield* fresh
      const sql = yield* SqlClient.SqlClient
      const holding = yield* Deferred.make<void>()
      const release = yield* Deferred.make<void>()
      const holder = yield* sql`select pg_advisory_xact_lock(1)`.pipe(
        Effect.zipRight(Deferred.succeed(holding, undefined)),
        Effect.zipRight(Deferred.await(release)),
        sql.withTransaction,
        Effect.fork
      )
      yield* Deferred.await(holding)
      const waiter = yield* Effect.zipRight(sql`select pg_advisory_xact_lock(1)`, insert("late")).pipe(
        Database.transaction("add late"),
        Effect.fork
      )
      yield* sql`select from pg_locks where locktype = 'advisory' and not granted`.pipe(
        Effect.repeat({ until: (waiting) => waiting.length > 0 })
      )
      // Interrupting comes back although the lock is still held.
      yield* Fiber.interrupt(waiter)
      yield* Deferred.succeed(release, undefined)
      yield* Fiber.join(holder)
      yield* sql.withTransaction(sql`select pg_advisory_xact_lock(1)`)
      assert.deepStrictEqual(yield* names, ["late"])
    })
  )

  it.effect("lets nobody's statement be cancelled by another's interruption", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const statement = sql`select pg_sleep(0.002)`.pipe(Database.guarded("work"), Effect.asVoid)
      const interrupted = Effect.gen(function* () {
        const fiber = yield* Effect.fork(statement)
        yield* Effect.sleep(yield* Random.nextIntBetween(0, 8))
        yield* Fiber.interrupt(fiber)
      })
      const work = Array.from({ length: 400 }, (_, index) => (index % 2 === 0 ? statement : interrupted))
      // Fails if any of the undisturbed ones does.
      yield* Effect.all(work, { concurrency: 40, discard: true })
    })
  )

  it.scoped("bounds a statement by the server's timeout", () =>
    Effect.gen(function* () {
      const sql = yield* client({ statementTimeout: "50 millis" })
      const error = yield* sql`select pg_sleep(3600)`.pipe(Database.guarded("sleep"), Effect.flip)
      assert.deepStrictEqual(error.sqlState, Option.some("57014"))
    })
  )

  it.scoped("bounds a statement also when the network swallows its answer", () =>
    Effect.gen(function* () {
      const { url } = yield* DatabaseUrl
      const { proxy, url: proxied } = yield* Proxy.before(url)
      const sql = yield* client({ url: proxied, statementTimeout: "100 millis", patience: "100 millis" })
      yield* proxy.swallow
      const error = yield* sql`select 1`.pipe(Database.guarded("ask"), Effect.flip)
      assert.strictEqual(error._tag, "DatabaseError")
      yield* proxy.heal
      assert.deepStrictEqual(yield* sql`select 1 as one`.pipe(Database.guarded("ask")), [{ one: 1 }])
    })
  )

  it.scoped("ends within a bound when the network is dead", () =>
    Effect.gen(function* () {
      const { url } = yield* DatabaseUrl
      const { proxy, url: proxied } = yield* Proxy.before(url)
      const working = yield* Deferred.make<void>()
      // Ends although the statement never will: otherwise the test runs into its time limit.
      yield* Effect.scoped(
        Effect.gen(function* () {
          const sql = yield* client({ url: proxied })
          yield* proxy.swallow
          yield* Effect.fork(
            Effect.zipRight(Deferred.succeed(working, undefined), Database.guarded("ask")(sql`select 1`))
          )
          yield* Deferred.await(working)
        })
      )
    })
  )

  it.scoped("works through a pooler that takes no timeouts", () =>
    Effect.gen(function* () {
      const { url } = yield* DatabaseUrl
      const { url: pooled } = yield* Proxy.before(url, (startup) =>
        startup.includes("statement_timeout")
          ? Option.some({ sqlState: "08P01", message: "unsupported startup parameter: statement_timeout" })
          : Option.none()
      )
      const sql = yield* client({ url: pooled })
      assert.deepStrictEqual(yield* sql`select 1 as one`, [{ one: 1 }])
    })
  )

  it.scoped("waits for a server that is starting up", () =>
    Effect.gen(function* () {
      const { url } = yield* DatabaseUrl
      let refusals = 2
      const { url: starting } = yield* Proxy.before(url, () =>
        refusals-- > 0
          ? Option.some({ sqlState: "57P03", message: "the database system is starting up" })
          : Option.none()
      )
      const sql = yield* client({ url: starting })
      assert.deepStrictEqual(yield* sql`select 1 as one`, [{ one: 1 }])
    })
  )

  const change = (f: (url: URL) => void) =>
    Effect.map(DatabaseUrl, ({ url }) => {
      const changed = new URL(Redacted.value(url))
      changed.password = "hunter2"
      f(changed)
      return Redacted.make(changed.href)
    })

  const refusal = (sqlState: string) =>
    Effect.gen(function* () {
      const url = yield* change(() => {})
      return (yield* Proxy.before(url, () => Option.some({ sqlState, message: "no" }))).url
    })

  const wrongSettings = {
    "a port where nothing listens": [
      Effect.gen(function* () {
        // A port that was free a moment ago.
        const port = yield* Effect.scoped(
          Effect.map(Proxy.make({ host: "127.0.0.1", port: 1 }), ({ port }) => port)
        )
        return yield* change((url) => {
          url.port = String(port)
        })
      }),
      "Nothing listens"
    ],
    "a host that does not exist": [
      change((url) => {
        url.hostname = "no-such-host.invalid"
      }),
      'host name "no-such-host.invalid"'
    ],
    "a wrong password": [refusal("28P01"), "refused the password"],
    "a database that does not exist": [refusal("3D000"), "Create it with: createdb"],
    "a user that is not let in": [refusal("28000"), "does not let user"],
    "too many connections": [refusal("53300"), "max_connections"],
    "anything else": [refusal("XX000"), "Check DATABASE_URL and the server's log"],
    "what is no URL": [Effect.succeed(Redacted.make("postgres://u:hunter2@:x:y")), "is not a URL"]
  } as const

  for (const [what, [url, words]] of Object.entries(wrongSettings)) {
    it.scoped(`says what is wrong and what to do about ${what}, without the password`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(client({ url: yield* url }))
        assert.strictEqual(error._tag, "DatabaseUnreachable")
        assert.include(error.message, words)
        assert.notInclude(JSON.stringify(error) + String(error) + error.stack, "hunter2")
      })
    )
  }
})
