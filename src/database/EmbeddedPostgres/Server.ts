/** Starting, finding and stopping the server process. */
import * as net from "node:net"
import * as FileSystem from "@effect/platform/FileSystem"
import { Clock, Data, Duration, Effect, Option, Schedule } from "effect"
import * as Binaries from "./Binaries.ts"
import * as Cluster from "./Cluster.ts"
import { EmbeddedPostgresError, folderError, orUseYourOwn } from "./EmbeddedPostgresError.ts"
import type { Home } from "./Home.ts"
import * as Postmaster from "./Postmaster.ts"
import * as Process from "./Process.ts"

export interface StartOptions {
  /** Keep to this port, because others know it. Otherwise a free one is taken. */
  readonly port?: number | undefined
  /** Further server settings, such as `{ fsync: "off" }`; they count only if this call starts the server. */
  readonly settings?: Readonly<Record<string, string>> | undefined
}

/** Recovery after a crash can take its time. */
const readyWithin = Duration.minutes(2)

/** Crash recovery and shutdown checkpoint are waited for at this pace. */
const lookAgain = Duration.millis(50)

/** A start that did not come about for a reason that passes: somebody else's server, or somebody else's port. */
class NotNow extends Data.TaggedError("NotNow")<{ readonly message: string }> {}

/** The server on this home's cluster: the one that runs, or else one that is started. */
export const ensure = (
  home: Home,
  options: StartOptions
): Effect.Effect<Postmaster.Running, EmbeddedPostgresError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const running = yield* Postmaster.find(home)
    if (Option.isSome(running)) return running.value
    const binaries = yield* Binaries.install(home)
    yield* Cluster.initialise(home, binaries, { durable: options.settings?.["fsync"] !== "off" })
    return yield* start(home, binaries, options)
  }).pipe(
    Effect.retry({
      while: (error) => error._tag === "Busy" || error._tag === "NotNow",
      schedule: Schedule.spaced(lookAgain).pipe(Schedule.upTo(readyWithin))
    }),
    Effect.catchTags({
      Busy: ({ message }) => neverReady(home, message),
      NotNow: ({ message }) => neverReady(home, message)
    })
  )

const start = (home: Home, binaries: Binaries.Binaries, options: StartOptions) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const port = options.port ?? (yield* freePort)
    yield* rotateLog(home)
    const log = yield* fs.open(home.log, { flag: "a", mode: 0o600 })
    yield* Cluster.giveTo(home, home.log)
    const from = Number((yield* fs.stat(home.log)).size)
    const child = yield* Process.spawnDetached(binaries.postgres, serverArguments(home, port, options), {
      account: home.account,
      cwd: home.folder,
      log: log.fd
    }).pipe(Effect.mapError(({ message }) => startFailed(home, message)))
    yield* untilReady(home, child, port, from).pipe(
      Effect.onError(() => Effect.unlessEffect(Process.signal(child.pid, "SIGQUIT"), child.exited))
    )
    return { pid: child.pid, port }
  }).pipe(Effect.scoped, Effect.catchTags({ SystemError: folderError, BadArgument: folderError }))

/** Keeps the log of this start and those before it, up to a size, and one log before that. */
const rotateLog = (home: Home) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { size } = yield* fs.stat(home.log)
    if (size > FileSystem.MiB(10)) yield* fs.rename(home.log, `${home.log}.1`)
  }).pipe(Effect.ignore)

const serverArguments = (home: Home, port: number, options: StartOptions): ReadonlyArray<string> => {
  const settings = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    // A socket's path has a length limit, which a deep data folder would break.
    unix_socket_directories: "",
    log_checkpoints: "off",
    ...options.settings
  }
  return [
    "-D",
    home.cluster,
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])
  ]
}

