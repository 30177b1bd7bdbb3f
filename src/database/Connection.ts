/** How every connection is made: bounded in each wait, so that none can hang for ever on a dead network. */
import * as net from "node:net"
import type { Duplex } from "node:stream"
import type * as PgClient from "@effect/sql-pg/PgClient"
import { Duration, Redacted } from "effect"
import type pg from "pg"

/** Where to connect, and as whom: by a URL, by its parts, or by both, as a client of @effect/sql-pg tells of itself. */
export type Target = Pick<
  PgClient.PgClientConfig,
  "url" | "host" | "port" | "database" | "username" | "password" | "ssl" | "stream"
>

export interface ConnectionOptions {
  /** Shown in `pg_stat_activity`. */
  readonly applicationName?: string | undefined
  /** How long connecting, or waiting for a free connection, may take. */
  readonly connectTimeout?: Duration.DurationInput | undefined
  /** The server cancels a statement that runs longer. Infinite: never. */
  readonly statementTimeout?: Duration.DurationInput | undefined
  /** How much longer the client waits for an answer before it gives the connection up as dead. */
  readonly patience?: Duration.DurationInput | undefined
  /** False where a pooler such as PgBouncer refuses timeouts in a connection's first message. */
  readonly timeoutsAtStart?: boolean | undefined
}

const defaults = {
  applicationName: "holdfast",
  connectTimeout: Duration.seconds(5),
  statementTimeout: Duration.seconds(30),
  patience: Duration.seconds(15)
} satisfies ConnectionOptions

/** Sockets of the connections made with one configuration, so that they can be cut when they do not end by themselves. */
export type Sockets = Set<Duplex>

/** The target in the driver's words. Of what both the URL and a part say, the URL's word counts there. */
export const address = (target: Target): pg.ClientConfig => ({
  connectionString: target.url === undefined ? undefined : Redacted.value(target.url),
  host: target.host,
  port: target.port,
  database: target.database,
  user: target.username,
  password: target.password === undefined ? undefined : Redacted.value(target.password),
  ssl: target.ssl
})

/**
 * The driver's configuration for one target.
 *
 * A socket that stays silent for longer than any statement may take is destroyed: TCP alone would let a statement
 * sent into a half-open connection wait for a quarter of an hour.
 */
export const clientConfig = (
  target: Target,
  options: ConnectionOptions,
  sockets: Sockets
): pg.ClientConfig => {
  const statementTimeout = Duration.decode(options.statementTimeout ?? defaults.statementTimeout)
  const bounded = Duration.isFinite(statementTimeout)
  const milliseconds = Duration.toMillis(statementTimeout)
  return {
    ...address(target),
    application_name: options.applicationName ?? defaults.applicationName,
    connectionTimeoutMillis: Duration.toMillis(options.connectTimeout ?? defaults.connectTimeout),
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    ...(bounded && options.timeoutsAtStart !== false
      ? { statement_timeout: milliseconds, idle_in_transaction_session_timeout: milliseconds }
      : {}),
    stream: () => {
      const socket = target.stream === undefined ? new net.Socket() : target.stream()
      sockets.add(socket)
      socket.once("close", () => sockets.delete(socket))
      if (bounded && socket instanceof net.Socket) {
        socket.setTimeout(milliseconds + Duration.toMillis(options.patience ?? defaults.patience), () =>
          socket.destroy(new Error("the database has been silent for too long; its connection is given up"))
        )
      }
      return socket
    }
  }
}

/** Cuts every connection that is still open. */
export const cut = (sockets: Sockets): void => {
  for (const socket of sockets) socket.destroy()
}
