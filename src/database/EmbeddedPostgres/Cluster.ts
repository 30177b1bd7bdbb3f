/** The server's own files: made once by initdb, owned by the server's user. */
import * as crypto from "node:crypto"
import * as path from "node:path"
import * as FileSystem from "@effect/platform/FileSystem"
import { Effect, Option, Redacted } from "effect"
import type { Binaries } from "./Binaries.ts"
import { EmbeddedPostgresError, folderError, orUseYourOwn } from "./EmbeddedPostgresError.ts"
import type { Home } from "./Home.ts"
import * as Once from "./Once.ts"
import * as Process from "./Process.ts"

/** The database's only user, and the name of its database. */
export const user = "holdfast"

/** Makes the cluster when there is none, and checks that these binaries fit the one there is. */
export const initialise = (
  home: Home,
  binaries: Binaries,
  options: { readonly durable: boolean }
): Effect.Effect<void, EmbeddedPostgresError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    yield* Once.folder(home.cluster, (partial) =>
      Effect.gen(function* () {
        yield* fs.chmod(partial, 0o700)
        yield* giveTo(home, partial)
        yield* withPasswordFile(home, (file) =>
          initdb(home, binaries, [
            `--pgdata=${partial}`,
            `--pwfile=${file}`,
            ...(options.durable ? [] : ["--no-sync"])
          ])
        )
      })
    )
    const major = (yield* fs.readFileString(path.join(home.cluster, "PG_VERSION"))).trim()
    if (major !== binaries.major) {
      return yield* new EmbeddedPostgresError({
        reason: "InitFailed",
        message: `The database in ${home.cluster} was made by PostgreSQL ${major}, and this Holdfast brings ${binaries.major}. Dump it with the older Holdfast and load it into a new folder (HOLDFAST_DATA_DIR), or go back to that Holdfast. ${orUseYourOwn}`
      })
    }
  }).pipe(Effect.catchTags({ SystemError: folderError, BadArgument: folderError }))

const initdb = (home: Home, binaries: Binaries, args: ReadonlyArray<string>) =>
  Process.run(
    binaries.initdb,
    [
      ...args,
      `--username=${user}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      "--no-instructions"
    ],
    { account: home.account, cwd: home.folder }
  ).pipe(
    Effect.mapError((error) => initFailed(error.message)),
    Effect.flatMap(({ exitCode, output }) =>
      exitCode === 0 ? Effect.void : Effect.fail(initFailed(lastLines(output)))
    )
  )

const initFailed = (output: string) =>
  new EmbeddedPostgresError({
    reason: "InitFailed",
    message: /could not look up effective user/.test(output)
      ? `PostgreSQL's initdb needs a user with a name, and this process's user has no entry in /etc/passwd. Run as a user that has one. ${orUseYourOwn}`
      : `PostgreSQL's initdb failed. It said:\n${output}\n${orUseYourOwn}`
  })

/** The lines that matter when something failed. */
export const lastLines = (text: string): string => text.trimEnd().split("\n").slice(-10).join("\n")

/** initdb reads the password as the server's user, who can't read the data folder's own file. */
const withPasswordFile = <A, E, R>(home: Home, use: (file: string) => Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const file = path.join(home.folder, `.password-${crypto.randomBytes(8).toString("hex")}`)
      yield* fs.writeFileString(file, Redacted.value(home.password), { mode: 0o600, flag: "wx" })
      yield* giveTo(home, file)
      return file
    }),
    use,
    (file) => Effect.flatMap(FileSystem.FileSystem, (fs) => Effect.ignore(fs.remove(file, { force: true })))
  )

/** Makes the server's user the owner. */
export const giveTo = (home: Home, place: string) =>
  Option.match(home.account, {
    onNone: () => Effect.void,
    onSome: ({ gid, uid }) => Effect.flatMap(FileSystem.FileSystem, (fs) => fs.chown(place, uid, gid))
  })
