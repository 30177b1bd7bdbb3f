/**
 * A transaction pooler of our own, with the semantics of PgBouncer's `pool_mode = transaction` as it was before it
 * tracked prepared statements (1.21): a client has a server connection from its first message outside a transaction
 * until the server says that it is idle again, and the next time maybe another one. So nothing that belongs to a
 * session stays with a client: LISTEN, advisory locks of the session, SET, named statements. Nothing is reset between
 * two clients either: what one leaves, another finds.
 *
 * Unlike PgBouncer it serves one database as one user, asks clients for no password and does not cancel statements. It
 * leaves also those settings behind that PgBouncer sets anew for each client (application_name, TimeZone and the like),
 * and it drops notifications, where PgBouncer passes them to whichever client has the server connection at that moment.
 */
import * as net from "node:net"
import { Effect, Redacted, type Scope } from "effect"
import * as Wire from "./PostgresWire.ts"
import * as Client from "./TransactionPooler/Client.ts"
import * as Servers from "./TransactionPooler/Servers.ts"

/** What every pooler of the tests can be told. */
export interface Options {
  /** The database behind it. */
  readonly url: Redacted.Redacted
  /** How many server connections it opens at most. Default 3. */
  readonly poolSize?: number | undefined
  /** True: the server connection that waits longest is next. False, the default: the one that was used last. */
  readonly roundRobin?: boolean | undefined
  /** Whether it lets clients set timeouts in their startup message, and ignores them. Default false: it refuses. */
  readonly ignoreTimeouts?: boolean | undefined
}

/** Starts it on a port of its own; the result is the URL through it. */
export const make = (options: Options): Effect.Effect<Redacted.Redacted, never, Scope.Scope> =>
  Effect.gen(function* () {
    const sockets = new Set<net.Socket>()
    const remember = (socket: net.Socket) => {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on("error", () => {})
      socket.once("close", () => sockets.delete(socket))
    }
    const servers = Servers.make({
      url: options.url,
      size: options.poolSize ?? 3,
      roundRobin: options.roundRobin ?? false,
      remember
    })
    const server = net.createServer((socket) => {
      remember(socket)
      Client.serve({ socket, servers, ignoreTimeouts: options.ignoreTimeouts ?? false })
    })
    const port = yield* Wire.listen(server, sockets)
    const through = new URL(Redacted.value(options.url))
    through.host = `127.0.0.1:${port}`
    return Redacted.make(through.href)
  })
