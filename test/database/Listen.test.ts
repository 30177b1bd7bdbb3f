import * as SqlClient from "@effect/sql/SqlClient"
import { assert, layer } from "@effect/vitest"
import { Chunk, Deferred, Effect, Fiber, Option, Queue, Redacted, Schedule, Stream } from "effect"
import { DatabaseUrl } from "../../src/database/DatabaseUrl.ts"
import { type ListenEvent, listen } from "../../src/database/Listen.ts"
import * as Proxy from "../support/Proxy.ts"
import * as TestDatabase from "../support/TestDatabase.ts"

const name = "holdfast test listener"

/** Ends every listening session, as a restart of the server would. */
const terminate = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = ${name} and datname = current_database()`
)

layer(TestDatabase.layer, { excludeTestServices: true })("listen", (it) => {
  it.scoped("tells that it is connected, then every notification in order", () =>
    Effect.gen(function* () {
      const { url } = yield* DatabaseUrl
      const sql = yield* SqlClient.SqlClient
      const events = yield* Queue.unbounded<ListenEvent>()
      yield* listen({ url, channel: "A strange channel" }).pipe(
        Stream.runForEach((event) => Queue.offer(events, event)),
        Effect.forkScoped
      )
      assert.strictEqual((yield* Queue.take(events))._tag, "Connected")
      yield* sql`select pg_notify('another', 'not for us')`
      yield* Effect.forEach(
        ["1", "2", "3"],
        (payload) => sql`select pg_notify('A strange channel', ${payload})`
      )
      const told = yield* Queue.takeN(events, 3)
      assert.deepStrictEqual(
        Chunk.toReadonlyArray(told).map((event) => (event._tag === "Notified" ? event.payload : event._tag)),
        ["1", "2", "3"]
      )
    })
  )

  it.scoped("fails when its connection is terminated", () =>
    Effect.gen(function* () {
      const { url } = yield* DatabaseUrl
      const connected = yield* Deferred.make<void>()
      const listening = yield* listen({ url, channel: "jobs", applicationName: name }).pipe(
        Stream.runForEach(() => Deferred.succeed(connected, undefined)),
        Effect.flip,
        Effect.fork
      )
      yield* Deferred.await(connected)
      yield* terminate
      const error = yield* Fiber.join(listening)
      assert.strictEqual(error._tag, "DatabaseError")
    })
  )

  it.scoped("comes back with a retry, runs onConnect again and hears what is notified then", () =>
    Effect.gen(function* () {
      const { url } = yield* DatabaseUrl
      const sql = yield* SqlClient.SqlClient
      const events = yield* Queue.unbounded<ListenEvent>()
      yield* listen({
        url,
        channel: "jobs",
        applicationName: name,
        onConnect: ({ query }) => query("select pg_advisory_lock(7)")
      }).pipe(
        Stream.retry(Schedule.spaced("20 millis")),
        Stream.runForEach((event) => Queue.offer(events, event)),
        Effect.forkScoped
      )
      assert.strictEqual((yield* Queue.take(events))._tag, "Connected")
      yield* terminate
      assert.strictEqual((yield* Queue.take(events))._tag, "Connected")
      yield* sql`select pg_notify('jobs', 'after')`
      assert.deepStrictEqual({ ...(yield* Queue.take(events)) }, { _tag: "Notified", payload: "after" })
      assert.deepStrictEqual(yield* sql`select pg_try_advisory_lock(7) as free`, [{ free: false }])
    })
  )

  it.scoped("lets go of its session's locks when it is no longer run", () =>
    Effect.gen(function* () {
      const { url } = yield* DatabaseUrl
      const sql = yield* SqlClient.SqlClient
      yield* listen({
        url,
        channel: "jobs",
        onConnect: ({ query }) => query("select pg_advisory_lock(8)")
      }).pipe(Stream.take(1), Stream.runDrain)
      // Waits for the lock; statement_timeout would fail the test.
      yield* sql.withTransaction(sql`select pg_advisory_xact_lock(8)`)
    })
  )

  it.scoped("fails when the network swallows everything without a word, and comes back when it heals", () =>
    Effect.gen(function* () {
      const { proxy, url } = yield* Effect.flatMap(DatabaseUrl, ({ url }) => Proxy.before(url))
      const events = yield* Queue.unbounded<ListenEvent["_tag"] | "failed">()
      yield* listen({ url, channel: "jobs", checkEvery: "50 millis", answerWithin: "1 second" }).pipe(
        Stream.tapError(() => Effect.zipRight(proxy.heal, Queue.offer(events, "failed"))),
        Stream.retry(Schedule.spaced("20 millis")),
        Stream.runForEach(({ _tag }) => Queue.offer(events, _tag)),
        Effect.forkScoped
      )
      assert.strictEqual(yield* Queue.take(events), "Connected")
      yield* proxy.swallow
      assert.strictEqual(yield* Queue.take(events), "failed")
      assert.strictEqual(yield* Queue.take(events), "Connected")
    })
  )

  it.scoped("says what is wrong when it can't connect", () =>
    Effect.gen(function* () {
      const { url } = yield* DatabaseUrl
      const nowhere = new URL(Redacted.value(url))
      nowhere.pathname = "/nowhere"
      const error = yield* listen({ url: Redacted.make(nowhere.href), channel: "jobs" }).pipe(
        Stream.runHead,
        Effect.flip
      )
      assert.strictEqual(error._tag, "DatabaseUnreachable")
      assert.isTrue(Option.isSome(error._tag === "DatabaseUnreachable" ? error.code : Option.none()))
      assert.include(error.message, 'has no database "nowhere"')
    })
  )
})
