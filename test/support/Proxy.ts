/**
 * A TCP proxy before the database: what a network, or a server that refuses, can do to connections, at the moment that
 * a test chooses.
 *
 * A fault holds until `heal`. A connection of which bytes were lost stays dead even then, as after a real loss.
 */
import * as net from "node:net"
import { Deferred, Duration, Effect, Option, Redacted, type Scope } from "effect"
import * as Wire from "./PostgresWire.ts"
import * as Connection from "./Proxy/Connection.ts"

/** Chooses connections by what their clients said first. */
type Which = (startup: Wire.Startup) => boolean

/** Those whose application_name begins so. The session of a worker is `holdfast worker <id>`. */
export const named =
  (name: string): Which =>
  (startup) =>
    startup.get("application_name")?.startsWith(name) ?? false

const all: Which = () => true

export interface Proxy {
  readonly port: number
  /** How many such connections stand now. */
  readonly count: (which?: Which) => Effect.Effect<number>
  /** Cuts the connections that stand now. Their clients can come back at once. */
  readonly cut: (which?: Which) => Effect.Effect<void>
  /** Until `heal`, new connections are hung up on. */
  readonly refuse: (which?: Which) => Effect.Effect<void>
  /** Until `heal`, bytes arrive so much later; in both directions unless one is named. */
  readonly delay: (
    by: Duration.DurationInput,
    only?: { readonly direction?: Connection.Direction; readonly which?: Which }
  ) => Effect.Effect<void>
  /** Until `heal`, bytes are swallowed in both directions. */
  readonly swallow: Effect.Effect<void>
  /** Of the connections that stand now, one direction is swallowed and the other still gets through. */
  readonly halfOpen: (swallowed: Connection.Direction, which?: Which) => Effect.Effect<void>
  /**
   * Waits for a client's message with this text in it, does not pass it on, and cuts that connection. Armed once this
   * returns, for one message; the inner effect waits until it has happened.
   */
  readonly cutBefore: (text: string) => Effect.Effect<Effect.Effect<void>>
  /** As `cutBefore`, but the server gets the message and does what it says; its answer is lost. */
  readonly loseAnswer: (text: string) => Effect.Effect<Effect.Effect<void>>
  /** Takes every fault back; also traps that were not sprung. */
  readonly heal: Effect.Effect<void>
}

interface Options {
  readonly host: string
  readonly port: number
  /** Given what a client says first, whether it is refused. Everybody is let through by default. */
  readonly refuse?: ((startup: string) => Option.Option<Wire.Refusal>) | undefined
}

interface Armed extends Connection.Trap {
  readonly text: string
}

interface Delay {
  readonly millis: number
  readonly direction: Connection.Direction | undefined
  readonly which: Which
}

export const make = (target: Options): Effect.Effect<Proxy, never, Scope.Scope> =>
  Effect.gen(function* () {
    const sockets = new Set<net.Socket>()
    const connections = new Set<Connection.Connection>()
    const traps = new Set<Armed>()
    let delays: ReadonlyArray<Delay> = []
    let refused: ReadonlyArray<Which> = []
    let swallowing = false

    const faults: Connection.Faults = {
      isSwallowing: () => swallowing,
      delayOf: (direction, startup) =>
        Math.max(
          0,
          ...delays
            .filter((one) => (one.direction ?? direction) === direction && one.which(startup))
            .map(({ millis }) => millis)
        ),
      trapFor: (message) => {
        const trap = [...traps].find(({ text }) => message.includes(text))
        if (trap !== undefined) traps.delete(trap)
        return trap
      }
    }

    const remember = (socket: net.Socket) => {
      sockets.add(socket)
      socket.once("close", () => sockets.delete(socket))
    }

    const greet = (client: net.Socket, startup: Wire.Message) => {
      const refusal = target.refuse?.(startup.bytes.toString("latin1")) ?? Option.none()
      if (Option.isSome(refusal)) {
        client.end(Wire.fatal(refusal.value))
        return () => {}
      }
      if (refused.some((which) => which(Wire.startupParameters(startup.bytes)))) {
        client.destroy()
        return () => {}
      }
      const { connection, server, take } = Connection.open({ client, faults, startup, target })
      remember(server)
      connections.add(connection)
      client.once("close", () => connections.delete(connection))
      return take
    }

    const server = net.createServer((client) => {
      remember(client)
      client.setNoDelay(true)
      client.on("error", () => {})
      const decode = Wire.decoder("startup")
      let take = (message: Wire.Message) => {
        if (Wire.isRequestForEncryption(message.bytes)) client.write(Wire.noEncryption)
        else take = greet(client, message)
      }
      client.on("data", (bytes) => {
        for (const message of decode(bytes)) take(message)
      })
    })
    const port = yield* Wire.listen(server, sockets)

    const standing = (which: Which) => [...connections].filter(({ startup }) => which(startup))
    const arm = (text: string, serverActs: boolean) =>
      Effect.map(Deferred.make<void>(), (happened) => {
        traps.add({ text, serverActs, sprung: () => Deferred.unsafeDone(happened, Effect.void) })
        return Deferred.await(happened)
      })
    return {
      port,
      count: (which = all) => Effect.sync(() => standing(which).length),
      cut: (which = all) =>
        Effect.sync(() => {
          for (const connection of standing(which)) connection.cut()
        }),
      refuse: (which = all) =>
        Effect.sync(() => {
          refused = [...refused, which]
        }),
      delay: (by, { direction, which = all } = {}) =>
        Effect.sync(() => {
          delays = [...delays, { millis: Duration.toMillis(by), direction, which }]
        }),
      swallow: Effect.sync(() => {
        swallowing = true
      }),
      halfOpen: (swallowed, which = all) =>
        Effect.sync(() => {
          for (const connection of standing(which)) connection.deafen(swallowed)
        }),
      cutBefore: (text) => arm(text, false),
      loseAnswer: (text) => arm(text, true),
      heal: Effect.sync(() => {
        swallowing = false
        refused = []
        delays = []
        traps.clear()
      })
    }
  })

/** A proxy before the database of this URL, and the URL through it. */
export const before = (
  url: Redacted.Redacted,
  refuse?: Options["refuse"]
): Effect.Effect<{ readonly proxy: Proxy; readonly url: Redacted.Redacted }, never, Scope.Scope> =>
  Effect.gen(function* () {
    const parsed = new URL(Redacted.value(url))
    const proxy = yield* make({ host: parsed.hostname, port: Number(parsed.port), refuse })
    parsed.host = `127.0.0.1:${proxy.port}`
    return { proxy, url: Redacted.make(parsed.href) }
  })
