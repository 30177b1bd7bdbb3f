import * as childProcess from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Exit, Logger, LogLevel, Random, Redacted, Schedule, Schema, Scope } from "effect"
import * as EmbeddedPostgres from "../../src/database/EmbeddedPostgres.ts"
import * as Session from "../../src/database/Session.ts"

/** A folder that the server's user can reach, also when the tests run as root. */
const folder = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "holdfast-embedded-" })
  yield* fs.chmod(folder, 0o711)
  return folder
}).pipe(Effect.provide(NodeFileSystem.layer))

/** Where PostgreSQL's programs are already, so that not every test has to copy them. */
let installed = ""

/** A data folder to start on. */
const place = Effect.gen(function* () {
  const dataDir = path.join(yield* folder, "data")
  fs.mkdirSync(dataDir)
  fs.chmodSync(dataDir, 0o711)
  fs.symlinkSync(installed, path.join(dataDir, path.basename(installed)))
  return dataDir
})

const start = (dataDir: string, settings?: Readonly<Record<string, string>>) =>
  EmbeddedPostgres.make({ dataDir, settings: { fsync: "off", ...settings } })

const query = (url: Redacted.Redacted, statement: string) =>
  Effect.scoped(
    Effect.flatMap(Session.open({ url, applicationName: "test" }), (session) => session.query(statement))
  )

const serverPid = (location: string): number =>
  Number.parseInt(fs.readFileSync(path.join(location, "postmaster.pid"), "utf8"), 10)

/** Whether the process still does anything; one that has ended may wait long to be reaped. */
/** Whether the process still does anything; one that has ended may wait long to be reaped. */
const isAlive = (pid: number): boolean => {
  const { stdout } = childProcess.spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" })
  return stdout.trim() !== "" && !stdout.trim().startsWith("Z")
}

/** The server's mark on its cluster; empty when it has ended in order. */
const mark = (location: string): string => {
  const file = path.join(location, "postmaster.pid")
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : ""
}

const until = (condition: () => boolean) =>
  Effect.sync(condition).pipe(Effect.repeat({ until: (met) => met, schedule: Schedule.spaced("10 millis") }))

const kill = (pid: number) =>
  Effect.zipRight(
    Effect.sync(() => process.kill(pid, "SIGKILL")),
    until(() => !isAlive(pid))
  )

const Announcement = Schema.parseJson(Schema.Struct({ url: Schema.String, location: Schema.String }))

/** Another process that holds the server. */
const holder = (dataDir: string) =>
  Effect.gen(function* () {
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        childProcess.spawn(process.execPath, ["--import", "tsx", "test/support/EmbeddedHolder.ts", dataDir], {
          // A process group of its own, as a shell gives to what it runs.
          detached: true,
          stdio: ["ignore", "pipe", "inherit"]
        })
      ),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
    let output = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text
    })
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve))
    yield* until(() => output.includes("\n") || child.exitCode !== null)
    const { location, url } = yield* Schema.decode(Announcement)(output.split("\n")[0] ?? "")
    return {
      location,
      url: Redacted.make(url),
      pid: child.pid ?? 0,
      /** What a terminal does at Ctrl-C: the whole process group gets it. */
      interrupt: Effect.promise(() => {
        process.kill(-(child.pid ?? 0), "SIGINT")
        return ended
      }),
      killed: Effect.promise(() => {
        child.kill("SIGKILL")
        return ended
      }),
      output: () => output
    }
  })

const live = <A, E>(name: string, test: Effect.Effect<A, E, Scope.Scope>) =>
  it.scopedLive(name, () => test.pipe(Logger.withMinimumLogLevel(LogLevel.Error)), 60_000)

