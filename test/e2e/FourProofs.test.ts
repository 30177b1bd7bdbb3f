/** The four proofs that were asked for: child processes, real signals, real PostgreSQL. */
import { PgClient } from "@effect/sql-pg"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Schedule, Schema } from "effect"
import type { PullName } from "../../src/sandbox/Controls.ts"
import type { SandboxService } from "../../src/sandbox/Sandbox.ts"
import * as Holdfast from "../support/Holdfast.ts"
import * as TestDatabase from "../support/TestDatabase.ts"
import { type Installed, install, oneFinding } from "./Installed.ts"

const createReview = { method: "POST", path: "/repos/{owner}/{repo}/pulls/{pull_number}/reviews" }

const query = (url: Redacted.Redacted, statement: string) =>
  Effect.gen(function* () {
    const sql = yield* PgClient.PgClient
    return yield* sql.unsafe<Record<string, unknown>>(statement)
  }).pipe(Effect.provide(PgClient.layer({ url })), Effect.orDie)

const Job = Schema.Struct({
  id: Schema.NumberFromString,
  status: Schema.String,
  attempts: Schema.Number,
  crashes: Schema.Number
})

const jobs = ({ databaseUrl }: Pick<Installed, "databaseUrl">) =>
  query(databaseUrl, "select id, status, attempts, crashes from review_jobs order by id").pipe(
    Effect.flatMap(Schema.decodeUnknown(Schema.Array(Job))),
    Effect.orDie
  )

/** Looks again until the only job is in this state. */
const untilJob = (installed: Installed, status: string) =>
  jobs(installed).pipe(
    Effect.flatMap(([job, ...others]) =>
      job?.status === status && others.length === 0 ? Effect.succeed(job) : Effect.fail("not yet")
    ),
    Effect.retry(Schedule.spaced("100 millis"))
  )

const openPull = (sandbox: SandboxService) => Effect.orDie(sandbox.pulls.open({ content: oneFinding }))

const reviewedOnce = (sandbox: SandboxService, pull: PullName) =>
  Effect.gen(function* () {
    const all = yield* sandbox.view.allReviews(pull)
    assert.deepStrictEqual(
      all.map((review) => review.state),
      ["COMMENTED"],
      "one visible review, and no pending one left behind"
    )
    assert.strictEqual(all[0]?.comments.length, 1)
    const checks = yield* sandbox.view.checkRuns(pull)
    assert.deepStrictEqual(
      checks.map((check) => [check.status, check.conclusion]),
      [["completed", "neutral"]]
    )
  })

describe("the four proofs", () => {
  it.scopedLive(
    "the migration leaves a review_jobs table that can be queried",
    () =>
      Effect.gen(function* () {
        const databaseUrl = yield* TestDatabase.emptyUrl
        const migrate = yield* Holdfast.start(["migrate"], { DATABASE_URL: Redacted.value(databaseUrl) })
        assert.deepStrictEqual(yield* migrate.ended, { code: 0, signal: null })
        assert.deepStrictEqual(yield* jobs({ databaseUrl }), [])
        const columns = yield* query(
          databaseUrl,
          `select column_name, is_nullable, column_default from information_schema.columns
           where table_schema = current_schema() and table_name = 'review_jobs'`
        )
        const byName = new Map(columns.map((column) => [column["column_name"], column]))
        for (const required of [
          "id",
          "installation_id",
          "repo_full_name",
          "owner",
          "repo",
          "pr_number",
          "pr_title",
          "commit_sha",
          "base_branch"
        ]) {
          assert.strictEqual(byName.get(required)?.["is_nullable"], "NO", required)
        }
        assert.match(String(byName.get("status")?.["column_default"]), /pending/)
        assert.strictEqual(byName.get("attempts")?.["column_default"], "0")
        assert.strictEqual(byName.get("max_attempts")?.["column_default"], "3")
        for (const nullable of ["error_message", "started_at", "completed_at"]) {
          assert.strictEqual(byName.get(nullable)?.["is_nullable"], "YES", nullable)
        }
        assert.isTrue(byName.has("created_at"))
      }),
    120_000
  )

  it.scopedLive(
    "a pull request makes a row; a kill mid-review and a restart resume it",
    () =>
      Effect.gen(function* () {
        const installed = yield* install()
        const { sandbox } = installed
        const first = yield* installed.serve
        const held = yield* sandbox.faults.add({ fault: { _tag: "Hold", when: "after" }, ...createReview })
        const pull = yield* openPull(sandbox)
        yield* sandbox.journal.awaitRequest({ ...createReview, stage: "applied" })
        assert.strictEqual((yield* untilJob(installed, "processing")).attempts, 0)
        yield* first.signal("SIGKILL")
        assert.strictEqual((yield* first.ended).signal, "SIGKILL")
        yield* held.remove

        yield* installed.serve
        const job = yield* untilJob(installed, "completed")
        assert.strictEqual(job.crashes, 1)
        assert.strictEqual(job.attempts, 0)
        yield* reviewedOnce(sandbox, pull)
        const recorded = yield* query(
          installed.databaseUrl,
          `select review.commit_sha, finding.rule, finding.line
           from reviews review join findings finding on finding.review_id = review.id`
        )
        assert.deepStrictEqual(recorded, [{ commit_sha: pull.headSha, rule: "debugger-leftover", line: 2 }])
      }),
    120_000
  )

  it.scopedLive(
    "SIGTERM mid-review logs the shutdown, and the review completes before the process exits with 0",
    () =>
      Effect.gen(function* () {
        const installed = yield* install()
        const { sandbox } = installed
        const process = yield* installed.serve
        const held = yield* sandbox.faults.add({ fault: { _tag: "Hold", when: "before" }, ...createReview })
        const pull = yield* openPull(sandbox)
        yield* sandbox.journal.awaitRequest({ ...createReview, stage: "received" })
        yield* process.signal("SIGTERM")
        yield* process.saw(/SIGTERM: shutting down/)
        yield* process.saw(/draining: 1 running/)
        yield* held.release
        assert.deepStrictEqual(yield* process.ended, { code: 0, signal: null })
        assert.match(process.output(), /shutdown complete/)
        const job = yield* untilJob(installed, "completed")
        assert.deepStrictEqual([job.attempts, job.crashes], [0, 0])
        yield* reviewedOnce(sandbox, pull)
      }),
    120_000
  )

  it.scopedLive(
    "a row set to processing by hand is picked up after a restart",
    () =>
      Effect.gen(function* () {
        const installed = yield* install()
        const { databaseUrl, sandbox } = installed
        const pull = yield* openPull(sandbox)
        yield* query(
          databaseUrl,
          `insert into review_jobs
             (installation_id, repo_full_name, owner, repo, pr_number, pr_title, commit_sha, base_branch, status, started_at)
           values
             (${pull.installationId}, '${pull.owner}/${pull.repo}', '${pull.owner}', '${pull.repo}', ${pull.number},
              'by hand', '${pull.headSha}', 'main', 'processing', now())`
        )
        yield* installed.serve
        yield* untilJob(installed, "completed")
        yield* reviewedOnce(sandbox, pull)
      }),
    120_000
  )
})
