import { Console, DateTime, Effect, Option } from "effect"
import { JobStore, type WorkerState } from "../../queue/JobStore.ts"
import * as Print from "./Print.ts"
import { between } from "./Standing.ts"

const heading = ["WORKER", "HOST", "PID", "VERSION", "UP FOR", "LAST BEAT", "RUNNING", ""]

const workerRow = (now: DateTime.Utc) => (worker: WorkerState) => [
  String(worker.id),
  worker.host,
  String(worker.pid),
  worker.version,
  between(worker.startedAt, now),
  `${between(worker.lastBeatAt, now)} ago`,
  String(worker.running),
  worker.draining ? "draining" : ""
]

export const run = ({ json }: { readonly json: boolean }) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    const { counts, oldestPendingAt, workers } = yield* store.stats
    if (json) return yield* Print.json({ counts, oldestPendingAt, workers })
    const now = yield* DateTime.now
    const oldest = Option.match(oldestPendingAt, {
      onNone: () => "",
      onSome: (at) => `the oldest for ${between(at, now)}`
    })
    const rows = Object.entries(counts).map(([status, count]) => [
      status,
      String(count),
      status === "pending" ? oldest : ""
    ])
    const alive =
      workers.length === 0
        ? "No worker is alive: nothing runs until `holdfast serve` is started."
        : Print.table([heading, ...workers.map(workerRow(now))])
    yield* Console.log([Print.table(rows), "", alive].join("\n"))
  })
