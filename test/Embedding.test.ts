/**
 * The queue in somebody else's program, through the public surface only: on a client of their own, in a schema of their
 * own, in their transactions, for as long as their scope lives. docs/embedding.md is run by docs/Embedding.test.ts.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import * as PgClient from "@effect/sql-pg/PgClient"
import { assert, describe, it } from "@effect/vitest"
import {
  Chunk,
  Context,
  Deferred,
  Duration,
  Effect,
  Exit,
  Layer,
  Redacted,
  Scope,
  Stream,
  String
} from "effect"
import pg from "pg"
import {
  Database,
  type Job,
  type JobHandler,
  JobStore,
  PostgresJobStore,
  Queue,
  QueueSettings
} from "../src/index.ts"
import * as TestDatabase from "./support/TestDatabase.ts"

const subject = (pullRequest: number): Job.Subject => ({
  installationId: 1,
  owner: "acme",
  repo: "shop",
  pullRequest,
  title: "Add a cart",
  commitSha: "c0ffee",
  baseBranch: "main"
})

const partsOf = (url: Redacted.Redacted) => {
  const { hostname, password, pathname, port, username } = new URL(Redacted.value(url))
  return {
    host: hostname,
    port: Number(port),
    database: pathname.slice(1),
    username: decodeURIComponent(username),
    password: decodeURIComponent(password)
  }
}

const pooled = (config: pg.PoolConfig) =>
  PgClient.layerFromPool({
    acquire: Effect.acquireRelease(
      Effect.sync(() => new pg.Pool(config)),
      (pool) => Effect.promise(() => pool.end())
    )
  })

type Client = Layer.Layer<PgClient.PgClient | SqlClient.SqlClient, unknown>

/** The ways in which an embedder may have come by a client. */
const clients: Readonly<Record<string, (url: Redacted.Redacted) => Client>> = {
  "by a URL": (url) => PgClient.layer({ url }),
  "by parts": (url) => {
    const { password, ...parts } = partsOf(url)
    return PgClient.layer({ ...parts, password: Redacted.make(password) })
  },
  "from a pool": (url) => pooled({ connectionString: Redacted.value(url) }),
  "from a pool of parts": (url) => {
    const { username, ...parts } = partsOf(url)
    return pooled({ ...parts, user: username })
  },
  "that renames columns": (url) =>
    PgClient.layer({
      url,
      transformResultNames: String.snakeToCamel,
      transformQueryNames: String.camelToSnake
    }),
  "of this package": (url) => Database.layerFromUrl({ url })
}

/** Runs one job to its end, which is found by a hint: nobody polls meanwhile. */
const runsAJob = (store: Context.Tag.Service<JobStore>, handled: Deferred.Deferred<Job.JobId>) =>
  Effect.gen(function* () {
    const ended = yield* store.changes.pipe(
      Stream.filter(({ to }) => to === "completed"),
      Stream.runHead,
      Effect.fork
    )
    const { id } = yield* store.enqueue({ kind: "own", subject: subject(1), trigger: "opened" })
    assert.strictEqual(yield* Deferred.await(handled), id)
    yield* ended
    assert.strictEqual((yield* store.counts).completed, 1)
    assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Stream.runCollect(store.audit())), [])
  })

const schema = 'the "queue"'

describe.each(Object.entries(clients))("the queue on a client made %s", (_name, clientOf) => {
  it.scopedLive("works in a schema of choice, with a session of the worker's", () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.emptyUrl
      const handled = yield* Deferred.make<Job.JobId>()
      const context = yield* Layer.build(
        Queue.layer({ handlers: { own: ({ job }) => Deferred.succeed(handled, job.id) } }).pipe(
          Layer.provideMerge(PostgresJobStore.layerMigrated({ schema })),
          Layer.provide(QueueSettings.layer({ pollEvery: Duration.minutes(5) })),
          Layer.provideMerge(clientOf(url))
        )
      )
      yield* runsAJob(Context.get(context, JobStore), handled)
      const sql = Context.get(context, SqlClient.SqlClient).withoutTransforms()
      assert.deepStrictEqual(yield* sql`select has_session from ${sql(schema)}.workers`, [
        { has_session: true }
      ])
      assert.deepStrictEqual(yield* sql`select tablename from pg_tables where schemaname = 'public'`, [])
    })
  )
})

