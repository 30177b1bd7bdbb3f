/** A TCP proxy whose network can go dead: everything stays open, and nothing gets through any more. */
import * as net from "node:net"
import { Effect, type Scope } from "effect"

export interface Proxy {
  readonly port: number
  /** From now on, and until `heal`, bytes are swallowed in both directions. */
  readonly swallow: Effect.Effect<void>
  /** New connections get through again; the old ones stay dead. */
  readonly heal: Effect.Effect<void>
}

export const make = (target: {
  readonly host: string
  readonly port: number
}): Effect.Effect<Proxy, never, Scope.Scope> =>
  Effect.gen(function* () {
    const sockets = new Set<net.Socket>()
    let swallowing = false
    const server = net.createServer((incoming) => {
      const outgoing = net.connect(target.port, target.host)
      let dead = false
      for (const [from, to] of [
        [incoming, outgoing],
        [outgoing, incoming]
      ] as const) {
        sockets.add(from)
        from.on("error", () => {})
        from.on("close", () => {
          sockets.delete(from)
          if (!dead) to.destroy()
        })
        from.on("data", (bytes) => {
          dead ||= swallowing
          if (!dead) to.write(bytes)
        })
      }
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => {
        server.listen(0, "127.0.0.1", () => resume(Effect.void))
      }),
      () =>
        Effect.async<void>((resume) => {
          for (const socket of sockets) socket.destroy()
          server.close(() => resume(Effect.void))
        })
    )
    const address = server.address()
    if (address === null || typeof address === "string")
      return yield* Effect.dieMessage("the proxy has no port")
    return {
      port: address.port,
      swallow: Effect.sync(() => {
        swallowing = true
      }),
      heal: Effect.sync(() => {
        swallowing = false
      })
    }
  })
