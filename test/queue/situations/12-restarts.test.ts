import * as fs from "node:fs"
import * as path from "node:path"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Logger, LogLevel, Schedule } from "effect"
import { DatabaseUrl } from "../../../src/database/DatabaseUrl.ts"
import * as EmbeddedPostgres from "../../../src/database/EmbeddedPostgres.ts"
import * as Migrations from "../../../src/database/Migrations.ts"
import * as Session from "../../../src/database/Session.ts"
import * as TestDatabase from "../../support/TestDatabase.ts"
import * as WorkerProcess from "../WorkerProcess.ts"
import * as Bystander from "./Bystander.ts"

const settings = { pollEvery: Duration.millis(200), beatEvery: Duration.millis(200) }

/** A server of the test's own. */
const ownServer = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const folder = yield* files.makeTempDirectoryScoped({ prefix: "holdfast-restart-" })
  yield* files.chmod(folder, 0o711)
  return yield* EmbeddedPostgres.make({ dataDir: path.join(folder, "data"), settings: { fsync: "off" } })
}).pipe(Effect.provide(NodeFileSystem.layer))

const postmaster = (location: string) =>
  Number.parseInt(fs.readFileSync(path.join(location, "postmaster.pid"), "utf8"), 10)

/** As `pg_ctl restart -m immediate`: the server drops everything, and recovers when it starts again. */
const restart = ({ location, url }: EmbeddedPostgres.EmbeddedPostgres) =>
  Effect.gen(function* () {
    const before = postmaster(location)
    process.kill(before, "SIGQUIT")
    yield* Effect.try(() => postmaster(location)).pipe(
      Effect.filterOrFail((pid) => pid > 0 && pid !== before),
      Effect.zipRight(Effect.scoped(Session.open({ url, applicationName: "is it back?" }))),
      Effect.retry(Schedule.spaced("20 millis"))
    )
  })

/** The worker drains the queue, stays up, and ends in order when it is asked to. */
const drains = (
  bystander: Effect.Effect.Success<ReturnType<typeof Bystander.make>>,
  worker: WorkerProcess.WorkerProcess,
  ids: ReadonlyArray<Parameters<typeof bystander.until>[0]>
) =>
  Effect.gen(function* () {
    yield* Effect.forEach(ids, (id) => bystander.until(id, "completed"))
    yield* bystander.endedOnce(ids, "completed")
    yield* worker.signal("SIGTERM")
    assert.deepStrictEqual(yield* worker.ended, { code: 0, signal: null })
  })

describe("12. Postgres restarts; `pg_terminate_backend` in a loop → reconnect, drain the queue, the process stays up", () => {
  it.scopedLive(
    "pg_terminate_backend in a loop",
    () =>
      Effect.gen(function* () {
        const url = yield* TestDatabase.url
        const bystander = yield* Bystander.make(url)
        const worker = yield* WorkerProcess.start(url, settings)
        const ids = yield* bystander.enqueueMany(40, { do: "sleep", millis: 100 })
        const terminated = yield* bystander.terminateOthers.pipe(
          Effect.map((rows) => rows.length),
          Effect.repeat(
            Schedule.spaced("100 millis").pipe(
              Schedule.compose(Schedule.recurs(30)),
              Schedule.zipRight(Schedule.identity<number>()),
              Schedule.reduce(0, (sum, count) => sum + count)
            )
          )
        )
        assert.isAbove(terminated, 10)
        yield* drains(bystander, worker, ids)
      }),
    90_000
  )

  it.scopedLive(
    "Postgres restarts",
    () =>
      Effect.gen(function* () {
        const server = yield* ownServer
        const { url } = server
        yield* Effect.provide(Migrations.run, DatabaseUrl.layer(url))
        const bystander = yield* Bystander.make(url)
        const worker = yield* WorkerProcess.start(url, settings)
        const ids = yield* bystander.enqueueMany(20, { do: "sleep", millis: 300 })
        for (const id of [ids[2], ids[10]]) {
          yield* worker.saw("started", id)
          yield* restart(server)
        }
        yield* drains(bystander, worker, ids)
      }).pipe(Logger.withMinimumLogLevel(LogLevel.Error)),
    90_000
  )
})