describe("EmbeddedPostgres", () => {
  const scope = Effect.runSync(Scope.make())
  beforeAll(() =>
    Effect.gen(function* () {
      const dataDir = path.join(yield* folder, "data")
      yield* Effect.scoped(start(dataDir))
      const name = fs.readdirSync(dataDir).find((name) => name.startsWith("postgres-"))
      installed = path.join(dataDir, name ?? "")
    }).pipe(Scope.extend(scope), Logger.withMinimumLogLevel(LogLevel.Error), Effect.runPromise)
  )
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

  live(
    "gives a database that only this machine and this user can use, and leaves nothing running",
    Effect.gen(function* () {
      const dataDir = path.join(yield* folder, "a new folder")
      const pid = yield* Effect.scoped(
        Effect.gen(function* () {
          const { location, url } = yield* start(dataDir)
          const answer = yield* query(
            url,
            "select current_database() as name, current_setting('listen_addresses') as at"
          )
          assert.deepStrictEqual(answer, [{ name: "holdfast", at: "127.0.0.1" }])

          assert.strictEqual(fs.statSync(path.join(dataDir, "postgres.password")).mode & 0o777, 0o600)
          assert.strictEqual(fs.statSync(dataDir).mode & 0o066, 0)
          const withoutPassword = new URL(Redacted.value(url))
          withoutPassword.password = "wrong"
          const error = yield* Effect.flip(query(Redacted.make(withoutPassword.href), "select 1"))
          assert.include(error.message, "refused the password")
          return serverPid(location)
        })
      )
      assert.isFalse(isAlive(pid))
    })
  )

  live(
    "keeps its data from one start to the next, in a path with spaces and letters of any kind",
    Effect.gen(function* () {
      const dataDir = path.join(yield* folder, "a b", "ñandú 東京 it's (quoted) & more; \\")
      fs.mkdirSync(path.dirname(dataDir), { recursive: true })
      yield* Effect.scoped(
        Effect.flatMap(start(dataDir), ({ url }) => query(url, "create table kept (n int)"))
      )
      yield* Effect.scoped(Effect.flatMap(start(dataDir), ({ url }) => query(url, "select n from kept")))
    })
  )

  live(
    "is shared by all who start on one folder, and stops when the last one leaves, whoever that is",
    Effect.gen(function* () {
      const dataDir = yield* place
      const first = yield* Scope.make()
      const second = yield* Scope.make()
      const a = yield* Scope.extend(start(dataDir), first)
      const b = yield* Scope.extend(start(dataDir), second)
      assert.deepStrictEqual(a, b)
      const pid = serverPid(a.location)
      yield* Scope.close(first, Exit.void)
      yield* query(b.url, "select 1")
      yield* Scope.close(second, Exit.void)
      assert.isFalse(isAlive(pid))
    })
  )

  live(
    "is one server when several processes begin on an empty folder at the same time",
    Effect.gen(function* () {
      const dataDir = yield* place
      const holders = yield* Effect.all([holder(dataDir), holder(dataDir), holder(dataDir)], {
        concurrency: "unbounded"
      })
      assert.strictEqual(new Set(holders.map(({ url }) => Redacted.value(url))).size, 1)
      const pid = serverPid(holders[0].location)
      yield* Effect.all(
        holders.map(({ interrupt }) => interrupt),
        { concurrency: "unbounded" }
      )
      assert.isFalse(isAlive(pid))
      assert.deepStrictEqual(
        fs.readdirSync(dataDir).filter((name) => name.startsWith(".")),
        []
      )
    })
  )

  live(
    "still answers in the drain after a Ctrl-C, and is stopped after it",
    Effect.gen(function* () {
      const dataDir = yield* place
      const held = yield* holder(dataDir)
      const pid = serverPid(held.location)
      yield* held.interrupt
      assert.include(held.output(), '[{"answer":"drained"}]')
      assert.isFalse(isAlive(pid))
    })
  )

  live(
    "runs on when its program is killed, is taken over by the next start, and is stopped by that",
    Effect.gen(function* () {
      const dataDir = yield* place
      const held = yield* holder(dataDir)
      const pid = serverPid(held.location)
      yield* query(held.url, "create table kept (n int)")
      yield* held.killed
      assert.isTrue(isAlive(pid))
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { location, url } = yield* start(dataDir)
          assert.strictEqual(serverPid(location), pid)
          yield* query(url, "select n from kept")
        })
      )
      assert.isFalse(isAlive(pid))
    })
  )

  live(
    "recovers when server and program were both killed",
    Effect.gen(function* () {
      const dataDir = yield* place
      const held = yield* holder(dataDir)
      const pid = serverPid(held.location)
      yield* query(held.url, "create table kept as select 1 as n")
      yield* held.killed
      yield* kill(pid)
      const { url } = yield* start(dataDir)
      assert.deepStrictEqual(yield* query(url, "select n from kept"), [{ n: 1 }])
    })
  )

  live(
    "starts when the process id of its predecessor belongs to somebody else by now, as after a reboot",
    Effect.gen(function* () {
      const dataDir = yield* place
      const { location } = yield* Effect.scoped(start(dataDir))
      const owner = fs.statSync(location)
      const somebody = yield* Effect.acquireRelease(
        Effect.sync(() =>
          childProcess.spawn("sleep", ["600"], {
            stdio: "ignore",
            ...(process.getuid?.() === 0 ? { uid: owner.uid, gid: owner.gid } : {})
          })
        ),
        (child) => Effect.sync(() => child.kill("SIGKILL"))
      )
      const file = path.join(location, "postmaster.pid")
      fs.writeFileSync(
        file,
        `${somebody.pid}\n${location}\n1700000000\n5432\n\n127.0.0.1\n  1234567    123456\nready   \n`
      )
      fs.chownSync(file, owner.uid, owner.gid)
      const { url } = yield* start(dataDir)
      yield* query(url, "select 1")
    })
  )

  live(
    "comes back at the same address when the server dies under a running program",
    Effect.gen(function* () {
      const dataDir = yield* place
      const { location, url } = yield* start(dataDir)
      yield* query(url, "create table kept as select 1 as n")
      yield* kill(serverPid(location))
      const rows = yield* query(url, "select n from kept").pipe(Effect.retry(Schedule.spaced("50 millis")))
      assert.deepStrictEqual(rows, [{ n: 1 }])
    })
  )

  live(
    "survives comings and goings in any order",
    Effect.gen(function* () {
      const dataDir = yield* place
      const { location } = yield* Effect.scoped(
        Effect.tap(start(dataDir), ({ url }) => query(url, "create table visits (n int)"))
      )
      const visit = (n: number) =>
        Effect.gen(function* () {
          yield* Effect.sleep(yield* Random.nextIntBetween(0, 1500))
          const { url } = yield* start(dataDir)
          yield* query(url, `insert into visits values (${n})`)
        }).pipe(Effect.scoped)
      const visitors = Array.from({ length: 12 }, (_, n) => n)
      yield* Effect.forEach(visitors, visit, { concurrency: "unbounded" })
      assert.strictEqual(mark(location), "")
      const { url } = yield* start(dataDir)
      assert.deepStrictEqual(
        yield* query(url, "select n from visits order by n"),
        visitors.map((n) => ({ n }))
      )
    })
  )

  live(
    "leaves nothing behind when it is interrupted while it starts",
    Effect.gen(function* () {
      const dataDir = yield* place
      const { location } = yield* Effect.scoped(start(dataDir))
      for (const delay of [20, 60, 120, 200, 300]) {
        yield* Effect.scoped(start(dataDir)).pipe(Effect.timeoutOption(delay))
        assert.strictEqual(mark(location), "")
      }
    })
  )

  live(
    "removes what a start that was killed has left half made, but not what another one is making",
    Effect.gen(function* () {
      const dataDir = yield* place
      const dead = childProcess.spawnSync("true").pid
      const abandoned = path.join(dataDir, `.cluster.partial-${dead}-00000000`)
      const inTheMaking = path.join(dataDir, `.cluster.partial-${process.pid}-00000000`)
      fs.mkdirSync(path.join(abandoned, "base"), { recursive: true })
      fs.mkdirSync(inTheMaking)
      yield* Effect.scoped(start(dataDir))
      assert.isFalse(fs.existsSync(abandoned))
      assert.isTrue(fs.existsSync(inTheMaking))
    })
  )

  live(
    "says what the server said when it does not start",
    Effect.gen(function* () {
      const dataDir = yield* place
      const error = yield* Effect.flip(start(dataDir, { shared_buffers: "nonsense" }))
      assert.strictEqual(error.reason, "StartFailed")
      assert.include(error.message, "shared_buffers")
      assert.include(error.message, "DATABASE_URL")
    })
  )

  live(
    "says what to do when the password is gone or wrong",
    Effect.gen(function* () {
      const dataDir = yield* place
      yield* Effect.scoped(start(dataDir))
      const file = path.join(dataDir, "postgres.password")
      fs.writeFileSync(file, "another\n")
      assert.include((yield* Effect.flip(start(dataDir))).message, "Restore that file")
      fs.rmSync(file)
      assert.include((yield* Effect.flip(start(dataDir))).message, "password is gone")
    })
  )

  live(
    "does not touch a database of another major version",
    Effect.gen(function* () {
      const dataDir = yield* place
      const { location } = yield* Effect.scoped(start(dataDir))
      fs.writeFileSync(path.join(location, "PG_VERSION"), "12\n")
      const error = yield* Effect.flip(start(dataDir))
      assert.include(error.message, "was made by PostgreSQL 12")
    })
  )

  live(
    "says that the data folder can't be one, and that its home is gone",
    Effect.gen(function* () {
      const dataDir = path.join(yield* folder, "data")
      fs.writeFileSync(dataDir, "a file")
      assert.strictEqual((yield* Effect.flip(start(path.join(dataDir, "below")))).reason, "Folder")
      assert.include((yield* Effect.flip(start(`${dataDir} $HOME`))).message, "dollar sign")
      fs.rmSync(dataDir)
      fs.mkdirSync(dataDir)
      fs.writeFileSync(
        path.join(dataDir, "postgres.json"),
        JSON.stringify({ home: path.join(dataDir, "gone") })
      )
      assert.include((yield* Effect.flip(start(dataDir))).message, "they are gone")
    })
  )
})
