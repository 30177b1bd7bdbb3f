/** Where a run takes place: a folder with a PostgreSQL of its own, and somebody who clears up if the run is killed. */
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { Effect, type Redacted, Schedule, type Scope } from "effect"
import { DatabaseUrl } from "../../src/database/DatabaseUrl.ts"
import * as EmbeddedPostgres from "../../src/database/EmbeddedPostgres.ts"
import * as Migrations from "../../src/database/Migrations.ts"
import * as Session from "../../src/database/Session.ts"
import * as Watcher from "../support/Watcher.ts"

export interface Place {
  readonly folder: string
  readonly url: Redacted.Redacted
  /** Stops the server as hard as can be without losing its disk, and waits until it is back, on the same port. */
  readonly restart: Effect.Effect<void>
  /** Has the folder left where it is, database and all. */
  readonly keep: Effect.Effect<void>
  /** Notes the process, so that it is killed when this one is. */
  readonly note: (pid: number) => Effect.Effect<void>
  readonly forget: (pid: number) => Effect.Effect<void>
  /** Writes down what a process has said. */
  readonly write: (name: string, text: string) => Effect.Effect<void>
}

const postmaster = (cluster: string) =>
  Number.parseInt(fs.readFileSync(path.join(cluster, "postmaster.pid"), "utf8"), 10)

const restart = ({ location, url }: EmbeddedPostgres.EmbeddedPostgres) =>
  Effect.gen(function* () {
    const before = yield* Effect.try(() => postmaster(location))
    process.kill(before, "SIGQUIT")
    // The embedded server's holder, which is this process, starts it again.
    yield* Effect.try(() => postmaster(location)).pipe(
      Effect.filterOrFail((pid) => pid > 0 && pid !== before),
      Effect.zipRight(Effect.scoped(Session.open({ url, applicationName: "is it back?" }))),
      Effect.retry(Schedule.spaced("50 millis").pipe(Schedule.upTo("1 minute")))
    )
  }).pipe(Effect.orDie)

/** @param programs the folder of built programs, if it is this run's own */
export const make = (
  programs?: string
): Effect.Effect<Place, EmbeddedPostgres.EmbeddedPostgresError, Scope.Scope> =>
  Effect.gen(function* () {
    let kept = false
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "holdfast-chaos-"))
        // As root, the server runs as another user, who has to pass through here.
        fs.chmodSync(folder, 0o711)
        for (const inner of ["processes", "said"]) fs.mkdirSync(path.join(folder, inner))
        return folder
      }),
      (folder) =>
        Effect.sync(() => {
          if (!kept) fs.rmSync(folder, { recursive: true, force: true })
        })
    )
    const server = yield* EmbeddedPostgres.make({
      dataDir: path.join(folder, "data"),
      settings: { max_connections: "200" }
    })
    yield* Watcher.watch({
      folder,
      cluster: server.location,
      others: programs === undefined ? [] : [programs]
    })
    yield* Effect.orDie(Effect.provide(Migrations.run, DatabaseUrl.layer(server.url)))
    return {
      folder,
      url: server.url,
      restart: restart(server),
      keep: Effect.sync(() => {
        kept = true
      }),
      note: (pid) => Effect.sync(() => fs.writeFileSync(path.join(folder, "processes", String(pid)), "")),
      forget: (pid) =>
        Effect.sync(() => fs.rmSync(path.join(folder, "processes", String(pid)), { force: true })),
      write: (name, text) => Effect.sync(() => fs.writeFileSync(path.join(folder, "said", name), text))
    }
  })
