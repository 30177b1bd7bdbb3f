/**
 * No queue, but the least that any queue on PostgreSQL does for a job: one statement that claims and one that completes,
 * each with its commit. `Limit.ts` gives the same statements to pgbench.
 */
import { Effect } from "effect"
import pg from "pg"
import type { Rival } from "./Rival.ts"

export const tables = [
  "create table jobs (id bigint generated always as identity primary key, status text not null default 'pending', started_at timestamptz, completed_at timestamptz)",
  "create index jobs_pending on jobs (id) where status = 'pending'"
]

export const seed = (count: number) =>
  `insert into jobs (status) select 'pending' from generate_series(1, ${count})`

export const claim =
  "update jobs set status = 'processing', started_at = now() where id = (select id from jobs where status = 'pending' order by id limit 1 for update skip locked) returning id"

export const complete = (id: string) =>
  `update jobs set status = 'completed', completed_at = now() where id = ${id}`

const clientOf = (url: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      return client
    }),
    (client) => Effect.promise(() => client.end())
  )

const run = (url: string, statements: ReadonlyArray<string>) =>
  Effect.scoped(
    Effect.flatMap(clientOf(url), (client) =>
      Effect.forEach(statements, (statement) => Effect.promise(() => client.query(statement)), {
        discard: true
      })
    )
  )

const drainWith = async (client: pg.Client, onStart: () => void) => {
  for (;;) {
    const { rows } = await client.query<{ id: string }>({ name: "claim", text: claim })
    const [job] = rows
    if (job === undefined) return
    onStart()
    await client.query({ name: "complete", text: complete("$1"), values: [job.id] })
  }
}

export const bareStatements: Rival = {
  prepare: (url) => run(url, tables),
  producer: (url) =>
    Effect.succeed({
      one: () => run(url, [seed(1)]),
      many: (jobs: ReadonlyArray<number>) => run(url, [seed(jobs.length)])
    }),
  work: (url, { concurrency, onStart }) =>
    Effect.gen(function* () {
      const clients = yield* Effect.replicateEffect(clientOf(url), concurrency)
      for (const client of clients) {
        yield* Effect.forkScoped(Effect.promise(() => drainWith(client, onStart)))
      }
    }),
  unfinished: "exists (select from jobs where status <> 'completed')",
  pollMillis: 0
}
