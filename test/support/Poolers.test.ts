/** What a transaction pooler does to its clients, whichever it is. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Queue, type Redacted, Schema, type Scope, Stream } from "effect"
import pg from "pg"
import * as Connection from "../../src/database/Connection.ts"
import { DatabaseUrl } from "../../src/database/DatabaseUrl.ts"
import { listen } from "../../src/database/Listen.ts"
import * as Session from "../../src/database/Session.ts"
import { poolers } from "./Poolers.ts"
import * as TestDatabase from "./TestDatabase.ts"

const Backend = Schema.Tuple(Schema.Struct({ pid: Schema.Number }))

const backendOf = (session: Session.Session) =>
  session.query("select pg_backend_pid() as pid").pipe(
    Effect.flatMap(Schema.decodeUnknown(Backend)),
    Effect.map(([{ pid }]) => pid)
  )

const size = 3

describe.each(poolers)("%s", (_name, make) => {
  const setup = (options?: { readonly roundRobin?: boolean; readonly ignoreTimeouts?: boolean }) =>
    Effect.gen(function* () {
      const { url: direct } = yield* DatabaseUrl
      const url = yield* make({ url: direct, poolSize: size, ...options })
      const open = Session.open({ url, applicationName: "through the pooler" })
      /** Opens transactions until one of them is on this server connection; nobody else can be, from then on. */
      const occupy = (pid: number) =>
        Effect.gen(function* () {
          for (let n = 0; n < size; n++) {
            const other = yield* open
            yield* other.query("begin")
            if ((yield* backendOf(other)) === pid) return other
          }
          return yield* Effect.dieMessage("nobody got that server connection")
        })
      return { direct, occupy, open, url }
    })

  const test = <E>(
    name: string,
    body: (parts: Effect.Effect.Success<ReturnType<typeof setup>>) => Effect.Effect<void, E, Scope.Scope>,
    options?: Parameters<typeof setup>[0]
  ) =>
    it.scopedLive(name, () =>
      Effect.flatMap(setup(options), body).pipe(Effect.provide(TestDatabase.emptyLayer))
    )

  test("has room for many more clients than it has server connections", ({ open }) =>
    Effect.gen(function* () {
      const clients = yield* Effect.all(
        Array.from({ length: 5 * size }, () => open),
        { concurrency: "unbounded" }
      )
      const backends = yield* Effect.forEach(clients, backendOf, { concurrency: "unbounded" })
      assert.isAtMost(new Set(backends).size, size)
    }))

  test("keeps a transaction on one server connection, and makes others wait when there is none", (parts) =>
    Effect.gen(function* () {
      const { open } = parts
      const busy = yield* Effect.all(Array.from({ length: size }, () => open))
      yield* Effect.forEach(busy, (one) => one.query("begin"))
      const first = yield* Effect.forEach(busy, backendOf)
      const waiting = yield* Effect.fork(Effect.flatMap(open, backendOf))
      assert.deepStrictEqual(yield* Effect.forEach(busy, backendOf), first)
      assert.isTrue(Option.isNone(yield* waiting.poll))
      yield* Effect.forEach(busy.slice(1), (one) => one.query("commit"))
      assert.include(first.slice(1), yield* waiting)
    }))

  test(
    "takes the server connections in turn when told so",
    ({ open, occupy }) =>
      Effect.gen(function* () {
        const one = yield* open
        const all = yield* Effect.all(Array.from({ length: size }, () => open))
        yield* Effect.forEach(all, (other) => other.query("begin"))
        yield* Effect.forEach(all, (other) => other.query("commit"))
        const seen = yield* Effect.all(Array.from({ length: size }, () => backendOf(one)))
        assert.strictEqual(new Set(seen).size, size)
        yield* occupy(seen[0] ?? 0)
      }),
    { roundRobin: true }
  )

  test("leaves what belongs to a session behind, for somebody else to find", ({ open, occupy }) =>
    Effect.gen(function* () {
      const one = yield* open
      yield* one.query("begin")
      const pid = yield* backendOf(one)
      yield* one.query("set holdfast.mark = 'behind'")
      yield* one.query("select pg_advisory_lock(7)")
      yield* one.query("prepare ours as select 1")
      yield* one.query("commit")

      const other = yield* occupy(pid)
      assert.deepStrictEqual(
        yield* other.query(
          "select current_setting('holdfast.mark', true) as mark, pg_advisory_unlock(7) as unlocked"
        ),
        [{ mark: "behind", unlocked: true }]
      )
      yield* other.query("execute ours")

      const [row] = yield* one.query("select current_setting('holdfast.mark', true) as mark")
      assert.notDeepEqual(row, { mark: "behind" })
      assert.deepStrictEqual(yield* one.query("select pg_advisory_unlock(7) as unlocked"), [
        { unlocked: false }
      ])
      assert.deepStrictEqual((yield* Effect.flip(one.query("execute ours"))).sqlState, Option.some("26000"))
    }))

  test("can be told from the server itself, also by a client that always gets the same connection", (parts) =>
    Effect.gen(function* () {
      const { direct, open } = parts
      assert.isFalse(yield* Effect.flatMap(open, (session) => session.isDirect))
      const session = yield* Session.open({ url: direct, applicationName: "direct" })
      assert.isTrue(yield* session.isDirect)
    }))

  test("loses the driver's named statements", ({ occupy, url }) =>
    Effect.gen(function* () {
      const client = yield* driver(url)
      const ask = Effect.tryPromise(() =>
        client.query<{ pid: number }>({ name: "ours", text: "select pg_backend_pid() as pid" })
      )
      const { rows } = yield* ask
      yield* occupy(rows[0]?.pid ?? 0)
      const error = yield* Effect.flip(ask)
      assert.include(String(error.cause), 'prepared statement "ours" does not exist')
    }))

  test("delivers no notifications", ({ direct, open, url }) =>
    Effect.gen(function* () {
      const events = yield* Queue.unbounded<string>()
      const listening = (url: Redacted.Redacted) =>
        listen({ url, channel: "news" }).pipe(
          Stream.runForEach(({ _tag }) => Queue.offer(events, _tag)),
          Effect.forkScoped,
          Effect.zipRight(Queue.take(events))
        )
      yield* listening(url)
      yield* listening(direct)
      const session = yield* open
      yield* session.query("select pg_notify('news', '')")
      // The one that listens directly has heard of it.
      assert.strictEqual(yield* Queue.take(events), "Notified")
      yield* session.query("select 1")
      assert.strictEqual(yield* Queue.size(events), 0)
    }))

  test("refuses timeouts in the first message", ({ url }) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.scoped(driver(url, { statement_timeout: 1000 })))
      assert.propertyVal(error.cause, "code", "08P01")
      assert.include(String(error.cause), "unsupported startup parameter: statement_timeout")
    }))

  test(
    "or takes them and does nothing with them",
    ({ url }) =>
      Effect.gen(function* () {
        const client = yield* driver(url, {
          statement_timeout: 1000,
          idle_in_transaction_session_timeout: 1000
        })
        const { rows } = yield* Effect.tryPromise(() => client.query("show statement_timeout"))
        assert.deepStrictEqual(rows, [{ statement_timeout: "0" }])
      }),
    { ignoreTimeouts: true }
  )

  test("undoes the transaction of a client that vanishes", ({ direct, open }) =>
    Effect.gen(function* () {
      const observer = yield* Session.open({ url: direct, applicationName: "observer" })
      yield* observer.query("create table things (n int unique)")
      yield* Effect.scoped(
        Effect.flatMap(open, (one) =>
          Effect.zipRight(one.query("begin"), one.query("insert into things values (1)"))
        )
      )
      // Waits until the other insert is gone, and would fail if it had stayed.
      const other = yield* open
      yield* other.query("insert into things values (1)")
    }))

  test("tells its client when the server connection breaks, and serves it when it comes back", (parts) =>
    Effect.gen(function* () {
      const { open } = parts
      const [one, other] = [yield* open, yield* open]
      yield* one.query("begin")
      yield* other.query(`select pg_terminate_backend(${yield* backendOf(one)})`)
      yield* Effect.flip(one.query("select 1"))
      yield* Effect.flip(one.lost)
      yield* Effect.flatMap(open, (again) => again.query("select 1"))
    }))

  test("passes large and many statements on as they are", ({ open }) =>
    Effect.gen(function* () {
      const session = yield* open
      const big = "x".repeat(1_000_000)
      assert.deepStrictEqual(yield* session.query("select $1::text as big", [big]), [{ big }])
      const answers = yield* Effect.forEach(
        Array.from({ length: 50 }, (_, n) => n),
        (n) => session.query("select $1::int as n", [n])
      )
      assert.deepStrictEqual(
        answers.flat(),
        Array.from({ length: 50 }, (_, n) => ({ n }))
      )
    }))
})

/** The driver itself, for what Holdfast does not use. */
const driver = (url: Redacted.Redacted, settings: pg.ClientConfig = {}) =>
  Effect.acquireRelease(
    Effect.tryPromise(async () => {
      const client = new pg.Client({
        ...Connection.clientConfig({ url }, { timeoutsAtStart: false }, new Set()),
        ...settings
      })
      client.on("error", () => {})
      await client.connect()
      return client
    }),
    (client) => Effect.promise(() => client.end())
  )
