import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import * as TestDatabase from "../support/TestDatabase.ts"
import * as Bystander from "./situations/Bystander.ts"
import * as Cost from "./situations/Cost.ts"

/**
 * A backlog that came in the last minute, which the planner knows nothing of: the table was never analysed, and plans
 * were made while it was tiny. Its jobs wait behind those that are measured.
 */
const grow = ({ sql }: Effect.Effect.Success<ReturnType<typeof Bystander.make>>) =>
  sql`
    insert into review_jobs (
      installation_id, repo_full_name, owner, repo, pr_number, pr_title, commit_sha, base_branch, priority
    )
    select 1000000 + number, 'other/shop', 'other', 'shop', number, '', 'c0ffee', 'main', 1000
    from generate_series(1, 50000) number`

it.scopedLive(
  "an enqueue and a claim cost the same when the table has just grown a thousandfold",
  () =>
    Effect.gen(function* () {
      const bystander = yield* Bystander.make(yield* TestDatabase.url)
      const worker = yield* bystander.store.registerWorker({ host: "test", pid: process.pid, version: "0" })
      const claims = yield* Cost.ofClaims(bystander, worker)
      const enqueues = yield* Cost.ofEnqueues(bystander)
      // What was enqueued to be measured would stand before what is claimed to be measured.
      yield* bystander.sql`update review_jobs set status = 'completed', completed_at = now()`
      yield* grow(bystander)
      // An index of so many entries has two more levels.
      assert.isAtMost(yield* Cost.ofClaims(bystander, worker), 3 * claims, "pages that a claim visits")
      assert.isAtMost(yield* Cost.ofEnqueues(bystander), 3 * enqueues, "pages that an enqueue visits")
    }),
  120_000
)

/** Jobs that run elsewhere, of which the planner knows nothing either. */
const runElsewhere = ({ sql }: Effect.Effect.Success<ReturnType<typeof Bystander.make>>, worker: number) =>
  sql`
    insert into review_jobs (
      installation_id, repo_full_name, owner, repo, pr_number, pr_title, commit_sha, base_branch,
      status, slot, worker_id, lease_epoch, started_at, lease_expires_at
    )
    select 2000000 + number, 'other/shop', 'other', 'shop', number, '', 'c0ffee', 'main',
      'processing', 0, ${worker}, 1, now(), now() + interval '1 hour'
    from generate_series(1, 5000) number`

it.scopedLive(
  "a claim costs the same however many jobs run",
  () =>
    Effect.gen(function* () {
      const bystander = yield* Bystander.make(yield* TestDatabase.url)
      const worker = yield* bystander.store.registerWorker({ host: "test", pid: process.pid, version: "0" })
      const other = yield* bystander.store.registerWorker({ host: "test", pid: process.pid, version: "0" })
      const claims = yield* Cost.ofClaims(bystander, worker)
      yield* runElsewhere(bystander, other)
      assert.isAtMost(yield* Cost.ofClaims(bystander, worker), 2 * claims, "pages that a claim visits")
    }),
  120_000
)

it.scopedLive(
  "a claim goes on behind the jobs that others claim at the moment, and looks into no installation for it",
  () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.url
      const [bystander, other] = yield* Effect.all([Bystander.make(url), Bystander.make(url)])
      const worker = yield* bystander.store.registerWorker({ host: "test", pid: process.pid, version: "0" })
      yield* grow(bystander)
      const claim = bystander.store.claim(worker, 64)
      const alone = yield* Cost.of(bystander, claim)
      const session = yield* other.sql.reserve
      const inSession = (statement: string) => session.executeUnprepared(statement, [], undefined)
      yield* inSession("begin")
      yield* inSession("select from review_jobs where status = 'pending' order by id limit 128 for update")
      const beside = yield* Cost.of(bystander, claim)
      yield* inSession("rollback")
      const idsOf = ({ value }: typeof alone) => value.jobs.map(({ job }) => job.id)
      assert.deepStrictEqual(
        idsOf(beside),
        idsOf(alone).map((id) => id + 128)
      )
      assert.isAtMost(beside.pages, 3 * alone.pages, "pages that a claim visits")
    }),
  120_000
)
