/**
 * pg-boss: as many workers as the concurrency says, each fetching a batch at the shortest interval that it allows. A
 * batch succeeds or fails as one; with single jobs it would run two a second for each worker. A worker that has had
 * work is told to look again at once, by the documented `notifyWorker`.
 */
import { Effect } from "effect"
import PgBoss from "pg-boss"
import type { Rival } from "./Rival.ts"

const name = "noop"
const pollingIntervalSeconds = 0.5
const batchSize = Number(process.env["PGBOSS_BATCH"] ?? 500)
const again = process.env["PGBOSS_NOTIFY"] !== "0"

const bossOf = (url: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const boss = new PgBoss({ connectionString: url, schedule: false })
      boss.on("error", (error) => console.error(error))
      return await boss.start()
    }),
    (boss) => Effect.promise(() => boss.stop({ graceful: false, wait: false }))
  )

export const pgboss: Rival = {
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
          if (again) boss.notifyWorker(id)
        })
      })
      yield* Effect.replicateEffect(worker, concurrency, { discard: true })
    }),
  unfinished: `exists (select from pgboss.job where name = '${name}' and state < 'completed')`,
  pollMillis: pollingIntervalSeconds * 1000
}
