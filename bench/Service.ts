/**
 * What a team waits for and pays for: the start, an idle process, the way from a webhook to a claimed job, and the
 * recovery after kill -9. Runs the built program (`npm run build` first) on the embedded database and a local GitHub:
 *
 *     npm run build && node --import tsx bench/Service.ts [runs]
 *
 * Machines differ and are noisy: compare figures of one run only.
 */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as SqlClient from "@effect/sql/SqlClient"
import { Clock, Console, Effect, Logger, Schedule } from "effect"
import { type Stage, set } from "../src/cli/demo/Stage.ts"

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url))
const runs = Number(process.argv[2] ?? 20)

const createReview = { method: "POST", path: "/repos/{owner}/{repo}/pulls/{pull_number}/reviews" }
const change = (n: number) => ({
  before: { "a.ts": "export const a = 1\n" },
  after: { "a.ts": `export const a = ${n + 2}\ndebugger\n` }
})

const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const began = yield* Clock.currentTimeMillis
    const value = yield* effect
    return { value, millis: (yield* Clock.currentTimeMillis) - began }
  })

const spread = (values: ReadonlyArray<number>) => {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
  return { median: at(0.5), worst: at(1), runs: sorted.length }
}

/** Resident memory in MB, where the system tells. */
const residentMb = (pid: number) => {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))
  return Math.round(Number(line?.[1] ?? 0) / 1024)
}

const query = <A extends object>(stage: Stage, text: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe<A>(text)).pipe(Effect.provide(stage.database))

const completed = (stage: Stage, count: number) =>
  query<{ readonly id: string }>(stage, "select id from review_jobs where status = 'completed'").pipe(
    Effect.filterOrFail((rows) => rows.length >= count),
    Effect.retry(Schedule.spaced("20 millis"))
  )

const program = Effect.gen(function* () {
  const stage = yield* set(main)
  const starts: Array<number> = []
  for (let run = 0; run < 5; run++) {
    const { millis } = yield* Effect.scoped(timed(stage.serve))
    starts.push(millis)
  }
  const served = yield* stage.serve
  yield* Effect.sleep("10 seconds")
  const idleMb = residentMb(served.pid)

  for (let n = 0; n < 30; n++) {
    yield* stage.sandbox.pulls.open({ content: change(n) })
    yield* completed(stage, n + 1)
  }
  const claims = yield* query<{ readonly ms: number }>(
    stage,
    `select extract(epoch from (claim.at - enqueue.at))::float8 * 1000 as ms
     from job_transitions enqueue join job_transitions claim using (job_id)
     where enqueue.to_status = 'pending' and enqueue.from_status is null and claim.to_status = 'processing'`
  )

  const recoveries: Array<number> = []
  let current = served
  for (let run = 0; run < runs; run++) {
    const held = yield* stage.sandbox.faults.add({ fault: { _tag: "Hold", when: "after" }, ...createReview })
    const after = (yield* stage.sandbox.journal.entries).at(-1)?.sequence ?? 0
    yield* stage.sandbox.pulls.open({ content: change(run) })
    yield* stage.sandbox.journal.awaitRequest({ ...createReview, stage: "applied", after })
    const { millis, value } = yield* timed(
      Effect.gen(function* () {
        yield* current.signal("SIGKILL")
        yield* current.ended
        yield* held.remove
        const again = yield* stage.serve
        yield* completed(stage, 31 + run)
        return again
      })
    )
    recoveries.push(millis)
    current = value
  }
  yield* Console.log(
    JSON.stringify(
      {
        startToReadyMs: spread(starts),
        idleResidentMb: idleMb,
        webhookToClaimedMs: spread(claims.map((row) => row.ms)),
        killToCompletedMs: spread(recoveries)
      },
      null,
      2
    )
  )
})

Effect.runPromise(
  program.pipe(
    Effect.scoped,
    Effect.provide(NodeContext.layer),
    Effect.provide(Logger.remove(Logger.defaultLogger))
  )
).catch((error) => {
  console.error(error)
  process.exitCode = 1
})
