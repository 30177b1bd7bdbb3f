/** The real PgBouncer, where it is on the PATH, set up as our own `TransactionPooler` is. */
import { type ChildProcess, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as net from "node:net"
import * as path from "node:path"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Deferred, Effect, Redacted, type Scope } from "effect"
import * as Wire from "./PostgresWire.ts"
import type { Options } from "./TransactionPooler.ts"

/** Debian keeps it where only an administrator's PATH leads. */
const folders = [...(process.env["PATH"] ?? "").split(path.delimiter), "/usr/sbin"]

const binary = folders.map((folder) => path.join(folder, "pgbouncer")).find((file) => fs.existsSync(file))

/** Whether there is one to start. */
export const isInstalled = binary !== undefined

/** It refuses to run as root; this is the number of `nobody` nearly everywhere. */
const account = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

const configuration = (options: Options, port: number) => {
  const server = new URL(Redacted.value(options.url))
  const target = {
    host: server.hostname,
    port: server.port,
    dbname: server.pathname.slice(1),
    user: decodeURIComponent(server.username),
    password: decodeURIComponent(server.password)
  }
  const settings = {
    listen_addr: "127.0.0.1",
    listen_port: port,
    unix_socket_dir: "",
    auth_type: "any",
    pool_mode: "transaction",
    default_pool_size: options.poolSize ?? 3,
    server_round_robin: options.roundRobin === true ? 1 : 0,
    ignore_startup_parameters:
      options.ignoreTimeouts === true ? "statement_timeout, idle_in_transaction_session_timeout" : ""
  }
  return [
    "[databases]",
    `* = ${Object.entries(target)
      .map(([name, value]) => `${name}=${quoted(value)}`)
      .join(" ")}`,
    "[pgbouncer]",
    ...Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  ].join("\n")
}

/** A port that was free a moment ago. */
const freePort = Effect.scoped(Wire.listen(net.createServer(), new Set()))

const started = (child: ChildProcess) =>
  Effect.async<void>((resume) => {
    let output = ""
    child.stderr?.on("data", (text) => {
      output += String(text)
      if (output.includes("process up")) resume(Effect.void)
    })
    child.once("close", () => resume(Effect.dieMessage(`PgBouncer did not start:\n${output}`)))
  })

/** Starts it on a port of its own and stops it with the scope; the result is the URL through it. */
export const make = (options: Options): Effect.Effect<Redacted.Redacted, never, Scope.Scope> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const folder = yield* files.makeTempDirectoryScoped({ prefix: "holdfast-pgbouncer-" })
    const port = yield* freePort
    const file = path.join(folder, "pgbouncer.ini")
    yield* files.writeFileString(file, configuration(options, port), { mode: 0o600 })
    if (account.uid !== undefined) {
      yield* files.chown(file, account.uid, account.gid)
      yield* files.chmod(folder, 0o711)
    }
    const ended = yield* Deferred.make<void>()
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const child = spawn(binary ?? "pgbouncer", [file], {
          ...account,
          cwd: folder,
          stdio: ["ignore", "ignore", "pipe"]
        })
        child.once("close", () => Deferred.unsafeDone(ended, Effect.void))
        return child
      }),
      (child) =>
        Effect.zipRight(
          Effect.sync(() => child.kill("SIGKILL")),
          Deferred.await(ended)
        )
    )
    yield* started(child)
    const through = new URL(Redacted.value(options.url))
    through.host = `127.0.0.1:${port}`
    return Redacted.make(through.href)
  }).pipe(Effect.orDie, Effect.provide(NodeFileSystem.layer))
