/**
 * A worker of the queue as a process of its own, for tests that kill, stop, starve or cut off one. It takes its settings
 * as one JSON argument (`Settings`), does with each job what the job's payload says (`Task`), and tells what happens as
 * lines of JSON (`Event`). As the service does, it drains at the first SIGTERM, and hurries at the second.
 */
import * as fs from "node:fs"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as SqlClient from "@effect/sql/SqlClient"
import {
  Cause,
  Console,
  DateTime,
  Effect,
  Exit,
  Layer,
  Logger,
  LogLevel,
  Redacted,
  Schedule,
  Schema
} from "effect"
import * as Signals from "../../../src/cli/Signals.ts"
import * as Database from "../../../src/database/Database.ts"
import { Hurry } from "../../../src/queue/Hurry.ts"
import * as JobError from "../../../src/queue/JobError.ts"
import { type JobHandler, JobHandlers } from "../../../src/queue/JobHandlers.ts"
import * as PostgresJobStore from "../../../src/queue/JobStore/Postgres.ts"
import { type Claimed, JobStore } from "../../../src/queue/JobStore.ts"
import * as Queue from "../../../src/queue/Queue.ts"
import { QueueSettings } from "../../../src/queue/QueueSettings.ts"
import * as Outside from "./Outside.ts"
import { type Event, Payload, Settings, type Task } from "./Protocol.ts"

const say = (event: Event) => Console.log(JSON.stringify(event))

const later = (millis: number) => Effect.map(DateTime.now, DateTime.add({ millis }))

type Work = Effect.Effect<void, JobError.JobError>

interface Writes {
  readonly write: Work
  readonly publish: (pauses: Outside.Pauses) => Work
}

const work = (task: Task, writes: Writes): Work => {
  switch (task.do) {
    case "complete":
      return Effect.void
    case "write":
      return writes.write
    case "publish":
      return task.stubborn ? Effect.uninterruptible(writes.publish(task.millis)) : writes.publish(task.millis)
    case "sleep":
      return Effect.sleep(task.millis)
    case "await":
      return Effect.sync(() => fs.existsSync(task.file)).pipe(
        Effect.repeat({ schedule: Schedule.spaced("10 millis"), until: (isThere) => isThere }),
        Effect.asVoid
      )
    case "blockUntil":
      return Effect.zipRight(
        Effect.sync(() => {
          while (!fs.existsSync(task.file));
        }),
        Effect.suspend(() => work(task.next, writes))
      )
    case "hang":
      return Effect.never
    case "ignoreInterrupt":
      return Effect.uninterruptible(Effect.sleep(task.millis))
    case "block":
      return Effect.sync(() => {
        for (const end = performance.now() + task.millis; performance.now() < end; );
      })
    case "exit":
      return Effect.zipRight(
        Effect.sync(() => process.kill(process.pid, "SIGKILL")),
        Effect.never
      )
    case "defect":
      return Effect.dieMessage("as it was told")
    case "failTransient":
      return new JobError.Transient({ message: "as it was told" })
    case "failPermanent":
      return new JobError.Permanent({ message: "as it was told" })
    case "obsolete":
      return new JobError.Obsolete({ message: "as it was told" })
    case "snooze":
      return Effect.flatMap(
        later(task.millis),
        (until) => new JobError.Snooze({ message: "as it was told", until })
      )
    case "retryAfter":
      return Effect.flatMap(
        later(task.millis),
        (until) => new JobError.RetryAfter({ message: "as it was told", until })
      )
  }
}

/** A payload that is a list has one task for each claim; the last one stands for all that follow. */
const taskOf = ({ job, lease }: Claimed): Effect.Effect<Task> =>
  Effect.map(Effect.orDie(Schema.decodeUnknown(Payload)(job.payload)), (payload) =>
    "do" in payload ? payload : (payload[Math.min(lease.epoch, payload.length) - 1] ?? payload[0])
  )

const handler =
  (store: JobStore["Type"], sql: SqlClient.SqlClient): JobHandler =>
  (claimed) => {
    const about = { job: claimed.job.id, epoch: claimed.lease.epoch, pid: process.pid }
    const check = store
      .check(claimed.lease)
      .pipe(Effect.catchTag("StoreUnavailable", ({ message }) => new JobError.Transient({ message })))
    const writes = {
      write: Effect.zipRight(check, say({ event: "wrote", ...about })),
      publish: (pauses: Outside.Pauses) => Outside.publish(sql, claimed, check, pauses)
    }
    return say({ event: "started", ...about }).pipe(
      Effect.zipRight(taskOf(claimed)),
      Effect.flatMap((task) => work(task, writes)),
      Effect.onExit(
        Exit.match({
          onSuccess: () => say({ event: "ended", ...about }),
          onFailure: (cause) =>
            say({ event: Cause.isInterruptedOnly(cause) ? "interrupted" : "failed", ...about })
        })
      )
    )
  }

const program = Effect.gen(function* () {
  const { url, ...changes } = yield* Schema.decode(Schema.parseJson(Settings))(process.argv[2] ?? "")
  const { hurry } = yield* Signals.watch
  // Set up first, so it runs last.
  yield* Effect.addFinalizer(() => say({ event: "drained", pid: process.pid }))
  yield* Layer.build(
    Queue.worker({ host: "test", pid: process.pid, version: "0" }).pipe(
      Layer.provide(
        Layer.effect(
          JobHandlers,
          Effect.zipWith(JobStore, SqlClient.SqlClient, (store, sql) => ({ review: handler(store, sql) }))
        )
      ),
      Layer.provide(PostgresJobStore.layer),
      Layer.provide(Database.layerFromUrl({ url: Redacted.make(url) }))
    )
  ).pipe(
    Effect.provideService(QueueSettings, { ...QueueSettings.defaults, ...changes }),
    Effect.provideService(Hurry, hurry)
  )
  yield* say({ event: "up", pid: process.pid })
  return yield* Effect.never
})

program.pipe(
  Effect.scoped,
  Effect.provide(Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.logfmtLogger))),
  Logger.withMinimumLogLevel(LogLevel.Warning),
  NodeRuntime.runMain({ disablePrettyLogger: true })
)
