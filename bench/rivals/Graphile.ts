/**
 * graphile-worker: its default mode, where each job is fetched and completed for itself, and its mode for the highest
 * throughput, where jobs are fetched 500 at a time into a queue in memory and completed together. In the second, a crash
 * holds up all fetched jobs and runs again all whose completion was waiting.
 */
import { Effect } from "effect"
import { Logger, makeWorkerUtils, type RunnerOptions, run } from "graphile-worker"
import type { Rival } from "./Rival.ts"

const logger = new Logger(() => () => {})
const task = "noop"

const queue = (preset: NonNullable<RunnerOptions["preset"]>): Rival => ({
  prepare: (url) =>
    Effect.scoped(Effect.flatMap(utilsOf(url), (utils) => Effect.promise(() => utils.migrate()))),
  producer: (url) =>
    Effect.map(utilsOf(url), (utils) => ({
      one: (job: number) => Effect.promise(() => utils.addJob(task, { job })),
      many: (jobs: ReadonlyArray<number>) =>
        Effect.promise(() => utils.addJobs(jobs.map((job) => ({ identifier: task, payload: { job } }))))
    })),
  work: (url, { concurrency, onStart }) =>
    Effect.acquireRelease(
      Effect.promise(() =>
        run({
          preset,
          connectionString: url,
          concurrency,
          logger,
          noHandleSignals: true,
          crontab: "",
          taskList: { [task]: onStart }
        })
      ),
      (runner) => Effect.promise(() => runner.stop())
    ),
  unfinished: "exists (select from graphile_worker._private_jobs)",
  pollMillis: 0
})

const utilsOf = (url: string) =>
  Effect.acquireRelease(
    Effect.promise(() => makeWorkerUtils({ connectionString: url, logger })),
    (utils) => Effect.promise(async () => utils.release())
  )

export const graphile = queue({})
export const graphileBatched = queue({
  worker: { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 }
})
