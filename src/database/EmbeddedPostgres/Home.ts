/**
 * Where an embedded server's files are.
 *
 * The data folder is the operator's: it holds the password and the note that says where the rest is. The home holds
 * the rest, which the server's user must be able to reach: binaries, cluster and log. It is the data folder itself,
 * unless the program runs as root in a place that no other user can reach, such as below /root.
 */
import * as crypto from "node:crypto"
import * as path from "node:path"
import * as FileSystem from "@effect/platform/FileSystem"
import { Effect, Option, Redacted, Schema } from "effect"
import { EmbeddedPostgresError, folderError, orUseYourOwn } from "./EmbeddedPostgresError.ts"
import * as Once from "./Once.ts"
import * as Process from "./Process.ts"
import * as ServerAccount from "./ServerAccount.ts"

export interface Home {
  /** The operator's data folder, absolute. */
  readonly dataDir: string
  /** Absolute and free of symbolic links, so that it can be compared with what the server says of itself. */
  readonly folder: string
  /** Where PostgreSQL's programs are copied to: one copy serves all of root's homes in the shared place. */
  readonly programs: string
  /** The server's own files (PGDATA). */
  readonly cluster: string
  /** What the server prints. */
  readonly log: string
  /** Who runs the server; none: whoever runs this process. */
  readonly account: Option.Option<Process.Account>
  /** Of the database user `holdfast`. */
  readonly password: Redacted.Redacted
}

/** Used by root for data folders that the server's user can't reach. */
const sharedHomes = "/var/lib/holdfast"

const Note = Schema.parseJson(Schema.Struct({ home: Schema.String }))

/** Finds the home of this data folder, or decides on one and makes it. */
export const locate = (dataDir: string): Effect.Effect<Home, EmbeddedPostgresError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const root = yield* ServerAccount.isRoot
    const absolute = path.resolve(dataDir)
    if (/["$`\n]/.test(absolute)) return yield* unspeakable(absolute)
    if (!(yield* fs.exists(absolute))) {
      // As root, others may pass through it to the cluster; its files stay closed to them.
      yield* fs.makeDirectory(absolute, { recursive: true })
      yield* fs.chmod(absolute, root ? 0o711 : 0o700)
    }
    const real = yield* fs.realPath(absolute)
    const home = yield* homeOf(real, root)
    const folder = yield* fs.realPath(home)
    const cluster = path.join(folder, "cluster")
    const account = yield* ServerAccount.choose(cluster)
    if (!(yield* reaches(account, folder))) return yield* unreachable(folder)
    return {
      account,
      cluster,
      dataDir: real,
      folder,
      log: path.join(folder, "postgres.log"),
      programs: path.dirname(folder) === sharedHomes ? sharedHomes : folder,
      password: yield* passwordOf(real, cluster)
    }
  }).pipe(Effect.catchTags({ SystemError: folderError, BadArgument: folderError }))

/** Whether a cluster was ever made for this data folder; makes nothing. What can't be told counts as made. */
export const exists = (dataDir: string): Effect.Effect<boolean, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const note = path.join(path.resolve(dataDir), "postgres.json")
    if (!(yield* fs.exists(note))) return false
    const { home } = yield* Schema.decode(Note)(yield* fs.readFileString(note))
    return yield* fs.exists(path.join(path.resolve(dataDir, home), "cluster"))
  }).pipe(Effect.orElseSucceed(() => true))

/** What the data folder's note says, after writing it if there is none. */
const homeOf = (dataDir: string, root: boolean) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const place = path.join(dataDir, "postgres.json")
    if (!(yield* fs.exists(place))) {
      const home = root ? yield* decideAsRoot(dataDir) : "."
      const mine = `${yield* Effect.orDie(Schema.encode(Note)({ home }))}\n`
      const noted = yield* Once.file(place, mine)
      // Another process has decided at the same moment, and its decision counts.
      if (noted !== mine && path.isAbsolute(home)) yield* Effect.ignore(fs.remove(home, { recursive: true }))
    }
    const note = yield* Schema.decode(Note)(yield* fs.readFileString(place)).pipe(
      Effect.mapError(
        () =>
          new EmbeddedPostgresError({
            reason: "Folder",
            message: `${place} is damaged: it should say where the database's files are, as in {"home":"."}. Restore it, or remove ${dataDir} to begin with an empty database.`
          })
      )
    )
    const home = path.resolve(dataDir, note.home)
    if (yield* fs.exists(home)) return home
    return yield* new EmbeddedPostgresError({
      reason: "Folder",
      message: `The database's files should be in ${home}, as ${place} says, but they are gone. Restore them, or remove ${dataDir} to begin with an empty database.`
    })
  })

const decideAsRoot = (dataDir: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const account = yield* ServerAccount.choose(path.join(dataDir, "cluster"))
    if (yield* reaches(account, dataDir)) return "."
    const home = path.join(sharedHomes, crypto.randomBytes(8).toString("hex"))
    yield* fs.makeDirectory(home, { recursive: true, mode: 0o711 })
    // The process's umask may have taken away what others need to pass through.
    yield* fs.chmod(sharedHomes, 0o755)
    yield* fs.chmod(home, 0o711)
    return home
  })

/** Tried, not computed: mounts, access lists and security modules have their say, too. */
const reaches = (account: Option.Option<Process.Account>, folder: string): Effect.Effect<boolean> =>
  Option.isNone(account)
    ? Effect.succeed(true)
    : Process.run("/bin/sh", ["-c", 'cd "$1"', "sh", folder], { account, cwd: "/" }).pipe(
        Effect.map(({ exitCode }) => exitCode === 0),
        Effect.orElseSucceed(() => false)
      )

const unreachable = (folder: string) =>
  new EmbeddedPostgresError({
    reason: "Folder",
    message: `The user that runs PostgreSQL can't reach ${folder}. Let others pass through it and the folders above it (chmod o+x), or choose another folder with HOLDFAST_DATA_DIR. ${orUseYourOwn}`
  })

/** initdb runs postgres through a shell, with no more care than double quotes (PostgreSQL 18, find_other_exec). */
const unspeakable = (folder: string) =>
  new EmbeddedPostgresError({
    reason: "Folder",
    message: `PostgreSQL can't work in ${folder}, because of the quotation mark, dollar sign, backtick or line break in its path. Choose another folder with HOLDFAST_DATA_DIR. ${orUseYourOwn}`
  })

/** The password comes before the cluster, so that of two processes that begin at once both use the same one. */
const passwordOf = (dataDir: string, cluster: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const place = path.join(dataDir, "postgres.password")
    if ((yield* fs.exists(cluster)) && !(yield* fs.exists(place))) {
      return yield* new EmbeddedPostgresError({
        reason: "Folder",
        message: `The database's password is gone: ${place} is missing. Restore it, or remove ${dataDir} and ${cluster} to begin with an empty database.`
      })
    }
    const content = yield* Once.file(place, `${crypto.randomBytes(24).toString("base64url")}\n`)
    return Redacted.make(content.trim())
  })
