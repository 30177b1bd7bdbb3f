/**
 * Holdfast with its defaults. Its jobs are reviews of different pull requests in many installations, since it runs one
 * job of each pull request, and two of each installation, at a time.
 */
import { Effect, Layer, Redacted } from "effect"
import {
  Database,
  type Job,
  JobHandlers,
  JobStore,
  Migrations,
  PostgresJobStore,
  Queue,
  QueueSettings
} from "../../src/index.ts"
import { holdfastUnfinished } from "./HoldfastRows.ts"
import type { Rival } from "./Rival.ts"

const installations = 1000

export const review = (job: number): Job.NewJob => ({
  subject: {
    installationId: 1 + (job % installations),
    owner: `owner-${job % installations}`,
    repo: "repo",
    pullRequest: 1 + job,
    title: "A change",
    commitSha: job.toString(16).padStart(40, "0"),
    baseBranch: "main"
  },
  trigger: "opened"
})

export const databaseOf = (url: string) => Database.layerFromUrl({ url: Redacted.make(url) })

/** The store on a pool of its own. */
export const storeOf = (url: string) =>
  PostgresJobStore.layer.pipe(Layer.provideMerge(databaseOf(url)), Layer.orDie)

/** A worker with the default settings but for its concurrency. */
export const workerOf = (
  url: string,
  concurrency: number,
  review: (typeof JobHandlers.Service)["review"] & {}
) =>
  Queue.worker({ host: "bench", pid: process.pid, version: "bench" }).pipe(
    Layer.provide(Layer.succeed(JobHandlers, { review })),
    Layer.provide(storeOf(url)),
    Layer.provide(Layer.succeed(QueueSettings, { ...QueueSettings.defaults, concurrency }))
  )

export const holdfast: Rival = {
  prepare: (url) => Migrations.migrate.pipe(Effect.provide(databaseOf(url)), Effect.orDie, Effect.asVoid),
  producer: (url) =>
    Effect.gen(function* () {
      const store = yield* JobStore
      return {
        one: (job: number) => Effect.orDie(store.enqueue(review(job))).pipe(Effect.asVoid),
        many: (jobs: ReadonlyArray<number>) =>
          store.enqueueAll(jobs.map(review)).pipe(Effect.orDie, Effect.asVoid)
      }
    }).pipe((make) => Effect.flatMap(Layer.build(storeOf(url)), (store) => Effect.provide(make, store))),
  work: (url, { concurrency, onStart }) =>
    Layer.build(workerOf(url, concurrency, () => Effect.sync(onStart))).pipe(Effect.orDie, Effect.asVoid),
  unfinished: holdfastUnfinished,
  pollMillis: 0
}
