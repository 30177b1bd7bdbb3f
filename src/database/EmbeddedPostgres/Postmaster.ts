/**
 * The server that may already be running on a cluster: read from its `postmaster.pid`, believed only once it has
 * answered with our password and named our cluster.
 */
import * as path from "node:path"
import * as FileSystem from "@effect/platform/FileSystem"
import { Data, Effect, Option, Redacted, Schema } from "effect"
import * as Session from "../Session.ts"
import { user } from "./Cluster.ts"
import { EmbeddedPostgresError, folderError } from "./EmbeddedPostgresError.ts"
import type { Home } from "./Home.ts"
import * as Process from "./Process.ts"

/** A server that takes connections. */
export interface Running {
  readonly pid: number
  readonly port: number
}

/** A server is there, and on its way up or down: look again soon. */
export class Busy extends Data.TaggedError("Busy")<{ readonly message: string }> {}

/** The server does not know our password: it is not ours, or the password's file was changed. */
export class PasswordRefused extends Data.TaggedError("PasswordRefused")<object> {}

/** The URL of a database of the server. */
export const urlOf = (home: Home, port: number, database: string): Redacted.Redacted =>
  Redacted.make(`postgres://${user}:${Redacted.value(home.password)}@127.0.0.1:${port}/${database}`)

/** The server that runs on this home's cluster, if there is one. */
export const find = (
  home: Home
): Effect.Effect<Option.Option<Running>, Busy | EmbeddedPostgresError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const noted = yield* readPidFile(home)
    if (Option.isNone(noted)) return Option.none()
    const { pid, port } = noted.value
    if (!(yield* Process.signal(pid, 0))) return Option.none()
    if (!(yield* isServerOf(pid, home.cluster))) {
      yield* disown(home, noted.value)
      return Option.none()
    }
    yield* Effect.catchTag(verify(home, port), "PasswordRefused", () => wrongPassword(home))
    return Option.some({ pid, port })
  })

export const wrongPassword = (home: Home) =>
  new EmbeddedPostgresError({
    reason: "StartFailed",
    message: `The PostgreSQL that runs on ${home.cluster} refuses the password in ${home.dataDir}/postgres.password. Restore that file as it was.`
  })

/** Succeeds if the server at this port lets us in and serves this cluster. */
export const verify = (home: Home, port: number): Effect.Effect<void, Busy | PasswordRefused> =>
  Effect.gen(function* () {
    const session = yield* Session.open({
      url: urlOf(home, port, "postgres"),
      applicationName: "holdfast start"
    })
    const rows = yield* session.query("show data_directory")
    const [row] = yield* Effect.orDie(Schema.decodeUnknown(DataDirectory)(rows))
    if (path.resolve(row.data_directory) !== home.cluster) {
      return yield* new Busy({ message: `port ${port} belongs to the database in ${row.data_directory}` })
    }
  }).pipe(
    Effect.scoped,
    Effect.catchTags({
      DatabaseError: (error) => new Busy({ message: error.message }),
      DatabaseUnreachable: (error) =>
        Option.contains(error.code, "28P01") ? new PasswordRefused() : new Busy({ message: error.message })
    })
  )

const DataDirectory = Schema.Tuple(Schema.Struct({ data_directory: Schema.String }))

interface PidFile extends Running {
  readonly text: string
}

const pidFile = (home: Home) => path.join(home.cluster, "postmaster.pid")

/** Line 1 is the process id, line 4 the port: https://www.postgresql.org/docs/current/storage-file-layout.html */
const readPidFile = (home: Home) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const text = yield* fs.readFileString(pidFile(home))
    const lines = text.split("\n")
    const pid = Number.parseInt(lines[0] ?? "", 10)
    const port = Number.parseInt(lines[3] ?? "", 10)
    return pid > 0 && port > 0 ? Option.some<PidFile>({ pid, port, text }) : Option.none()
  }).pipe(
    Effect.catchTag("SystemError", (error) =>
      error.reason === "NotFound" ? Effect.succeedNone : Effect.fail(error)
    ),
    Effect.catchTags({ SystemError: folderError, BadArgument: folderError })
  )

/**
 * Whether the process is a live server on this cluster. A server's working directory is its cluster; that of a process
 * which has ended and was not reaped can't be read.
 */
export const isServerOf = (
  pid: number,
  cluster: string
): Effect.Effect<boolean, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    if (yield* Effect.orElseSucceed(fs.exists("/proc/self/cwd"), () => false)) {
      // Unreadable is also another user's, who is not the one that owns the cluster.
      return yield* Effect.orElseSucceed(
        Effect.map(fs.readLink(`/proc/${pid}/cwd`), (directory) => directory === cluster),
        () => false
      )
    }
    const command = yield* Effect.option(
      Process.run("ps", ["-o", "comm=", "-p", String(pid)], { account: Option.none(), cwd: cluster })
    )
    return Option.exists(command, ({ output }) => output.includes("postgres"))
  })

/**
 * The file is a leftover whose process id belongs to some other process by now, as after a reboot, and Postgres would
 * refuse to start. It does not mind its own parent's id there, which is ours; removing the file instead would also
 * remove the mark by which it finds a predecessor's processes still at work.
 */
const disown = (home: Home, noted: PidFile) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const place = pidFile(home)
    if ((yield* fs.readFileString(place)) !== noted.text) return
    // Over the old text, and only if the file is still there: a server that is just ending removes its own.
    const changed = noted.text.replace(/^\d+/, (pid) => String(process.pid).padStart(pid.length, " "))
    yield* fs.writeFileString(place, changed, { flag: "r+" })
  }).pipe(
    Effect.catchTag("SystemError", (error) =>
      error.reason === "NotFound" ? Effect.void : Effect.fail(error)
    ),
    Effect.catchTags({ SystemError: folderError, BadArgument: folderError })
  )
