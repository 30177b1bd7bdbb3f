import { randomUUID } from "node:crypto"
import * as SqlClient from "@effect/sql/SqlClient"
import { layer } from "@effect/vitest"
import { Cause, Effect, Exit, Layer, Option } from "effect"
import { expect } from "vitest"
import { type Ingested, ingest } from "../../src/github/Ingest.ts"
import { StoreUnavailable } from "../../src/queue/JobError.ts"
import * as JobStorePostgres from "../../src/queue/JobStore/Postgres.ts"
import { JobStore } from "../../src/queue/JobStore.ts"
import { pullRequestEvent } from "../http/Service.ts"
import * as TestDatabase from "../support/TestDatabase.ts"

const database = JobStorePostgres.layer.pipe(Layer.provideMerge(TestDatabase.layer))

let numbers = 1
/** A pull request that no other test has. */
const fresh = () => numbers++
const sha = (digit: string) => digit.repeat(40)

const deliver = (payload: unknown, guid: string = randomUUID()) =>
  ingest({ guid, event: "pull_request", payload })

/** As a sweep finds it. */
const find = (payload: unknown) => ingest({ guid: randomUUID(), event: "pull_request", payload }, "sweep")

const installation = (action: string, state: object) =>
  ingest({ guid: randomUUID(), event: "installation", payload: { action, installation: state } })

const state = (id: number, updated: string, changes: object = {}) => ({
  id,
  account: { login: "octo", type: "Organization" },
  repository_selection: "all",
  suspended_at: null,
  updated_at: updated,
  ...changes
})

const stored = (id: number) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`
      select account_login, repository_selection, suspended_at is not null as suspended, deleted_at is not null as deleted
      from installations where id = ${id}`
  )

const job = (ingested: Ingested) =>
  ingested._tag === "Job" ? ingested.id : expect.fail(`no job: ${JSON.stringify(ingested)}`)

