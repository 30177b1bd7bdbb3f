/**
 * pg-boss, which polls, twice a second at most, and settles a batch as one: it succeeds or fails together, and a crash
 * runs all of it again. Each unit of concurrency is a worker of its own. Three ways to run it:
 *
 * - `pgboss`: batches of 500 at the shortest interval. What comes out is near batch × workers ÷ interval.
 * - `pgbossEager`: the same, but a worker that has had work tells itself to look again at once, by `notifyWorker`.
 * - `pgbossSingle`: the latter with batches of one, so that each job is settled for itself; without it a worker would run
 *   two jobs a second.
 */
import { Effect } from "effect"
import PgBoss from "pg-boss"
import type { Rival } from "./Rival.ts"

const name = "noop"
const pollingIntervalSeconds = 0.5

const bossOf = (url: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const boss = new PgBoss({ connectionString: url, schedule: false })
      boss.on("error", (error) => console.error(error))
      return await boss.start()
    }),
    (boss) => Effect.promise(() => boss.stop({ graceful: false, wait: false }))
  )

const queue = ({ batchSize, eager }: { readonly batchSize: number; readonly eager: boolean }): Rival => ({
  prepare: (url) =>
    Effect.scoped(Effect.flatMap(bossOf(url), (boss) => Effect.promise(() => boss.createQueue(name)))),
  producer: (url) =>
    Effect.map(bossOf(url), (boss) => ({
      one: (job: number) => Effect.promise(() => boss.send(name, { job })),
      many: (jobs: ReadonlyArray<number>) =>
        Effect.promise(() => boss.insert(jobs.map((job) => ({ name, data: { job } }))))
    })),
  work: (url, { concurrency, onStart }) =>
    Effect.gen(function* () {
      const boss = yield* bossOf(url)
      const worker = Effect.promise(async () => {
        const id: string = await boss.work(name, { batchSize, pollingIntervalSeconds }, async (jobs) => {
          for (const _ of jobs) onStart()
          if (eager) boss.notifyWorker(id)
        })
      })
      yield* Effect.replicateEffect(worker, concurrency, { discard: true })
    }),
  unfinished: `exists (select from pgboss.job where name = '${name}' and state < 'completed')`,
  pollMillis: pollingIntervalSeconds * 1000
})

export const pgboss = queue({ batchSize: 500, eager: false })
export const pgbossEager = queue({ batchSize: 500, eager: true })
export const pgbossSingle = queue({ batchSize: 1, eager: true })
