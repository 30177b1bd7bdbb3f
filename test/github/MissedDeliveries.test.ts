/** What a sweep asks GitHub for, what it takes from the answers, and what it does when some are missing. */
import { randomUUID } from "node:crypto"
import * as SqlClient from "@effect/sql/SqlClient"
import { layer } from "@effect/vitest"
import { DateTime, Duration, Effect, Layer, Logger, Option, Schedule } from "effect"
import { expect } from "vitest"
import { Acknowledgements } from "../../src/github/Acknowledgements.ts"
import {
  Forbidden,
  type GithubError,
  NotFound,
  RateLimited,
  ServerError
} from "../../src/github/GithubError.ts"
import { HookDeliveries, type HookDelivery } from "../../src/github/HookDeliveries.ts"
import { IngestUnavailable } from "../../src/github/Ingest.ts"
import * as Intake from "../../src/github/Intake.ts"
import { makeMemory, sweep } from "../../src/github/MissedDeliveries/Sweep.ts"
import * as MissedDeliveries from "../../src/github/MissedDeliveries.ts"
import type { JobId } from "../../src/queue/Job.ts"
import * as JobStorePostgres from "../../src/queue/JobStore/Postgres.ts"
import { pullRequestEvent } from "../http/Service.ts"
import * as TestDatabase from "../support/TestDatabase.ts"

/** Jobs whose comments a reaction was begun for. */
const acknowledged: Array<JobId> = []
const services = Intake.layer(Effect.succeed).pipe(
  Layer.provide(
    Layer.succeed(Acknowledgements, { begin: (job) => Effect.sync(() => acknowledged.push(job)) })
  ),
  Layer.provideMerge(JobStorePostgres.layer),
  Layer.provideMerge(TestDatabase.layer),
  Layer.merge(Logger.remove(Logger.defaultLogger))
)

const pageSize = 3
const operation = "GET /app/hook/deliveries"
const limited = (until: DateTime.Utc) => new RateLimited({ operation, message: "slow down", until })

interface Told extends HookDelivery {
  readonly answer: Effect.Effect<unknown, GithubError>
}

/** GitHub's list in memory, newest first, and what was asked of it. */
const begin = Effect.gen(function* () {
  const now = yield* DateTime.now
  const all: Array<Told> = []
  const asked: Array<string> = []
  const memory = yield* makeMemory
  const hook = HookDeliveries.of({
    page: (cursor) =>
      Effect.sync(() => {
        const from = Number(Option.getOrElse(cursor, () => "0"))
        asked.push(`page ${from}`)
        const next = from + pageSize
        return {
          deliveries: all.slice(from, next),
          next: Option.liftPredicate(String(next), () => next < all.length)
        }
      }),
    payloadOf: (id) =>
      Effect.suspend(() => {
        asked.push(`detail ${id}`)
        return all.find((one) => one.id === id)?.answer ?? Effect.die("not asked for")
      })
  })
  /** Adds the newest one. */
  const add = (changes: Partial<Told> & { readonly minutesAgo?: number; readonly payload?: unknown }) => {
    const { minutesAgo = 5, payload, ...given } = changes
    const told: Told = {
      id: String(all.length + 1),
      guid: randomUUID(),
      deliveredAt: DateTime.subtract(now, { minutes: minutesAgo }),
      statusCode: 0,
      event: "pull_request",
      action: "opened",
      answer: Effect.succeed(payload),
      ...given
    }
    all.unshift(told)
    return told
  }
  return {
    add,
    hook,
    sweep: sweep(memory).pipe(Effect.provideService(HookDeliveries, hook)),
    /** What was asked since the last time. */
    asked: Effect.sync(() => asked.splice(0))
  }
})

let numbers = 50_000
const opened = (sha = "a".repeat(40)) => pullRequestEvent({ number: ++numbers, sha })

const rowsOf = (guid: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`select outcome from webhook_deliveries where guid = ${guid}`
  )

const day = 24 * 60

