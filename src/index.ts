/**
 * What a program that embeds Holdfast imports: the durable queue, or the whole reviewer, as Layers.
 *
 * ```ts
 * const handlers = Layer.succeed(JobHandlers, {
 *   review: ({ job, lease }) => Effect.log(`job ${job.id} is ours until its lease ends`)
 * })
 *
 * const worker = Queue.worker({ host: "here", pid: process.pid, version: "1" }).pipe(
 *   Layer.provide(handlers),
 *   Layer.provideMerge(PostgresJobStore.layer),
 *   Layer.provide(Database.layerFromUrl({ url }))
 * )
 * ```
 */
export * as App from "./App.ts"
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
export type { Reason, Transition } from "./queue/Transition.ts"
export { WorkerPool } from "./queue/WorkerPool.ts"
