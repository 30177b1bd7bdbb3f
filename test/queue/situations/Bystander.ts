/** Who enqueues and looks on while workers have their troubles: a client of the queue with a connection of its own. */
import * as SqlClient from "@effect/sql/SqlClient"
import { assert } from "@effect/vitest"
import { Context, Effect, Layer, Option, type Redacted, Schedule } from "effect"
import * as Database from "../../../src/database/Database.ts"
import type { JobId, JobStatus } from "../../../src/queue/Job.ts"
import * as PostgresJobStore from "../../../src/queue/JobStore/Postgres.ts"
import { JobStore } from "../../../src/queue/JobStore.ts"
import type { Payload } from "../programs/Protocol.ts"

const terminal: ReadonlyArray<JobStatus> = ["completed", "failed", "cancelled"]

export const make = (url: Redacted.Redacted) =>
  Effect.gen(function* () {
    const context = yield* Layer.build(
      PostgresJobStore.layer.pipe(
        Layer.provideMerge(Database.layerFromUrl({ url, applicationName: "bystander" }))
      )
    )
    const store = Context.get(context, JobStore)
    const sql = Context.get(context, SqlClient.SqlClient)
    let pullRequests = 0

    /** Each job is about a pull request, and for an installation, of its own: none has to wait for another. */
    const subject = () => ({
      installationId: ++pullRequests,
      owner: "acme",
      repo: "shop",
      pullRequest: pullRequests,
      title: "Add a cart",
      commitSha: "c0ffee",
      baseBranch: "main"
    })
    const job = (id: JobId) => Effect.map(store.find(id), Option.getOrThrow)
    const enqueue = (payload: Payload) =>
      Effect.suspend(() => store.enqueue({ subject: subject(), trigger: "opened", payload }))
    return {
      store,
      sql,
      enqueue,
      /** As many jobs, in the order in which they will be claimed. */
      enqueueMany: (count: number, payload: Payload) =>
        Effect.replicateEffect(
          Effect.map(enqueue(payload), ({ id }) => id),
          count
        ),
      job,
      /** Looks again until the job is in this state, however long the database is away meanwhile. */
      until: (id: JobId, status: JobStatus) =>
        job(id).pipe(
          Effect.filterOrFail((one) => one.status === status),
          Effect.retry(Schedule.spaced("20 millis")),
          Effect.orDie
        ),
      /** Each job got into one terminal state, this one, once, and out of it never again. */
      endedOnce: (ids: ReadonlyArray<JobId>, status: JobStatus) =>
        Effect.forEach(ids, (id) =>
          Effect.map(store.transitions(id), (lines) =>
            assert.deepStrictEqual(
              lines.filter((line) => terminal.includes(line.to)).map((line) => line.to),
              [status],
              `job ${id}`
            )
          )
        ),
      /** Ends every session that is not this client's own. */
      terminateOthers: sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and application_name <> 'bystander'`
    }
  })
