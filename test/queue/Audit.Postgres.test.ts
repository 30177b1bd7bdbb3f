/** The audit of a database: what somebody's hand did to it is found, and nothing that it holds makes the audit fail. */
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Effect, Layer, Stream } from "effect"
import { Disposition } from "../../src/queue/Disposition.ts"
import * as Postgres from "../../src/queue/JobStore/Postgres.ts"
import { JobStore } from "../../src/queue/JobStore.ts"
import * as TestDatabase from "../support/TestDatabase.ts"

const store = Postgres.layer.pipe(Layer.provideMerge(TestDatabase.layer))

const subject = (pullRequest: number) => ({
  installationId: pullRequest,
  owner: "acme",
  repo: "shop",
  pullRequest,
  title: "",
  commitSha: "a",
  baseBranch: "main"
})

/** A job that was run to its end, about a pull request of its own. */
const completed = (pullRequest: number) =>
  Effect.gen(function* () {
    const jobs = yield* JobStore
    const worker = yield* jobs.registerWorker({ host: "test", pid: 1, version: "0" })
    const { id } = yield* jobs.enqueue({ subject: subject(pullRequest), trigger: "opened" })
    const [claimed] = (yield* jobs.claim(worker, 1)).jobs
    if (claimed === undefined) return yield* Effect.dieMessage("not claimed")
    yield* jobs.settle(claimed.lease, Disposition.Complete())
    return id
  })

const audit = Effect.flatMap(JobStore, (jobs) => Stream.runCollect(jobs.audit())).pipe(
  Effect.map((found) => Chunk.toReadonlyArray(found).map(({ _tag, jobId }) => [jobId, _tag] as const))
)

