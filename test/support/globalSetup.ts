/**
 * Once for a whole run of the tests: a server, in it a template database with all migrations applied, and the program
 * as it is built.
 *
 * The server is that of TEST_DATABASE_URL, whose user must be allowed to create databases, or else an embedded one in
 * a temporary folder. At the end nothing is left of either, also when making them ready failed.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Effect, Exit, Layer, Logger, LogLevel, Redacted, Scope } from "effect"
import type { TestProject } from "vitest/node"
import * as Database from "../../src/database/Database.ts"
import * as EmbeddedPostgres from "../../src/database/EmbeddedPostgres.ts"
import * as Migrations from "../../src/database/Migrations.ts"
import * as Session from "../../src/database/Session.ts"
import { build } from "./Build.ts"
import { urlOf } from "./Server.ts"
import * as Watcher from "./Watcher.ts"

/** Losing the data in a power cut is no loss here, and the tests run several times as fast. */
const carefree = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "200" }

const embedded = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "holdfast-test-" })
  // As root, the server runs as another user, who has to pass through here.
  yield* fs.chmod(folder, 0o711)
  const { location, url } = yield* EmbeddedPostgres.make({ dataDir: `${folder}/data`, settings: carefree })
  // Vitest runs no teardown when it is interrupted or killed; so somebody has to wait for its end.
  yield* Watcher.watch({ folder, cluster: location })
  return Redacted.value(url)
}).pipe(Effect.provide(NodeFileSystem.layer))

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