const untilReady = (home: Home, child: Process.Detached, port: number, from: number) =>
  Effect.gen(function* () {
    const deadline = (yield* Clock.currentTimeMillis) + Duration.toMillis(readyWithin)
    while ((yield* Clock.currentTimeMillis) < deadline) {
      if (yield* child.exited) return yield* whyItEnded(home, yield* logSince(home, from))
      const ready = yield* Effect.either(Postmaster.verify(home, port))
      if (ready._tag === "Right") return
      // Refused by our own server, or by somebody else's that was faster to take the port and that ours now gives way to.
      const isOurs = /ready to accept connections/.test(yield* logSince(home, from))
      if (ready.left._tag === "PasswordRefused" && isOurs) return yield* Postmaster.wrongPassword(home)
      yield* Effect.sleep(lookAgain)
    }
    return yield* startFailed(home, yield* logSince(home, from))
  })

const whyItEnded = (home: Home, output: string): NotNow | EmbeddedPostgresError => {
  // Another process's server was faster, or the last one's processes are still ending.
  if (/lock file "postmaster\.pid" already exists|pre-existing shared memory block/.test(output))
    return new NotNow({ message: output })
  // It was up before we had looked: somebody who joined it meanwhile has left it as the last one, and stopped it.
  if (/received (smart|fast|immediate) shutdown request/.test(output)) return new NotNow({ message: output })
  // Between our asking for a free port and the server's taking it, somebody else took it.
  if (/could not bind IPv4 address/.test(output)) return new NotNow({ message: output })
  return startFailed(home, output)
}

const startFailed = (home: Home, output: string) =>
  new EmbeddedPostgresError({
    reason: "StartFailed",
    message: `The embedded PostgreSQL did not start. Its last words, from ${home.log}:\n${Cluster.lastLines(output)}\n${orUseYourOwn}`
  })

const neverReady = (home: Home, message: string) =>
  new EmbeddedPostgresError({
    reason: "StartFailed",
    message: `The PostgreSQL on ${home.cluster} did not become ready within ${Duration.format(readyWithin)}: ${message}. See ${home.log}. ${orUseYourOwn}`
  })

const logSince = (home: Home, from: number) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const content = yield* Effect.orElseSucceed(fs.readFile(home.log), () => new Uint8Array())
    return new TextDecoder().decode(content.subarray(from))
  })

/** The system names a free port; it may be taken again before the server has it, which is then noticed and retried. */
const freePort: Effect.Effect<number, NotNow> = Effect.async((resume) => {
  const server = net.createServer()
  server.once("error", (error) => resume(new NotNow({ message: error.message })))
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() =>
      resume(
        address === null || typeof address === "string"
          ? new NotNow({ message: "no port was given" })
          : Effect.succeed(address.port)
      )
    )
  })
})

/**
 * Stops the server: fast shutdown, which ends its sessions and writes everything out, and if that takes too long
 * immediate shutdown, after which the next start recovers. Returns when the process is gone.
 */
export const stop = (home: Home, pid: number): Effect.Effect<void, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    yield* tell(home, pid, "SIGINT")
    if (yield* isGone(home, pid, Duration.seconds(20))) return
    yield* Effect.logWarning(`PostgreSQL (pid ${pid}) takes too long to stop; stopping it at once`)
    yield* tell(home, pid, "SIGQUIT")
    if (yield* isGone(home, pid, Duration.seconds(10))) return
    yield* Effect.logError(`PostgreSQL (pid ${pid}) did not stop. Its log is ${home.log}`)
  })

/** Process ids are used again: never signal one that is not the server's. */
const tell = (home: Home, pid: number, name: NodeJS.Signals) =>
  Effect.whenEffect(Process.signal(pid, name), Postmaster.isServerOf(pid, home.cluster))

/** Asking for a server on the cluster, not for a process: an orphan that has ended may never be reaped. */
const isGone = (home: Home, pid: number, within: Duration.Duration) =>
  Effect.gen(function* () {
    const deadline = (yield* Clock.currentTimeMillis) + Duration.toMillis(within)
    while ((yield* Clock.currentTimeMillis) < deadline) {
      const alive = (yield* Process.signal(pid, 0)) && (yield* Postmaster.isServerOf(pid, home.cluster))
      if (!alive) return true
      yield* Effect.sleep(lookAgain)
    }
    return false
  })
