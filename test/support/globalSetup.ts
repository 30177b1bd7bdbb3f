/**
 * Once for a whole run of the tests: a server, in it a template database with all migrations applied, and the program
 * as it is built.
 *
 * The server is that of TEST_DATABASE_URL, whose user must be allowed to create databases, or else an embedded one in
 * a temporary folder. At the end nothing is left of either, also when making them ready failed.
 */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Effect, Exit, Layer, Logger, LogLevel, Redacted, Scope } from "effect"
import type { TestProject } from "vitest/node"
import * as Database from "../../src/database/Database.ts"
import * as EmbeddedPostgres from "../../src/database/EmbeddedPostgres.ts"
import * as Migrations from "../../src/database/Migrations.ts"
import * as Session from "../../src/database/Session.ts"
import { urlOf } from "./Server.ts"

/** Losing the data in a power cut is no loss here, and the tests run several times as fast. */
const carefree = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "200" }

const embedded = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "holdfast-test-" })
  // As root, the server runs as another user, who has to pass through here.
  yield* fs.chmod(folder, 0o711)
  const { location, url } = yield* EmbeddedPostgres.make({ dataDir: `${folder}/data`, settings: carefree })
  yield* clearUpAfterUs(folder, location)
  return Redacted.value(url)
}).pipe(Effect.provide(NodeFileSystem.layer))

/** Vitest runs no teardown when it is interrupted or killed; so somebody has to wait for its end. */
const clearUpAfterUs = (folder: string, location: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const watcher = spawn(
        "/bin/sh",
        [
          "-c",
          'while kill -0 "$1" 2>&-; do sleep 1; done; kill -QUIT "$(head -n 1 "$3/postmaster.pid")"; sleep 1; rm -rf "$2"',
          "holdfast-test-watcher",
          String(process.pid),
          folder,
          location
        ],
        { detached: true, stdio: "ignore" }
      )
      watcher.unref()
      return watcher
    }),
    (watcher) => Effect.sync(() => watcher.kill())
  )

const template = (serverUrl: string) =>
  Effect.gen(function* () {
    const name = `holdfast_template_${crypto.randomUUID().replaceAll("-", "")}`
    const admin = (statement: string) =>
      Effect.scoped(
        Effect.flatMap(
          Session.open({ url: Redacted.make(serverUrl), applicationName: "holdfast test" }),
          (session) => session.query(statement)
        )
      )
    yield* Effect.acquireRelease(admin(`create database ${name}`), () =>
      Effect.orDie(admin(`drop database if exists ${name} with (force)`))
    )
    yield* Migrations.migrate.pipe(
      Effect.provide(Layer.scopedContext(Database.make({ url: urlOf(serverUrl, name) })))
    )
    // Nobody connects to it any more, so that it can be copied at any moment.
    yield* admin(`alter database ${name} allow_connections false`)
    return name
  })

const root = fileURLToPath(new URL("../..", import.meta.url))

const tsc = (project: string, folder: string) =>
  Command.make(
    process.execPath,
    ...[`${root}node_modules/typescript/bin/tsc`, "--project", `${root}${project}`],
    ...["--noCheck", "--declaration", "false", "--sourceMap", "false", "--outDir", folder]
  ).pipe(
    Command.exitCode,
    Effect.filterOrDieMessage((code) => code === 0, `${project} could not be built`)
  )

/**
 * The program as users run it, for tests of whole processes: they start in a third of the time that they take from
 * source. A folder of its own for each run of the tests, as deep as `dist`, from where the program finds its other files.
 *
 * The tests' own programs are built into it by themselves, which takes half a second: what they import as `src` is the
 * folder's content.
 */
const build = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* Effect.acquireRelease(Effect.succeed(`${root}.test-${process.pid}`), (folder) =>
    Effect.ignore(fs.remove(folder, { recursive: true }))
  )
  yield* tsc("src/tsconfig.json", folder)
  yield* tsc("test/support/programs.tsconfig.json", folder)
  yield* fs.symlink(".", `${folder}/src`)
  return { builtMain: `${folder}/main.js`, builtPrograms: `${folder}/test/queue/programs` }
}).pipe(Effect.provide(NodeContext.layer))

const setup = async (project: TestProject) => {
  const scope = Effect.runSync(Scope.make())
  const close = () => Effect.runPromise(Scope.close(scope, Exit.void))
  const start = Effect.gen(function* () {
    const given = process.env["TEST_DATABASE_URL"]
    const serverUrl = given === undefined || given === "" ? yield* embedded : given
    return { serverUrl, templateDatabase: yield* template(serverUrl), ...(yield* build) }
  })
  try {
    const ready = await Effect.runPromise(
      start.pipe(Scope.extend(scope), Logger.withMinimumLogLevel(LogLevel.Warning))
    )
    project.provide("serverUrl", ready.serverUrl)
    project.provide("templateDatabase", ready.templateDatabase)
    project.provide("builtMain", ready.builtMain)
    project.provide("builtPrograms", ready.builtPrograms)
  } catch (error) {
    await close()
    throw error
  }
  return close
}

export default setup
