/** Jobs in PostgreSQL: one file for each operation, one statement for each change of state. */
import type * as SqlClient from "@effect/sql/SqlClient"
import { Effect, Layer } from "effect"
import { DatabaseUrl } from "../../database/DatabaseUrl.ts"
import { JobStore } from "../JobStore.ts"
import { QueueSettings } from "../QueueSettings.ts"
import { claim } from "./Postgres/Claim.ts"
import { cancelPullRequest, enqueue } from "./Postgres/Enqueue.ts"
import { counts, find, transitions } from "./Postgres/Reads.ts"
import { session } from "./Postgres/Session.ts"
import { settle } from "./Postgres/Settle.ts"
import * as Sql from "./Postgres/Sql.ts"
import * as Steps from "./Postgres/Steps.ts"
import * as Workers from "./Postgres/Workers.ts"

export type { TimeSource } from "./Postgres/Sql.ts"

/**
 * The store in the tables of `migrations/0001_queue.sql`.
 *
 * @param time whose clock decides; anything but `database` is for tests
 */
export const make = (time: Sql.TimeSource = "database") =>
  Effect.gen(function* () {
    const settings = yield* QueueSettings
    const url = yield* DatabaseUrl
    const sql = yield* Sql.make(time)
    return JobStore.of({
      enqueue: (job) => enqueue(sql, job, settings.maxAttempts),
      cancelPullRequest: (key, message) => cancelPullRequest(sql, key, message),
      registerWorker: (info) => Workers.register(sql, info),
      markDraining: (worker) => Workers.markDraining(sql, worker),
      retireWorker: (worker) => Workers.retire(sql, worker),
      session: (worker) => session(sql, worker, url),
      claim: (worker, limit) => claim(sql, worker, limit, settings),
      beat: (worker, leases) => Workers.beat(sql, worker, leases, settings),
      check: (lease) => Workers.check(sql, lease),
      settle: (lease, disposition) => settle(sql, lease, disposition),
      saveStep: (lease, key, output) => Steps.save(sql, lease, key, output),
      loadStep: (job, key) => Steps.load(sql, job, key),
      rescue: Workers.rescue(sql, settings),
      find: (id) => find(sql, id),
      counts: counts(sql),
      transitions: (id) => transitions(sql, id)
    })
  })

export const layer: Layer.Layer<JobStore, never, SqlClient.SqlClient | DatabaseUrl> = Layer.effect(
  JobStore,
  make()
)