layer(database, { excludeTestServices: true })("an ingested delivery", (it) => {
  it.effect("makes one job however often and under however many names it comes at once", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const number = fresh()
      const guid = randomUUID()
      const payload = pullRequestEvent({ number })
      const same = yield* Effect.all(
        Array.from({ length: 8 }, () => deliver(payload, guid)),
        { concurrency: "unbounded" }
      )
      const acted = same.filter((one) => one._tag === "Job")
      expect(acted).toMatchObject([{ created: true }])
      const id = Option.map(Option.fromNullable(acted[0]), job)
      for (const one of same) {
        if (one._tag !== "Job") expect(one).toMatchObject({ _tag: "Redelivered", jobId: id })
      }
      const others = yield* Effect.all(
        Array.from({ length: 8 }, () => deliver(payload)),
        { concurrency: "unbounded" }
      )
      for (const one of others) expect(one).toMatchObject({ created: false, id: Option.getOrNull(id) })
      expect(yield* sql`select 1 from review_jobs where pr_number = ${number}`).toHaveLength(1)
      expect(yield* sql`select outcome, job_id::int from webhook_deliveries where guid = ${guid}`).toEqual([
        { outcome: "made a job", job_id: Option.getOrNull(id) }
      ])
    })
  )

  it.effect(
    "replaces what waits for an older head, and is itself cancelled when the pull request closes",
    () =>
      Effect.gen(function* () {
        const store = yield* JobStore
        const number = fresh()
        const statuses = (ids: ReadonlyArray<Ingested>) =>
          Effect.forEach(ids, (one) =>
            Effect.map(store.find(job(one)), (found) => Option.getOrThrow(found).status)
          )
        const first = yield* deliver(pullRequestEvent({ number, sha: sha("a") }))
        const second = yield* deliver(pullRequestEvent({ number, sha: sha("b"), action: "synchronize" }))
        expect(yield* statuses([first, second])).toEqual(["cancelled", "pending"])
        const closed = yield* deliver(pullRequestEvent({ number, sha: sha("b"), action: "closed" }))
        expect(closed).toMatchObject({
          _tag: "Nothing",
          reason: expect.stringContaining(`job ${job(second)}`)
        })
        expect(yield* statuses([second])).toEqual(["cancelled"])
        const reopened = yield* deliver(pullRequestEvent({ number, sha: sha("b"), action: "reopened" }))
        expect(reopened).toMatchObject({ _tag: "Job", created: true })
      })
  )

  it.effect("begins anew when a draft becomes ready or the other way round, unless the head is done", () =>
    Effect.gen(function* () {
      const store = yield* JobStore
      const sql = yield* SqlClient.SqlClient
      const number = fresh()
      const statusOf = (one: Ingested) =>
        Effect.map(store.find(job(one)), (found) => Option.getOrThrow(found).status)
      const draft = yield* deliver(pullRequestEvent({ number, draft: true }))
      const ready = yield* deliver(pullRequestEvent({ number, action: "ready_for_review" }))
      expect(ready).toMatchObject({ created: true })
      expect([yield* statusOf(draft), yield* statusOf(ready)]).toEqual(["cancelled", "pending"])
      const again = yield* deliver(pullRequestEvent({ number, action: "converted_to_draft", draft: true }))
      expect(again).toMatchObject({ created: true })
      expect([yield* statusOf(ready), yield* statusOf(again)]).toEqual(["cancelled", "pending"])
      yield* sql`update review_jobs set status = 'completed', completed_at = now() where id = ${job(again)}`
      const done = yield* deliver(pullRequestEvent({ number, action: "ready_for_review" }))
      expect(done).toMatchObject({ created: false, id: job(again) })
    })
  )

  it.effect("of an older draft that became ready leaves the job of a newer head alone", () =>
    Effect.gen(function* () {
      const store = yield* JobStore
      const sql = yield* SqlClient.SqlClient
      for (const take of [deliver, find]) {
        const number = fresh()
        const old = yield* deliver(pullRequestEvent({ number, sha: sha("a") }))
        yield* sql`update review_jobs set status = 'completed', completed_at = now() where id = ${job(old)}`
        const newer = yield* deliver(pullRequestEvent({ number, sha: sha("b"), action: "synchronize" }))
        const late = yield* take(pullRequestEvent({ number, sha: sha("a"), action: "ready_for_review" }))
        expect(late).toMatchObject({ created: false, id: job(old) })
        expect(Option.getOrThrow(yield* store.find(job(newer))).status).toBe("pending")
      }
    })
  )

  it.effect("that a sweep found takes no job away, and makes the same one that its webhook would have", () =>
    Effect.gen(function* () {
      const store = yield* JobStore
      const number = fresh()
      yield* deliver(pullRequestEvent({ number }))
      yield* deliver(pullRequestEvent({ number, action: "closed" }))
      const reopened = yield* deliver(pullRequestEvent({ number, action: "reopened" }))
      expect(yield* find(pullRequestEvent({ number, action: "closed" }))).toMatchObject({
        _tag: "Nothing",
        reason: expect.stringContaining("was closed")
      })
      expect(Option.getOrThrow(yield* store.find(job(reopened))).status).toBe("pending")

      for (const [action, trigger] of [
        ["opened", "opened"],
        ["synchronize", "push"]
      ] as const) {
        const other = fresh()
        const found = yield* find(pullRequestEvent({ number: other, action }))
        expect(Option.getOrThrow(yield* store.find(job(found)))).toMatchObject({ trigger, priority: 30 })
        const delivered = yield* deliver(pullRequestEvent({ number: other, action }))
        expect(delivered).toMatchObject({ created: false, id: job(found) })
      }
    })
  )

  it.effect("that closes what waits makes a job that says so on the pull request", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const number = fresh()
      const closeAgain = Effect.gen(function* () {
        yield* deliver(pullRequestEvent({ number, action: "reopened" }))
        yield* deliver(pullRequestEvent({ number, action: "closed" }))
        yield* sql`update review_jobs set status = 'completed', completed_at = now()
          where pr_number = ${number} and kind like 'check-runs/%'`
      })
      yield* closeAgain
      yield* closeAgain
      yield* deliver(pullRequestEvent({ number, action: "closed" }))
      const kinds = yield* sql`select kind from review_jobs where pr_number = ${number} order by id`
      expect(kinds.map(({ kind }) => String(kind).split("/")[0])).toEqual([
        "review",
        "check-runs",
        "review",
        "check-runs"
      ])
    })
  )

  it.effect("leaves nothing behind when it fails, and acts when it comes again", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const store = yield* JobStore
      const number = fresh()
      const guid = randomUUID()
      const payload = pullRequestEvent({ number, installation: 900 + number })
      const broken = JobStore.of({
        ...store,
        // The job is written before the store breaks.
        enqueue: (request) =>
          Effect.zipRight(
            store.enqueue(request),
            new StoreUnavailable({ operation: "enqueue", message: "gone", cause: new Error("gone") })
          )
      })
      const failed = yield* Effect.exit(deliver(payload, guid).pipe(Effect.provideService(JobStore, broken)))
      expect(Exit.isFailure(failed) && Cause.failureOption(failed.cause)).toMatchObject(
        Option.some({ _tag: "IngestUnavailable" })
      )
      expect(yield* sql`select 1 from webhook_deliveries where guid = ${guid}`).toEqual([])
      expect(yield* sql`select 1 from review_jobs where pr_number = ${number}`).toEqual([])
      expect(yield* stored(900 + number)).toEqual([])
      expect(yield* deliver(payload, guid)).toMatchObject({ _tag: "Job", created: true })
    })
  )

  it.effect("makes its installation known", () =>
    Effect.gen(function* () {
      yield* deliver(pullRequestEvent({ number: fresh(), installation: 500, draft: true }))
      expect(yield* stored(500)).toMatchObject([{ account_login: "octo", repository_selection: null }])
      yield* installation("created", state(500, "2020-01-01T00:00:00Z", { repository_selection: "selected" }))
      expect(yield* stored(500)).toMatchObject([{ repository_selection: "selected", deleted: false }])
    })
  )

  it.effect("makes no job for an installation that is gone, and never brings it back", () =>
    Effect.gen(function* () {
      yield* installation("deleted", state(501, "2026-01-02T00:00:00Z"))
      yield* installation("created", state(501, "2026-01-03T00:00:00Z"))
      expect(yield* deliver(pullRequestEvent({ number: fresh(), installation: 501 }))).toMatchObject({
        _tag: "Nothing",
        reason: expect.stringContaining("uninstalled")
      })
      expect(yield* stored(501)).toMatchObject([{ deleted: true }])
    })
  )

  it.effect("keeps the name of an installation whose account is gone", () =>
    Effect.gen(function* () {
      yield* installation("created", state(503, "2026-01-01T00:00:00Z"))
      yield* installation("deleted", state(503, "2026-01-02T00:00:00Z", { account: null }))
      expect(yield* stored(503)).toMatchObject([{ account_login: "octo", deleted: true }])
    })
  )

  it.effect("keeps an installation's latest state when its events arrive in the wrong order", () =>
    Effect.gen(function* () {
      const suspended = state(502, "2026-01-01T00:00:00Z", { suspended_at: "2026-01-02T00:00:00Z" })
      yield* installation("created", state(502, "2026-01-01T00:00:00Z"))
      yield* installation("suspend", suspended)
      expect(yield* stored(502)).toMatchObject([{ suspended: true }])
      yield* installation("unsuspend", state(502, "2026-01-03T00:00:00Z"))
      yield* installation("suspend", suspended)
      yield* installation(
        "new_permissions_accepted",
        state(502, "2026-01-01T12:00:00Z", { repository_selection: "selected" })
      )
      expect(yield* stored(502)).toMatchObject([{ suspended: false, repository_selection: "all" }])
    })
  )
})
