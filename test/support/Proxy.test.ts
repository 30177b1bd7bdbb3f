/** The proxy's faults, each as a client of a real server meets it. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber, type Scope } from "effect"
import { DatabaseUrl } from "../../src/database/DatabaseUrl.ts"
import * as Session from "../../src/database/Session.ts"
import * as Proxy from "./Proxy.ts"
import * as TestDatabase from "./TestDatabase.ts"

const setup = Effect.gen(function* () {
  const { url } = yield* DatabaseUrl
  const direct = yield* Session.open({ url, applicationName: "direct" })
  yield* direct.query("create table things (n int)")
  const { proxy, url: proxied } = yield* Proxy.before(url)
  const open = (applicationName: string) =>
    Session.open({ url: proxied, applicationName, connectTimeout: "500 millis" })
  return { direct, open, proxy, things: direct.query("select n from things order by n") }
})

const test = <E>(
  name: string,
  body: (parts: Effect.Effect.Success<typeof setup>) => Effect.Effect<void, E, Scope.Scope>
) => it.scopedLive(name, () => Effect.flatMap(setup, body).pipe(Effect.provide(TestDatabase.emptyLayer)))

/** Whether an answer comes, given some time. */
const isAnswered = (session: Session.Session, statement = "select 1") =>
  session.query(statement).pipe(
    Effect.disconnect,
    Effect.timeout("200 millis"),
    Effect.option,
    Effect.map(({ _tag }) => _tag === "Some")
  )

describe("a proxy", () => {
  test("passes everything on, in order, until told otherwise", ({ open }) =>
    Effect.gen(function* () {
      const session = yield* open("a")
      const [row] = yield* session.query("select repeat('x', 1000000) as big, $1::int as n", [7])
      assert.deepStrictEqual(row, { big: "x".repeat(1_000_000), n: 7 })
    }))

  test("cuts the connections that it is told to, and lets their clients come back", ({ open, proxy }) =>
    Effect.gen(function* () {
      const [a, b] = [yield* open("a"), yield* open("b")]
      yield* proxy.cut(Proxy.named("a"))
      yield* Effect.flip(a.lost)
      yield* b.query("select 1")
      yield* Effect.flatMap(open("a"), (again) => again.query("select 1"))
      yield* proxy.cut()
      yield* Effect.flip(b.lost)
    }))

  test("refuses new connections until it heals, and leaves those that stand", ({ open, proxy }) =>
    Effect.gen(function* () {
      const a = yield* open("a")
      yield* proxy.refuse(Proxy.named("a"))
      assert.strictEqual((yield* Effect.flip(open("a")))._tag, "DatabaseUnreachable")
      yield* a.query("select 1")
      yield* Effect.flatMap(open("b"), (other) => other.query("select 1"))
      assert.strictEqual(yield* proxy.count(Proxy.named("a")), 1)
      yield* proxy.heal
      yield* open("a")
      assert.strictEqual(yield* proxy.count(Proxy.named("a")), 2)
    }))

  test("delays one direction or both, without mixing up what it delays", ({ open, proxy }) =>
    Effect.gen(function* () {
      const session = yield* open("a")
      const took = Effect.map(Effect.timed(session.query("select 1")), ([time]) => Duration.toMillis(time))
      for (const direction of ["toServer", "toClient"] as const) {
        yield* proxy.delay("100 millis", { direction })
        assert.isAtLeast(yield* took, 99)
        yield* proxy.heal
      }
      yield* proxy.delay("100 millis")
      assert.isAtLeast(yield* took, 198)
      const slow = yield* Effect.fork(session.query("select repeat('x', 1000000) as big"))
      yield* Effect.yieldNow()
      yield* proxy.heal
      assert.deepStrictEqual(yield* Fiber.join(slow), [{ big: "x".repeat(1_000_000) }])
    }))

  test("swallows everything, and a connection that lost bytes stays dead when it heals", ({ open, proxy }) =>
    Effect.gen(function* () {
      const [used, unused] = [yield* open("a"), yield* open("b")]
      yield* proxy.swallow
      assert.isFalse(yield* isAnswered(used))
      assert.strictEqual((yield* Effect.flip(open("c")))._tag, "DatabaseUnreachable")
      yield* proxy.heal
      assert.isFalse(yield* isAnswered(used))
      assert.isTrue(yield* isAnswered(unused))
      assert.isTrue(yield* Effect.flatMap(open("c"), isAnswered))
    }))

  test("half-opens towards the client: the server acts, and its answers get lost", (parts) =>
    Effect.gen(function* () {
      const { open, proxy, things } = parts
      const [a, b] = [yield* open("a"), yield* open("b")]
      yield* proxy.halfOpen("toClient", Proxy.named("a"))
      assert.isFalse(yield* isAnswered(a, "insert into things values (1)"))
      assert.deepStrictEqual(yield* things, [{ n: 1 }])
      assert.isTrue(yield* isAnswered(b))
    }))

  test("half-opens towards the server: it hears nothing, and its own words get through", (parts) =>
    Effect.gen(function* () {
      const { direct, open, proxy, things } = parts
      const a = yield* open("a")
      yield* proxy.halfOpen("toServer")
      assert.isFalse(yield* isAnswered(a, "insert into things values (1)"))
      assert.deepStrictEqual(yield* things, [])
      yield* direct.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'a'"
      )
      yield* Effect.flip(a.lost)
    }))

  const insert = "insert into things values ($1)"

  for (const parameters of [[], [1]]) {
    const protocol = parameters.length === 0 ? "simple" : "extended"
    const statement = parameters.length === 0 ? "insert into things values (1)" : insert

    test(`cuts before a message, with the ${protocol} protocol`, ({ open, proxy, things }) =>
      Effect.gen(function* () {
        const session = yield* open("a")
        const cut = yield* proxy.cutBefore("insert into things")
        yield* session.query("select 1")
        yield* Effect.flip(session.query(statement, parameters))
        yield* cut
        yield* Effect.flip(session.lost)
        assert.deepStrictEqual(yield* things, [])
        yield* Effect.flatMap(open("a"), (again) => again.query(statement, parameters))
        assert.deepStrictEqual(yield* things, [{ n: 1 }])
      }))

    test(`loses an answer, with the ${protocol} protocol`, ({ open, proxy, things }) =>
      Effect.gen(function* () {
        const session = yield* open("a")
        const lost = yield* proxy.loseAnswer("insert into things")
        yield* session.query("select 1")
        yield* Effect.flip(session.query(statement, parameters))
        yield* lost
        assert.deepStrictEqual(yield* things, [{ n: 1 }])
        yield* Effect.flatMap(open("a"), (again) => again.query("select 1"))
      }))
  }

  test("loses the answer to a commit: the transaction stands", ({ open, proxy, things }) =>
    Effect.gen(function* () {
      const session = yield* open("a")
      yield* session.query("begin")
      yield* session.query(insert, [1])
      const lost = yield* proxy.loseAnswer("commit")
      const told = yield* Deferred.make<void>()
      yield* Effect.forkScoped(Effect.zipRight(lost, Deferred.succeed(told, undefined)))
      yield* Effect.flip(session.query("commit"))
      yield* Deferred.await(told)
      assert.deepStrictEqual(yield* things, [{ n: 1 }])
    }))
})