describe("the audit of a database", () => {
  it.scopedLive("finds rows and ledgers that somebody changed, and says so of those jobs only", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const untouched = yield* completed(1)
      const status = yield* completed(2)
      const gap = yield* completed(3)
      const settled = yield* completed(4)
      assert.deepStrictEqual(yield* audit, [])
      yield* sql`update review_jobs set status = 'failed' where id = ${status}`
      yield* sql`delete from job_transitions where job_id = ${gap} and to_status = 'processing'`
      yield* sql`
        insert into job_transitions (job_id, epoch, from_status, to_status, why, worker_id)
        select job_id, epoch, from_status, to_status, why, worker_id from job_transitions
        where job_id = ${settled} and to_status = 'completed'`
      const found = yield* audit
      assert.deepStrictEqual(
        [...new Set(found.map(([id]) => id))].sort((a, b) => a - b),
        [status, gap, settled]
      )
      assert.deepInclude(found, [status, "RowDiffers"])
      assert.deepInclude(found, [gap, "Gap"])
      assert.deepInclude(found, [settled, "SettledTwice"])
      assert.notInclude(
        found.map(([id]) => id),
        untouched
      )
    }).pipe(Effect.provide(store))
  )

  it.scopedLive("finds two leases of one pull request that overlapped", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const jobs = yield* JobStore
      const worker = yield* jobs.registerWorker({ host: "test", pid: 1, version: "0" })
      const first = yield* jobs.enqueue({ subject: subject(1), trigger: "opened" })
      const [held] = (yield* jobs.claim(worker, 1)).jobs
      if (held === undefined) return yield* Effect.dieMessage("not claimed")
      yield* sql`drop index review_jobs_one_running`
      yield* jobs.enqueue({ subject: subject(2), trigger: "opened" })
      const [other] = (yield* jobs.claim(worker, 1)).jobs
      if (other === undefined) return yield* Effect.dieMessage("not claimed")
      yield* sql`update review_jobs set pr_number = 1, kind = 'other' where id = ${other.job.id}`
      yield* jobs.settle(held.lease, Disposition.Complete())
      yield* jobs.settle(other.lease, Disposition.Complete())
      const found = yield* Effect.map(Stream.runCollect(jobs.audit()), Chunk.toReadonlyArray)
      assert.strictEqual(found.length, 1)
      const [violation] = found
      assert.strictEqual(violation?._tag, "PullRequestTwice")
      assert.strictEqual(violation?.jobId, other.job.id)
      assert.include(violation?.message, `job ${first.id} of the same pull request, acme/shop#1`)
    }).pipe(Effect.provide(store))
  )

  it.scopedLive("reports what it can't read, and reads on", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const row = yield* completed(1)
      const line = yield* completed(2)
      const last = yield* completed(3)
      yield* sql`update review_jobs set trigger = 'moonlight' where id = ${row}`
      yield* sql`update job_transitions set why = '{"_tag": "Mood"}' where job_id = ${line} and epoch = 0`
      yield* sql`update review_jobs set attempts = 7 where id = ${last}`
      const [first] = Chunk.toReadonlyArray(yield* Stream.runCollect((yield* JobStore).audit()))
      assert.match(first?.message ?? "", /^the row can't be read: trigger: Expected .* actual "moonlight"/)
      assert.deepStrictEqual(yield* audit, [
        [row, "Unreadable"],
        [line, "Unreadable"],
        [last, "RowDiffers"]
      ])
    }).pipe(Effect.provide(store))
  )

  it.scopedLive("misses a job whose ledger is all that is left of it, in the middle and at the end", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const middle = yield* completed(1)
      yield* completed(2)
      const end = yield* completed(3)
      yield* sql`alter table job_transitions drop constraint if exists job_transitions_job_id_fkey`
      yield* sql`delete from review_jobs where id in (${middle}, ${end})`
      const found = yield* audit
      assert.deepStrictEqual(
        [...found].sort(([a], [b]) => a - b),
        [
          [middle, "NoRow"],
          [end, "NoRow"]
        ]
      )
    }).pipe(Effect.provide(store))
  )

  it.scopedLive(
    "sees all jobs as of one moment, page after page, while workers go on",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const jobs = yield* JobStore
        const first = yield* completed(1)
        // More than two pages, each finished job with its three lines.
        yield* sql`
          insert into review_jobs (installation_id, repo_full_name, owner, repo, pr_number, pr_title, commit_sha,
            base_branch, status, lease_epoch, started_at, completed_at)
          select 1, 'acme/old', 'acme', 'old', n, '', 'a', 'main', 'completed', 1, now(), now()
          from generate_series(1, 2500) n`
        yield* sql`
          insert into job_transitions (job_id, epoch, from_status, to_status, why, worker_id)
          select id, least(step, 1), (array[null, 'pending', 'processing'])[step + 1],
            (array['pending', 'processing', 'completed'])[step + 1],
            (array['{"_tag": "Enqueued", "trigger": "push"}', '{"_tag": "Claimed"}', '{"_tag": "Succeeded"}'])[step + 1]::jsonb,
            case when step > 0 then 1 end
          from review_jobs, generate_series(0, 2) step
          where repo = 'old' order by id, step`
        yield* sql`update review_jobs set attempts = 1 where id = ${first}`
        yield* sql`update review_jobs set attempts = 1 where repo = 'old' and pr_number in (1500, 2500)`
        const found = yield* jobs.audit().pipe(
          // Once the audit has begun, nothing that happens is part of what it sees.
          Stream.tap((violation) =>
            Effect.when(
              sql`update review_jobs set status = 'failed' where repo = 'old'`,
              () => violation.jobId === first
            )
          ),
          Stream.runCollect
        )
        assert.deepStrictEqual(
          Chunk.toReadonlyArray(found).map(({ _tag, message }) => [_tag, message]),
          Array.from({ length: 3 }, () => [
            "RowDiffers",
            "the row's attempts is 1, and by the ledger it had to be 0"
          ])
        )
      }).pipe(Effect.provide(store)),
    60_000
  )
})
