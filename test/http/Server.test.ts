import { connect, type Socket } from "node:net"
import { HttpServer, HttpServerResponse } from "@effect/platform"
import { it } from "@effect/vitest"
import { Deferred, Effect, Exit, Layer, Scope } from "effect"
import { expect } from "vitest"
import * as Server from "../../src/http/Server.ts"

const open = (port: number) =>
  Effect.acquireRelease(
    Effect.async<Socket, Error>((resume) => {
      const socket = connect(port, "127.0.0.1", () => resume(Effect.succeed(socket)))
      socket.once("error", (error) => resume(Effect.fail(error)))
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )

const closed = (socket: Socket) =>
  Effect.async<void>((resume) => {
    if (socket.destroyed) return resume(Effect.void)
    socket.on("error", () => {})
    socket.once("close", () => resume(Effect.void))
    socket.resume()
  })

/** A server that has begun to answer every request and finishes when told to. */
const slowServer = (closeWithin: `${number} seconds` | `${number} millis`) =>
  Effect.gen(function* () {
    const life = yield* Scope.make()
    const asked = yield* Deferred.make<void>()
    const finish = yield* Deferred.make<void>()
    const slow = Deferred.succeed(asked, undefined).pipe(
      Effect.zipRight(Deferred.await(finish)),
      Effect.as(HttpServerResponse.text("finished"))
    )
    const context = yield* HttpServer.serve(slow).pipe(
      Layer.provideMerge(Server.layer({ host: "127.0.0.1", port: 0, closeWithin })),
      Layer.buildWithScope(life)
    )
    const port = yield* HttpServer.addressWith((address) =>
      Effect.succeed(address._tag === "TcpAddress" ? address.port : expect.fail("no TCP"))
    ).pipe(Effect.provide(context))
    return { port, asked, finish, close: Scope.close(life, Exit.void) }
  })

const ask = (port: number) =>
  Effect.tryPromise((signal) =>
    fetch(`http://127.0.0.1:${port}/`, { signal }).then((answer) => answer.text())
  )

it.scopedLive("a server that closes lets the request in flight finish and takes no other", () =>
  Effect.gen(function* () {
    const server = yield* slowServer("30 seconds")
    const inFlight = yield* Effect.fork(ask(server.port))
    yield* Deferred.await(server.asked)
    const closing = yield* Effect.fork(server.close)
    yield* Effect.exit(open(server.port)).pipe(Effect.repeat({ until: Exit.isFailure }), Effect.scoped)
    yield* Deferred.succeed(server.finish, undefined)
    expect(yield* inFlight).toBe("finished")
    yield* closing
  })
)

it.scopedLive("a server ends although sockets are silent, slow or never answered", () =>
  Effect.gen(function* () {
    const server = yield* slowServer("50 millis")
    const silent = yield* open(server.port)
    const slow = yield* open(server.port)
    slow.write("GET / HTTP/1.1\r\nhost: here\r\n")
    const unanswered = yield* Effect.fork(Effect.exit(ask(server.port)))
    yield* Deferred.await(server.asked)
    yield* server.close
    expect(Exit.isFailure(yield* unanswered)).toBe(true)
    yield* closed(silent)
    yield* closed(slow)
  })
)

const listen = (options: Server.ServerOptions) => Effect.flip(Layer.build(Server.layer(options)))

it.scopedLive("a port that is taken is told, with what to do", () =>
  Effect.gen(function* () {
    const { port } = yield* slowServer("1 seconds")
    const error = yield* listen({ host: "127.0.0.1", port })
    expect(error).toMatchObject({ _tag: "CannotListen", code: "EADDRINUSE" })
    expect(error.message).toContain(`Port ${port} on 127.0.0.1 is taken`)
    expect(error.message).toContain("PORT")
  })
)

it.scopedLive("an address that is not this machine's is told", () =>
  Effect.gen(function* () {
    const error = yield* listen({ host: "192.0.2.1", port: 0 })
    expect(error).toMatchObject({ code: "EADDRNOTAVAIL" })
    expect(error.message).toContain("HOST")
  })
)
