/** Jobs in PostgreSQL: one file for each operation, one statement for each change of state. */
import type * as SqlClient from "@effect/sql/SqlClient"
import * as PgClient from "@effect/sql-pg/PgClient"
import { Effect, Layer } from "effect"
import type { DatabaseError } from "../../database/DatabaseError.ts"
import * as Migrations from "../../database/Migrations.ts"
import { JobStore } from "../JobStore.ts"
import { QueueSettings } from "../QueueSettings.ts"
import { audit } from "./Postgres/Audit.ts"
import { changes } from "./Postgres/Changes.ts"
import { cancelPullRequest, enqueue, enqueueAll } from "./Postgres/Enqueue.ts"
import { claimQuarantined, exchange, settle } from "./Postgres/Exchange.ts"
import * as Front from "./Postgres/Front.ts"
import * as Operate from "./Postgres/Operate.ts"
import { prune } from "./Postgres/Prune.ts"
import { counts, find, transitions } from "./Postgres/Reads.ts"
import { disown, rescue } from "./Postgres/Rescue.ts"
import { session } from "./Postgres/Session.ts"
import * as Sql from "./Postgres/Sql.ts"
import * as Steps from "./Postgres/Steps.ts"
import * as Workers from "./Postgres/Workers.ts"

export type { Options, TimeSource } from "./Postgres/Sql.ts"

/** The store in the tables of `migrations/`. */
export const make = (options: Sql.Options = {}) =>
  Effect.gen(function* () {
    const settings = yield* QueueSettings
    const client = yield* PgClient.PgClient
    const sql = yield* Sql.make(options)
    const desk = { context: sql, settings, front: Front.make() }
    return JobStore.of({
      enqueue: (job) => enqueue(sql, job, settings.maxAttempts),
      enqueueAll: (jobs) => enqueueAll(sql, jobs, settings.maxAttempts),
      cancelPullRequest: (key, message, only) => cancelPullRequest(sql, key, message, only),
      registerWorker: (info) => Workers.register(sql, info),
      markDraining: (worker) => Workers.markDraining(sql, worker),
      retireWorker: (worker) => Workers.retire(sql, worker),
      session: (worker) => session(sql, worker, options.session ?? client.config),
      claim: (worker, limit) => exchange(desk, worker, [], limit),
      claimQuarantined: (worker) => claimQuarantined(desk, worker),
      exchange: (worker, settlements, limit) => exchange(desk, worker, settlements, limit),
      disown: (worker, known) => disown(sql, worker, known),
      beat: (worker, leases) => Workers.beat(sql, worker, leases, settings),
      check: (lease) => Workers.check(sql, lease),
      settle: (lease, disposition) => settle(desk, lease, disposition),
      saveStep: (lease, key, output) => Steps.save(sql, lease, key, output),
      loadStep: (job, key) => Steps.load(sql, job, key),
      recallStep: (pullRequest, key) => Steps.recall(sql, pullRequest, key),
      rescue: rescue(sql, settings),
      prune: prune(sql, settings),
      find: (id) => find(sql, id),
      counts: counts(sql),
      transitions: (id) => transitions(sql, id),
      changes: changes(sql),
      list: (filter) => Operate.list(sql, filter),
      stepKeys: (id) => Steps.keys(sql, id),
      stats: Operate.stats(sql, settings),
      retry: (id) => Operate.retry(sql, id),
      cancel: (id, message) => Operate.cancel(sql, id, message),
      audit: (options) => audit(sql, options)
    })
  })

/** The store where `search_path` points. */
export const layer: Layer.Layer<JobStore, never, SqlClient.SqlClient | PgClient.PgClient> = Layer.effect(
  JobStore,
  make()
)

/** The store in a schema of its own, whatever the client's `search_path` is. */
export const layerWith = (
  options: Sql.Options
): Layer.Layer<JobStore, never, SqlClient.SqlClient | PgClient.PgClient> =>
  Layer.effect(JobStore, make(options))

/** As `layerWith`, once the tables are there and up to date. */
export const layerMigrated = (
  options: Sql.Options = {}
): Layer.Layer<
  JobStore,
  Migrations.MigrationError | DatabaseError,
  SqlClient.SqlClient | PgClient.PgClient
> => Layer.provide(layerWith(options), Migrations.layerWith(options))
