/**
 * The system user that runs the server. Postgres refuses to run as root, so that a root process needs another one:
 * `holdfast`, which is made when it is missing, or else the `postgres` of a PostgreSQL that is installed.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import { Effect, Option } from "effect"
import { EmbeddedPostgresError, orUseYourOwn } from "./EmbeddedPostgresError.ts"
import * as Process from "./Process.ts"

const name = "holdfast"

/** None for an ordinary user, who runs the server as itself; on Windows, too. */
export const isRoot: Effect.Effect<boolean> = Effect.sync(() => process.getuid?.() === 0)

/** Who is to run a server on this cluster, which may not exist yet. */
export const choose = (
  cluster: string
): Effect.Effect<Option.Option<Process.Account>, EmbeddedPostgresError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    if (!(yield* isRoot)) return Option.none()
    // Postgres insists on being the owner of its files, whoever that was when they were made.
    const owner = yield* ownerOf(cluster)
    return Option.some(Option.isSome(owner) ? owner.value : yield* find)
  })

const ownerOf = (cluster: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const stat = yield* Effect.option(fs.stat(cluster))
    return Option.flatMap(stat, ({ gid, uid }) => Option.all({ gid, uid })).pipe(
      Option.filter(({ uid }) => uid !== 0)
    )
  })

const find: Effect.Effect<Process.Account, EmbeddedPostgresError> = Effect.gen(function* () {
  const existing = yield* lookUp(name)
  if (Option.isSome(existing)) return existing.value
  for (const [program, ...args] of waysToMake) {
    const made = yield* Effect.option(runAsRoot(program, args))
    // Also when it failed: another process may have made the user at the same moment.
    const account = Option.isSome(made) ? yield* lookUp(name) : Option.none()
    if (Option.isSome(account)) {
      yield* Effect.logInfo(`Made the system user "${name}", because PostgreSQL does not run as root`)
      return account.value
    }
  }
  const postgres = yield* lookUp("postgres")
  if (Option.isSome(postgres)) return postgres.value
  return yield* new EmbeddedPostgresError({
    reason: "NoAccount",
    message: `PostgreSQL does not run as root, and the system user "${name}" could not be made. Run Holdfast as an ordinary user, or make the user with: useradd --system ${name}. ${orUseYourOwn}`
  })
})

/** The usual tool, and the one of BusyBox. */
const waysToMake = [
  [
    "useradd",
    "--system",
    "--user-group",
    "--no-create-home",
    "--home-dir",
    "/nonexistent",
    "--shell",
    "/bin/false",
    name
  ],
  ["adduser", "-S", "-D", "-H", "-h", "/nonexistent", "-s", "/bin/false", name]
] as const

const lookUp = (user: string): Effect.Effect<Option.Option<Process.Account>> =>
  Effect.all([runAsRoot("id", ["-u", user]), runAsRoot("id", ["-g", user])]).pipe(
    Effect.map(([uid, gid]) =>
      uid.exitCode === 0 && gid.exitCode === 0
        ? Option.some({ uid: Number.parseInt(uid.output, 10), gid: Number.parseInt(gid.output, 10) })
        : Option.none()
    ),
    Effect.orElseSucceed(() => Option.none())
  )

const runAsRoot = (program: string, args: ReadonlyArray<string>) =>
  Process.run(program, args, { account: Option.none(), cwd: "/" })
