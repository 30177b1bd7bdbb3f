/** What can go wrong with a database, typed: at the start, and with a statement later on. */
import type { SqlError } from "@effect/sql/SqlError"
import { Data, Option, Predicate } from "effect"
import pg from "pg"
import * as Connection from "./Connection.ts"

/**
 * A statement or transaction failed. `sqlState` is the server's five-character code
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html); it is absent when the connection broke, and then
 * nobody knows whether a COMMIT under way took effect.
 */
export class DatabaseError extends Data.TaggedError("DatabaseError")<{
  readonly operation: string
  readonly message: string
  readonly sqlState: Option.Option<string>
  readonly cause: unknown
}> {
  /** Puts what the driver threw, or what @effect/sql made of it, into words. */
  static readonly from = (operation: string, cause: unknown): DatabaseError =>
    new DatabaseError({
      operation,
      message: `${operation}: ${describe(cause)}`,
      sqlState: sqlState(cause),
      cause
    })
}

/**
 * No connection could be made at the start. The message says what is wrong and what to do; neither it nor any other
 * field holds the password.
 */
export class DatabaseUnreachable extends Data.TaggedError("DatabaseUnreachable")<{
  readonly message: string
  /** The server's SQLSTATE or the system's error code, such as `28P01` or `ECONNREFUSED`. */
  readonly code: Option.Option<string>
}> {
  /** Says why a connection to this target failed with this error. */
  static readonly from = (to: Connection.Target, cause: unknown): DatabaseUnreachable => {
    const code = errorCode(cause)
    const target = describeTarget(to)
    if (Option.isNone(target)) {
      return new DatabaseUnreachable({
        code,
        message: "DATABASE_URL is not a URL. Write it as postgres://user:password@host:5432/database."
      })
    }
    return new DatabaseUnreachable({
      code,
      message: explain(
        target.value,
        Option.getOrElse(code, () => ""),
        cause
      )
    })
  }
}

/** The SQLSTATE of a failure, whether given by the driver or wrapped by @effect/sql. */
export const sqlState = (cause: unknown): Option.Option<string> =>
  Option.filter(errorCode(cause), (code) => /^[0-9A-Z]{5}$/.test(code))

/** The code of an error or of the error that caused it: a SQLSTATE or one of the system's, such as `ECONNRESET`. */
const errorCode = (cause: unknown): Option.Option<string> => {
  if (Predicate.hasProperty(cause, "code") && Predicate.isString(cause.code)) return Option.some(cause.code)
  if (Predicate.hasProperty(cause, "cause") && cause.cause !== undefined) return errorCode(cause.cause)
  return Option.none()
}

/** @effect/sql says only "Failed to execute statement"; the reason stands in its cause. */
const describe = (cause: unknown): string => {
  if (isSqlError(cause) && cause.cause !== undefined) return describe(cause.cause)
  if (!(cause instanceof Error)) return String(cause)
  // Node's error for several refused addresses has an empty message.
  return cause.message !== "" ? cause.message : Option.getOrElse(errorCode(cause), () => cause.name)
}

export const isSqlError = (cause: unknown): cause is SqlError => Predicate.isTagged(cause, "SqlError")

interface Place {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
}

const describeTarget = (target: Connection.Target): Option.Option<Place> =>
  Option.liftThrowable(() => {
    // The driver's own reading of the URL, defaults included; nothing is connected here.
    const client = new pg.Client(Connection.address(target))
    return {
      host: client.host,
      port: client.port,
      database: client.database ?? "",
      user: client.user ?? ""
    }
  })()

const explain = ({ database, host, port, user }: Place, code: string, cause: unknown): string => {
  const place = `${host}:${port}`
  switch (code) {
    case "ECONNREFUSED":
      return `Nothing listens for database connections at ${place}. Start PostgreSQL there, or correct the host and port in DATABASE_URL.`
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `The database's host name "${host}" can't be resolved. Correct the host in DATABASE_URL, or check the network's DNS.`
    case "ENOENT":
      return `There is no database socket at ${place}. Start PostgreSQL there, or correct the host in DATABASE_URL.`
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `The database at ${place} can't be reached through the network (${code}). Check the host and port in DATABASE_URL, and the firewalls between.`
    case "28P01":
      return `The database at ${place} refused the password of user "${user}". Correct the user and the password in DATABASE_URL; special characters in them must be percent-encoded.`
    case "28000":
      return `The database at ${place} does not let user "${user}" in: ${describe(cause)}. Check the user in DATABASE_URL and the server's pg_hba.conf.`
    case "3D000":
      return `The server at ${place} has no database "${database}". Create it with: createdb -h ${host} -p ${port} -U ${user} ${database}. Or correct the name in DATABASE_URL.`
    case "42501":
      return `User "${user}" may not connect to database "${database}" at ${place}. Grant it: grant connect on database ${database} to ${user}.`
    case "53300":
      return `The database at ${place} has no free connection. Raise its max_connections, or end what holds them.`
    case "57P03":
      return `The database at ${place} is starting up or shutting down: ${describe(cause)}. Wait until it is ready and start again.`
    default:
      return /timeout (expired|exceeded)|connection timeout/.test(describe(cause))
        ? `The database at ${place} did not answer in time. Check the host and port in DATABASE_URL, and the firewalls between.`
        : `Connecting to database "${database}" at ${place} as user "${user}" failed: ${describe(cause)}. Check DATABASE_URL and the server's log.`
  }
}
