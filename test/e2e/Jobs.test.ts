/** `holdfast jobs`, as an operator runs it: the built program on a real database. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { Context, DateTime, Effect, Layer, Option, Redacted, Schema } from "effect"
import * as Database from "../../src/database/Database.ts"
import * as EmbeddedPostgres from "../../src/database/EmbeddedPostgres.ts"
import * as Migrations from "../../src/database/Migrations.ts"
import * as Session from "../../src/database/Session.ts"
import { Disposition } from "../../src/queue/Disposition.ts"
import * as Postgres from "../../src/queue/JobStore/Postgres.ts"
import { type Claimed, JobStore } from "../../src/queue/JobStore.ts"
import * as Holdfast from "../support/Holdfast.ts"
import * as TestDatabase from "../support/TestDatabase.ts"

const subject = (pullRequest: number) => ({
  installationId: pullRequest,
  owner: "acme",
  repo: "shop",
  pullRequest,
  title: `Pull ${pullRequest}\u001b[2J`,
  commitSha: "a1b2c3d4".repeat(5),
  baseBranch: "main"
})

const query = (url: Redacted.Redacted, statement: string) =>
  Effect.scoped(
    Effect.flatMap(Session.open({ url, applicationName: "test" }), (session) => session.query(statement))
  )

/** A queue with a job in each state, and how the program is run on it. */
const operated = Effect.gen(function* () {
  const url = yield* TestDatabase.url
  const context = yield* Layer.build(Postgres.layer.pipe(Layer.provide(Database.layerFromUrl({ url }))))
  const store = Context.get(context, JobStore)
  const worker = yield* store.registerWorker({ host: "rack-7", pid: 4711, version: "9.8.7" })
  const enqueue = (pullRequest: number) =>
    Effect.map(store.enqueue({ subject: subject(pullRequest), trigger: "opened" }), ({ id }) => id)
  const claim: Effect.Effect<Claimed, unknown> = Effect.flatMap(
    store.claim(worker, 1),
    ({ jobs: [claimed] }) =>
      claimed === undefined ? Effect.fail("nothing was claimed") : Effect.succeed(claimed)
  )
  const settled = (pullRequest: number, disposition: Disposition) =>
    Effect.gen(function* () {
      const id = yield* enqueue(pullRequest)
      yield* store.settle((yield* claim).lease, disposition)
      return id
    })
  const completed = yield* settled(1, Disposition.Complete())
  const failed = yield* settled(
    2,
    Disposition.Fail({ reason: { _tag: "Failed", error: "Permanent", message: "no such branch" } })
  )
  const snoozed = yield* settled(
    3,
    Disposition.Snooze({
      reason: { _tag: "Snoozed", message: "rate limited" },
      until: DateTime.add(yield* DateTime.now, { minutes: 5, seconds: 30 })
    })
  )
  const running = yield* enqueue(4)
  const { lease } = yield* claim
  yield* store.saveStep(lease, "chunk:1", {})
  const blocked = yield* Effect.map(
    store.enqueue({ subject: subject(4), trigger: "opened", kind: "other" }),
    ({ id }) => id
  )
  return { url, store, worker, completed, failed, snoozed, running, blocked }
})

/** Runs `holdfast jobs <args>` to its end. */
const jobsIn = (env: Readonly<Record<string, string>>, ...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const process = yield* Holdfast.start(["jobs", ...args], env)
    const { code } = yield* process.ended
    return { code, output: process.output() }
  }).pipe(Effect.scoped)

const jobs = (url: Redacted.Redacted, ...args: ReadonlyArray<string>) =>
  jobsIn({ DATABASE_URL: Redacted.value(url) }, ...args)

const decode = <A, I>(schema: Schema.Schema<A, I>, { output }: { readonly output: string }) =>
  Schema.decodeUnknown(Schema.parseJson(schema))(output)

const JobDocument = Schema.Struct({
  id: Schema.Number,
  status: Schema.String,
  generation: Schema.Number,
  runAt: Schema.DateTimeUtc,
  completedAt: Schema.NullOr(Schema.DateTimeUtc),
  errorMessage: Schema.NullOr(Schema.String)
})

const lineOf = (output: string, id: number) =>
  output.split("\n").find((line) => line.startsWith(`${id} `)) ?? `no line of ${id} in:\n${output}`

