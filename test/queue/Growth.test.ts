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
