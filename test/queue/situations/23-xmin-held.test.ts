import { assert, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import * as TestDatabase from "../../support/TestDatabase.ts"
import * as Bystander from "./Bystander.ts"
import * as Cost from "./Cost.ts"

const processed = 100_000

type Client = Effect.Effect.Success<ReturnType<typeof Bystander.make>>

/** A transaction that sees the queue as it is now: nothing that comes after may be cleared away. */
const holdXmin = ({ sql }: Client) =>
  Effect.gen(function* () {
    const open = yield* Deferred.make<void>()
    yield* sql`set transaction isolation level repeatable read`.pipe(
      Effect.zipRight(sql`select count(*) from review_jobs`),
      Effect.zipRight(Deferred.succeed(open, undefined)),
      Effect.zipRight(Effect.never),
      sql.withTransaction,
      Effect.forkScoped
    )
    yield* Deferred.await(open)
  })

/** What a day of load leaves behind: jobs that have waited, and are done. */
const processMany = ({ sql }: Client) =>
  Effect.gen(function* () {
    yield* sql`
      insert into review_jobs (
        installation_id, repo_full_name, owner, repo, pr_number, pr_title, commit_sha, base_branch, run_at
      )
      select number, 'other/shop', 'other', 'shop', number, '', 'c0ffee', 'main',
        now() - interval '1 day' + number * interval '1 millisecond'
      from generate_series(1, ${processed}::integer) number`
    yield* sql`
      update review_jobs set status = 'completed', completed_at = now() where repo_full_name = 'other/shop'`
    // As autovacuum does within a minute.
    yield* sql`analyze review_jobs`
  })

it.scopedLive(
  "23. A transaction holds xmin for long under load → claim latency stays bounded",
  () =>
    Effect.gen(function* () {
      const bystander = yield* Bystander.make(yield* TestDatabase.url)
      const { store } = bystander
      const worker = yield* store.registerWorker({ host: "test", pid: process.pid, version: "0" })
      yield* holdXmin(bystander)
      const before = yield* Cost.ofClaims(bystander, worker)
      yield* processMany(bystander)
      const after = yield* Cost.ofClaims(bystander, worker)
      assert.isAtMost(after, before * 2, "pages that a claim visits")
    }),
  120_000
)