describe("holdfast jobs", () => {
  it.scopedLive(
    "list says how each job stands, and keeps to its filters",
    () =>
      Effect.gen(function* () {
        const { blocked, completed, failed, running, snoozed, url, worker } = yield* operated
        const { code, output } = yield* jobs(url, "list")
        assert.strictEqual(code, 0, output)
        assert.match(lineOf(output, completed), /completed +acme\/shop#1 +a1b2c3d +0\/3 .*took \d+ s/)
        assert.match(lineOf(output, failed), /failed +acme\/shop#2 .* 1\/3 .*no such branch/)
        assert.match(lineOf(output, snoozed), /pending .*due in 5 min \(rate limited\)/)
        assert.match(lineOf(output, running), new RegExp(`processing .*on worker ${worker} for \\d+ s`))
        assert.match(
          lineOf(output, blocked),
          new RegExp(`pending .*waits for job ${running} of the same pull request`)
        )

        const Listed = Schema.Struct({ jobs: Schema.Array(JobDocument) })
        const ids = (...args: ReadonlyArray<string>) =>
          Effect.flatMap(jobs(url, "list", "--json", ...args), (answer) =>
            Effect.map(decode(Listed, answer), ({ jobs }) => jobs.map(({ id }) => id))
          )
        assert.deepStrictEqual(yield* ids(), [blocked, running, snoozed, failed, completed])
        assert.deepStrictEqual(yield* ids("--status", "failed"), [failed])
        assert.deepStrictEqual(yield* ids("--repo", "acme/shop", "--pr", "3"), [snoozed])
        assert.deepStrictEqual(yield* ids("--limit", "2", "--before", String(running)), [snoozed, failed])
        assert.deepStrictEqual(yield* ids("--repo", "acme/other"), [])
        assert.match((yield* jobs(url, "list", "--status", "cancelled")).output, /no such jobs/)
        const alone = yield* jobs(url, "list", "--pr", "3")
        assert.notStrictEqual(alone.code, 0)
        assert.match(alone.output, /--pr needs --repo/)
      }),
    120_000
  )

  it.scopedLive(
    "show prints a job with its ledger and its steps, and lets no title command the terminal",
    () =>
      Effect.gen(function* () {
        const { running, snoozed, url, worker } = yield* operated
        const shown = yield* jobs(url, "show", String(running))
        assert.strictEqual(shown.code, 0, shown.output)
        assert.match(shown.output, new RegExp(`Job ${running}: review of acme/shop#4`))
        assert.match(shown.output, new RegExp(`1 +pending → processing +${worker} +Claimed`))
        assert.match(shown.output, /Saved steps: chunk:1/)
        assert.notInclude(shown.output, "\u001b")
        assert.match(
          (yield* jobs(url, "show", String(snoozed))).output,
          /pending, due in 5 min \(rate limited\)/
        )

        const Shown = Schema.Struct({
          job: JobDocument,
          ledger: Schema.Array(Schema.Struct({ to: Schema.String, at: Schema.DateTimeUtc })),
          steps: Schema.Array(Schema.String)
        })
        const { job, ledger, steps } = yield* decode(
          Shown,
          yield* jobs(url, "show", String(running), "--json")
        )
        assert.deepStrictEqual([job.id, job.completedAt], [running, null])
        assert.deepStrictEqual(
          ledger.map(({ to }) => to),
          ["pending", "processing"]
        )
        assert.deepStrictEqual(steps, ["chunk:1"])
      }),
    120_000
  )

  it.scopedLive(
    "retry and cancel do what they say, and what they refuse they refuse with a sentence and 1",
    () =>
      Effect.gen(function* () {
        const { completed, failed, running, snoozed, store, url } = yield* operated
        const statusOf = (id: typeof failed) =>
          Effect.map(store.find(id), (job) => Option.getOrThrow(job).status)

        const retried = yield* decode(
          Schema.Struct({ job: JobDocument }),
          yield* jobs(url, "retry", String(failed), "--json")
        )
        assert.deepStrictEqual([retried.job.status, retried.job.generation], ["pending", 1])
        assert.strictEqual(yield* statusOf(failed), "pending")
        assert.match(
          (yield* jobs(url, "cancel", String(snoozed), "--message", "enough")).output,
          /is cancelled/
        )
        assert.deepStrictEqual(
          Option.getOrThrow(yield* store.find(snoozed)).errorMessage,
          Option.some("enough")
        )
        assert.match((yield* jobs(url, "cancel", String(running))).output, /asked to stop/)
        assert.strictEqual(yield* statusOf(running), "processing")
        assert.match((yield* jobs(url, "retry", String(snoozed))).output, /is pending again, as generation 1/)

        for (const [args, sentence] of [
          [["retry", String(completed)], /can't be retried: it is completed/],
          [["cancel", String(completed)], /can't be cancelled: it is completed already/],
          [["retry", "99999"], /There is no job 99999/],
          [["cancel", "99999"], /There is no job 99999/],
          [["show", "99999"], /There is no job 99999/]
        ] as const) {
          const refused = yield* jobs(url, ...args)
          assert.strictEqual(refused.code, 1, refused.output)
          assert.match(refused.output, sentence)
          assert.notMatch(refused.output, /^\s+at /m, "no stack trace")
        }
        const asJson = yield* jobs(url, "retry", String(completed), "--json")
        assert.match(asJson.output, /^\{"error":"NotRetryable","message":/m)
        assert.match((yield* jobs(url, "show", "seven")).output, /seven/)
      }),
    120_000
  )

  it.scopedLive(
    "stats give the counts, how long the oldest job waits, and the workers that live",
    () =>
      Effect.gen(function* () {
        const { store, url, worker } = yield* operated
        const { code, output } = yield* jobs(url, "stats")
        assert.strictEqual(code, 0, output)
        assert.match(output, /^pending +2 +the oldest for \d+ s$/m)
        assert.match(output, /^processing +1$/m)
        assert.match(output, new RegExp(`^${worker} +rack-7 +4711 +9\\.8\\.7 .* ago +1$`, "m"))
        const stats = yield* decode(
          Schema.Struct({
            counts: Schema.Record({ key: Schema.String, value: Schema.Number }),
            oldestPendingAt: Schema.NullOr(Schema.DateTimeUtc),
            workers: Schema.Array(Schema.Struct({ id: Schema.Number, lastBeatAt: Schema.DateTimeUtc }))
          }),
          yield* jobs(url, "stats", "--json")
        )
        assert.deepStrictEqual(stats.counts, { ...(yield* store.counts) })
        assert.isNotNull(stats.oldestPendingAt)
        assert.deepStrictEqual(
          stats.workers.map(({ id }) => id),
          [worker]
        )
      }),
    120_000
  )

  it.scopedLive(
    "audit ends with 0 when all is well and with 1 when it is not, and names the job",
    () =>
      Effect.gen(function* () {
        const { completed, failed, url } = yield* operated
        const clean = yield* jobs(url, "audit")
        assert.deepStrictEqual([clean.code, /No violations/.test(clean.output)], [0, true], clean.output)
        assert.deepStrictEqual(yield* jobs(url, "audit", "--json"), {
          code: 0,
          output: '{"violations":[]}\n'
        })
        yield* query(url, `update review_jobs set attempts = 2 where id in (${completed}, ${failed})`)
        const found = yield* jobs(url, "audit")
        assert.strictEqual(found.code, 1)
        assert.match(found.output, new RegExp(`^job ${failed}: the row's attempts is 2, .*ledger.* 1`, "m"))
        assert.match(found.output, /^2 violations\.$/m)
        const asJson = yield* jobs(url, "audit", "--json")
        assert.strictEqual(asJson.code, 1)
        const { violations } = yield* decode(
          Schema.Struct({
            violations: Schema.Array(Schema.Struct({ _tag: Schema.String, jobId: Schema.Number }))
          }),
          asJson
        )
        assert.deepStrictEqual(violations, [
          { _tag: "RowDiffers", jobId: completed },
          { _tag: "RowDiffers", jobId: failed }
        ])
      }),
    120_000
  )

  it.scopedLive(
    "a database without the tables, or with older ones, is left as it is, and the way out is told",
    () =>
      Effect.gen(function* () {
        const empty = yield* TestDatabase.emptyUrl
        const none = yield* jobs(empty, "stats")
        assert.strictEqual(none.code, 69)
        assert.match(none.output, /none of Holdfast's tables .*`holdfast migrate`/)
        const tables = yield* query(empty, "select 1 from pg_tables where schemaname = 'public'")
        assert.deepStrictEqual(tables, [], "nothing was made")

        const older = yield* TestDatabase.url
        yield* query(older, "delete from holdfast_migrations where id > 2")
        const told = yield* jobs(older, "list")
        assert.strictEqual(told.code, 69)
        assert.match(told.output, /older than this version of Holdfast, and lacks migration 3 \(reviews\)/)
      }),
    120_000
  )

  it.scopedLive(
    "without DATABASE_URL it shares the embedded database that is in use, and makes none where there is none",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const folder = yield* fs.makeTempDirectoryScoped({ prefix: "holdfast-jobs-" })
        yield* fs.chmod(folder, 0o711)
        const absent = `${folder}/absent`
        const nothing = yield* jobsIn({ HOLDFAST_DATA_DIR: absent }, "list")
        assert.strictEqual(nothing.code, 69)
        assert.include(nothing.output, absent)
        assert.match(nothing.output, /no queue here.*DATABASE_URL.*HOLDFAST_DATA_DIR/)
        assert.isFalse(yield* fs.exists(absent), "no folder was made")

        const dataDir = `${folder}/data`
        const { url } = yield* EmbeddedPostgres.make({ dataDir, settings: { fsync: "off" } })
        yield* Migrations.migrate.pipe(Effect.provide(Layer.scopedContext(Database.make({ url }))))
        const shared = yield* jobsIn({ HOLDFAST_DATA_DIR: dataDir }, "stats", "--json")
        assert.strictEqual(shared.code, 0, shared.output)
        assert.match(shared.output, /"pending":0/)
        assert.deepStrictEqual(yield* query(url, "select 1 as still"), [{ still: 1 }], "its server runs on")
      }).pipe(Effect.provide(NodeFileSystem.layer)),
    120_000
  )
})
