/**
 * A TCP proxy before the database: its network can go dead, so that everything stays open and nothing gets through any
 * more, and it can refuse connections as a server or a pooler would.
 */
import * as net from "node:net"
import { Effect, Option, Redacted, type Scope } from "effect"

export interface Proxy {
  readonly port: number
  /** From now on, and until `heal`, bytes are swallowed in both directions. */
  readonly swallow: Effect.Effect<void>
  /** New connections get through again; the old ones stay dead. */
  readonly heal: Effect.Effect<void>
}

interface Refusal {
  readonly sqlState: string
  readonly message: string
}

interface Options {
  readonly host: string
  readonly port: number
  /** Given what a client says first, whether it is refused. Everybody is let through by default. */
  readonly refuse?: (startup: string) => Option.Option<Refusal>
}

export const make = (target: Options): Effect.Effect<Proxy, never, Scope.Scope> =>
  Effect.gen(function* () {
    const sockets = new Set<net.Socket>()
    let swallowing = false
    const server = net.createServer((incoming) => {
      incoming.once("data", (startup) => {
        const refusal = target.refuse?.(startup.toString("latin1")) ?? Option.none()
        if (Option.isSome(refusal)) incoming.end(errorResponse(refusal.value))
        else connect(incoming, startup)
      })
    })
    const connect = (incoming: net.Socket, startup: Buffer) => {
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
      outgoing.write(startup)
    }
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

/** https://www.postgresql.org/docs/current/protocol-message-formats.html, ErrorResponse */
const errorResponse = ({ message, sqlState }: Refusal): Buffer => {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${sqlState}\0M${message}\0\0`)
  const head = Buffer.alloc(5)
  head.write("E")
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}

/** A proxy before the database of this URL, and the URL through it. */
export const before = (
  url: Redacted.Redacted,
  refuse?: Options["refuse"]
): Effect.Effect<{ readonly proxy: Proxy; readonly url: Redacted.Redacted }, never, Scope.Scope> =>
  Effect.gen(function* () {
    const parsed = new URL(Redacted.value(url))
    const proxy = yield* make({
      host: parsed.hostname,
      port: Number(parsed.port),
      ...(refuse === undefined ? {} : { refuse })
    })
    parsed.host = `127.0.0.1:${proxy.port}`
    return { proxy, url: Redacted.make(parsed.href) }
  })
