/**
 * What a program that embeds the queue imports. The page docs/embedding.md shows all of it at work.
 *
 * ```ts
 * const queue = Queue.layer({
 *   handlers: { deploy: ({ job, lease }) => Effect.log(`job ${job.id} is ours until ${lease.expiresAt}`) }
 * }).pipe(
 *   Layer.provideMerge(PostgresJobStore.layerMigrated({ schema: "deployments" })),
 *   Layer.provideMerge(PgClient.layer({ url }))
 * )
 * ```
 */
export * as Database from "./database/Database.ts"
export { DatabaseError, DatabaseUnreachable } from "./database/DatabaseError.ts"
export { DatabaseUrl } from "./database/DatabaseUrl.ts"
export * as EmbeddedPostgres from "./database/EmbeddedPostgres.ts"
export * as Migrations from "./database/Migrations.ts"
export type { Violation } from "./queue/Audit.ts"
export { Hurry } from "./queue/Hurry.ts"
export * as Job from "./queue/Job.ts"
export * as JobError from "./queue/JobError.ts"
export { type JobHandler, JobHandlers } from "./queue/JobHandlers.ts"
export * as MemoryJobStore from "./queue/JobStore/Memory.ts"
export * as PostgresJobStore from "./queue/JobStore/Postgres.ts"
export {
  type Claimed,
  type Enqueued,
  type JobCounts,
  type JobFilter,
  JobStore,
  type PullRequestKey,
  type QueueStats,
  type WorkerInfo,
  type WorkerState
} from "./queue/JobStore.ts"
export type { Lease } from "./queue/Lease.ts"
export * as Queue from "./queue/Queue.ts"
export { QueueSettings } from "./queue/QueueSettings.ts"
export { describe as describeReason, type Reason, type Transition } from "./queue/Transition.ts"
export { WorkerPool } from "./queue/WorkerPool.ts"