layer(services, { excludeTestServices: true })("a look for missed deliveries", (it) => {
  it.effect("goes from page to page back to three days ago, and ingests the oldest first", () =>
    Effect.gen(function* () {
      const { add, asked, sweep } = yield* begin
      const gone = add({ minutesAgo: 3 * day + 1, payload: opened() })
      // GitHub's list is not quite in order.
      const [second, first, fourth, third] = [2 * day, 3 * day - 1, 200, 300].map(
        (minutesAgo) => add({ minutesAgo, payload: opened() }).id
      )
      expect(yield* sweep).toEqual({ listed: 4, ingested: 4, hopeless: 0, left: 0 })
      expect(yield* asked).toEqual([
        "page 0",
        "page 3",
        ...[first, second, third, fourth].map((id) => `detail ${id}`)
      ])
      expect(yield* rowsOf(gone.guid)).toEqual([])
    })
  )

  it.effect("looks no further back than an earlier one has seen, but for ten minutes", () =>
    Effect.gen(function* () {
      const { add, asked, sweep } = yield* begin
      for (const minutesAgo of [90, 80, 70, 60]) add({ minutesAgo, payload: opened() })
      expect(yield* sweep).toMatchObject({ listed: 4, ingested: 4 })
      yield* asked
      // It entered GitHub's list late.
      const late = add({ minutesAgo: 65, payload: opened() })
      expect(yield* sweep).toMatchObject({ listed: 3, ingested: 1 })
      expect(yield* asked).toEqual(["page 0", "page 3", `detail ${late.id}`])
      expect(yield* sweep).toMatchObject({ listed: 3, ingested: 0 })
      expect(yield* asked).toEqual(["page 0", "page 3"])
    })
  )

  it.effect("costs no request for what is known, nor for what nobody acts on", () =>
    Effect.gen(function* () {
      const { add, asked, sweep } = yield* begin
      for (const [event, action] of [
        ["pull_request", "labeled"],
        ["issue_comment", "edited"],
        ["check_run", "completed"],
        ["check_suite", "requested"],
        ["push", ""],
        ["ping", ""],
        ["installation", "renamed"]
      ] as const) {
        add({ event, action })
      }
      const known = add({ payload: opened() })
      const { take } = yield* Intake.Intake
      yield* take({ guid: known.guid, event: "pull_request", payload: opened() }, "webhook")
      expect(yield* sweep).toEqual({ listed: 8, ingested: 0, hopeless: 0, left: 0 })
      expect((yield* asked).filter((one) => one.startsWith("detail"))).toEqual([])
    })
  )

  it.effect("takes an event once, however often it was redelivered, at the time of its first try", () =>
    Effect.gen(function* () {
      const { add, asked, sweep } = yield* begin
      const first = add({ minutesAgo: 30, payload: opened() })
      const other = add({ minutesAgo: 20, payload: opened() })
      add({ minutesAgo: 10, guid: first.guid, payload: opened() })
      expect(yield* sweep).toMatchObject({ listed: 3, ingested: 2 })
      expect((yield* asked).slice(1)).toEqual([`detail ${first.id}`, `detail ${other.id}`])
    })
  )

  it.effect("leaves alone for a minute what was delivered, but not what failed", () =>
    Effect.gen(function* () {
      const { add, sweep } = yield* begin
      const arriving = add({ minutesAgo: 0.5, statusCode: 202, payload: opened() })
      const failed = [0, 301, 401, 503].map((statusCode) =>
        add({ minutesAgo: 0, statusCode, payload: opened() })
      )
      // Answered, and lost since: a database that was restored has forgotten it.
      const lost = add({ minutesAgo: 2, statusCode: 202, payload: opened() })
      expect(yield* sweep).toMatchObject({ ingested: 5 })
      expect(yield* rowsOf(arriving.guid)).toEqual([])
      for (const { guid } of [...failed, lost]) expect(yield* rowsOf(guid)).toHaveLength(1)
    })
  )

  it.effect("goes on after one that is gone or can't be read, and asks for it only once", () =>
    Effect.gen(function* () {
      const { add, asked, sweep } = yield* begin
      add({ answer: new NotFound({ operation, message: "gone" }) })
      add({ payload: null })
      add({ payload: { ...opened(), pull_request: {} } })
      add({ answer: Effect.die(new Error("not foreseen")) })
      const fine = add({ payload: opened() })
      expect(yield* sweep).toMatchObject({ ingested: 1, hopeless: 4, left: 0 })
      expect(yield* rowsOf(fine.guid)).toEqual([{ outcome: "made a job" }])
      yield* asked
      expect(yield* sweep).toMatchObject({ ingested: 0, hopeless: 0 })
      expect((yield* asked).filter((one) => one.startsWith("detail"))).toEqual([])
    })
  )

  it.effect("asks again for what GitHub could not give at the time, however much came since", () =>
    Effect.gen(function* () {
      const { add, sweep } = yield* begin
      let down = true
      const failing = new ServerError({ operation, message: "down", status: 502 })
      const payload = opened()
      const stumbled = add({
        minutesAgo: 600,
        answer: Effect.suspend(() => (down ? Effect.fail(failing) : Effect.succeed(payload)))
      })
      add({ minutesAgo: 5, payload: opened() })
      expect(yield* sweep).toMatchObject({ ingested: 1, left: 1 })
      down = false
      expect(yield* sweep).toMatchObject({ ingested: 1, left: 0 })
      expect(yield* rowsOf(stumbled.guid)).toHaveLength(1)
    })
  )

  it.effect("stops asking where one failure follows another, and goes on the next time", () =>
    Effect.gen(function* () {
      const { add, asked, sweep } = yield* begin
      for (let count = 0; count < 10; count++) add({ payload: opened() })
      const unavailable = Intake.Intake.of({
        take: () => Effect.fail(new IngestUnavailable({ message: "the database is gone" }))
      })
      const failed = yield* Effect.provideService(sweep, Intake.Intake, unavailable)
      expect(failed).toMatchObject({ ingested: 0, left: 10 })
      expect((yield* asked).filter((one) => one.startsWith("detail"))).toHaveLength(3)
      expect(yield* sweep).toMatchObject({ ingested: 10, left: 0 })
    })
  )

  it.effect("ends where GitHub limits or refuses the App, and the next one goes on", () =>
    Effect.gen(function* () {
      const now = yield* DateTime.now
      for (const error of [limited(now), new Forbidden({ operation, message: "no", status: 401 })]) {
        const { add, asked, sweep } = yield* begin
        let refusing = true
        const payload = opened()
        const first = add({ minutesAgo: 30, payload: opened() })
        add({
          minutesAgo: 20,
          answer: Effect.suspend(() => (refusing ? Effect.fail(error) : Effect.succeed(payload)))
        })
        add({ minutesAgo: 10, payload: opened() })
        expect((yield* Effect.flip(sweep))._tag).toBe(error._tag)
        expect((yield* asked).slice(1)).toHaveLength(2)
        expect(yield* rowsOf(first.guid)).toHaveLength(1)
        refusing = false
        expect(yield* sweep).toMatchObject({ ingested: 2 })
      }
    })
  )

  it.effect("has commands acknowledged as webhooks do", () =>
    Effect.gen(function* () {
      const { add, sweep } = yield* begin
      const { installation, repository } = opened()
      const payload = {
        action: "created",
        installation,
        repository: { ...repository, id: 9 },
        issue: { number: ++numbers, title: "Bend it", state: "open", pull_request: {} },
        comment: { id: numbers, user: { login: "ann", type: "User" }, body: "/holdfast help" }
      }
      add({ event: "issue_comment", action: "created", payload })
      const before = acknowledged.length
      expect(yield* sweep).toMatchObject({ ingested: 1 })
      expect(acknowledged).toHaveLength(before + 1)
    })
  )

  it.scoped("is taken at the start and then at its pace, whatever became of the one before", () =>
    Effect.gen(function* () {
      const { add, hook } = yield* begin
      const now = yield* DateTime.now
      const failures: Array<GithubError> = [
        new ServerError({ operation, message: "down", status: 502 }),
        limited(DateTime.add(now, { millis: 300 }))
      ]
      let times = 0
      const failing = HookDeliveries.of({
        ...hook,
        page: (cursor) =>
          Effect.suspend(() => {
            times++
            const failure = failures.shift()
            return failure === undefined ? hook.page(cursor) : Effect.fail(failure)
          })
      })
      const { guid } = add({ payload: opened() })
      yield* Layer.build(
        MissedDeliveries.layer(Option.some(Duration.millis(20))).pipe(
          Layer.provide(Layer.succeed(HookDeliveries, failing))
        )
      )
      yield* rowsOf(guid).pipe(
        Effect.filterOrFail(({ length }) => length === 1),
        Effect.retry(Schedule.spaced("20 millis").pipe(Schedule.intersect(Schedule.recurs(500))))
      )
      expect(times).toBeGreaterThanOrEqual(3)
      const after = yield* DateTime.now
      expect(DateTime.distance(now, after)).toBeGreaterThanOrEqual(300)
    })
  )

  it.scoped(
    "is switched off with its setting; what arrived more than thirty days ago is forgotten all the same",
    () =>
      Effect.gen(function* () {
        const { asked, hook } = yield* begin
        const sql = yield* SqlClient.SqlClient
        const add = (count: number, days: number) => sql`
        insert into webhook_deliveries (guid, event, outcome, received_at)
        select gen_random_uuid(), 'ping', ${`${days} days`}, now() - make_interval(days => ${days})
        from generate_series(1, ${count})`
        yield* add(2500, 31)
        yield* add(3, 29)
        yield* Layer.build(
          MissedDeliveries.layer(Option.none()).pipe(Layer.provide(Layer.succeed(HookDeliveries, hook)))
        )
        const left = sql<{ outcome: string; rows: number }>`
        select outcome, count(*)::int as rows from webhook_deliveries where event = 'ping' group by outcome`
        yield* left.pipe(
          Effect.filterOrFail(({ length }) => length === 1),
          Effect.retry(Schedule.spaced("20 millis").pipe(Schedule.intersect(Schedule.recurs(500))))
        )
        expect(yield* left).toEqual([{ outcome: "29 days", rows: 3 }])
        expect(yield* asked).toEqual([])
      })
  )
})