describe("the queue without a session of its worker", () => {
  const lone = (options: PostgresJobStore.Options, client: Client) =>
    Effect.gen(function* () {
      const handled = yield* Deferred.make<Job.JobId>()
      const context = yield* Layer.build(
        Queue.layer({ handlers: { own: ({ job }) => Deferred.succeed(handled, job.id) } }).pipe(
          Layer.provideMerge(PostgresJobStore.layerWith(options)),
          Layer.provide(QueueSettings.layer({ pollEvery: Duration.millis(50) })),
          Layer.provideMerge(client)
        )
      )
      yield* runsAJob(Context.get(context, JobStore), handled)
      const sql = Context.get(context, SqlClient.SqlClient)
      assert.deepStrictEqual(yield* sql`select has_session from workers`, [{ has_session: false }])
    })

  it.scopedLive("works by poll and lease when it is to have none", () =>
    Effect.flatMap(TestDatabase.url, (url) => lone({ session: "none" }, PgClient.layer({ url })))
  )

  it.scopedLive("works by poll and lease where none can be made", () =>
    Effect.flatMap(TestDatabase.url, (url) =>
      lone({ session: { host: "127.0.0.1", port: 1 } }, PgClient.layer({ url }))
    )
  )
})

describe("embedding the queue", () => {
  it.scopedLive("two queues in one database see nothing of each other", () =>
    Effect.gen(function* () {
      const database = yield* Layer.build(PgClient.layer({ url: yield* TestDatabase.emptyUrl }))
      const storeIn = (schema: string) =>
        Effect.map(Layer.build(PostgresJobStore.layerMigrated({ schema })), Context.get(JobStore)).pipe(
          Effect.provide(database)
        )
      const one = yield* storeIn("one")
      const other = yield* storeIn("other")
      yield* one.enqueue({ subject: subject(1), trigger: "opened" })
      assert.deepStrictEqual([(yield* one.counts).pending, (yield* other.counts).pending], [1, 0])
      assert.isTrue((yield* other.enqueue({ subject: subject(1), trigger: "opened" })).created)
    })
  )

  it.scopedLive("an enqueue is part of the embedder's transaction", () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.url
      const context = yield* Layer.build(
        PostgresJobStore.layer.pipe(Layer.provideMerge(PgClient.layer({ url })))
      )
      const store = Context.get(context, JobStore)
      const sql = Context.get(context, SqlClient.SqlClient)
      const enqueue = store.enqueue({ subject: subject(1), trigger: "opened" })
      yield* Effect.exit(sql.withTransaction(Effect.zipRight(enqueue, Effect.fail("changed my mind"))))
      assert.strictEqual((yield* store.counts).pending, 0)
      yield* sql.withTransaction(enqueue)
      assert.strictEqual((yield* store.counts).pending, 1)
    })
  )

  it.scopedLive("the end of the embedder's scope drains: running jobs finish, waiting ones stay", () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.url
      const started = yield* Deferred.make<void>()
      const proceed = yield* Deferred.make<void>()
      const review: JobHandler = () =>
        Effect.zipRight(Deferred.succeed(started, undefined), Deferred.await(proceed))
      const shared = yield* Layer.build(
        PostgresJobStore.layer.pipe(Layer.provideMerge(PgClient.layer({ url })))
      )
      const store = Context.get(shared, JobStore)
      yield* store.enqueue({ subject: subject(1), trigger: "opened" })

      const scope = yield* Scope.make()
      yield* Layer.buildWithScope(
        Queue.layer({ handlers: { review } }).pipe(
          Layer.provide(QueueSettings.layer({ concurrency: 1, pollEvery: Duration.millis(100) }))
        ),
        scope
      ).pipe(Effect.provide(shared))
      yield* Deferred.await(started)
      yield* store.enqueue({ subject: subject(2), trigger: "opened" })
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
      yield* Deferred.succeed(proceed, undefined)
      yield* closing.await
      const { completed, pending, processing } = yield* store.counts
      assert.deepStrictEqual({ completed, pending, processing }, { completed: 1, pending: 1, processing: 0 })
    })
  )
})
