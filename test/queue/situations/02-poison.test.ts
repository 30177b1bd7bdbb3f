import { assert, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import type { JobId } from "../../../src/queue/Job.ts"
import * as TestDatabase from "../../support/TestDatabase.ts"
import type { Event } from "../programs/Protocol.ts"
import * as WorkerProcess from "../WorkerProcess.ts"
import * as Bystander from "./Bystander.ts"

const maxCrashes = 4
const settings = {
  maxCrashes,
  quarantinePatience: Duration.millis(300),
  beatEvery: Duration.millis(100),
  idleBeatEvery: Duration.millis(100),
  deadAfter: Duration.millis(300),
  pollEvery: Duration.millis(100),
  rescueEvery: Duration.millis(100)
}

/** The jobs that ran in this process when it started this one, the job itself among them. */
const runningWith = (id: JobId, events: ReadonlyArray<Event>): ReadonlyArray<number> => {
  const running = new Set<number>()
  for (const event of events) {
    if (event.event === "started") running.add(event.job)
    else if ("job" in event) running.delete(event.job)
    if (event.event === "started" && event.job === id) break
  }
  return [...running]
}

it.scopedLive(
  "2. A job that kills its process every time → failed after `max crashes` starts; jobs beside it complete",
  () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.url
      const bystander = yield* Bystander.make(url)
      const beside = { do: "sleep", millis: 200 } as const
      const before = yield* Effect.replicateEffect(bystander.enqueue(beside), 2)
      const { id } = yield* bystander.enqueue({ do: "exit" })

      /** As a supervisor does: starts a process, and when it has ended the next one. The poison's company at each start. */
      const company: Array<ReadonlyArray<number>> = []
      const nextRun = Effect.gen(function* () {
        const process = yield* WorkerProcess.start(url, settings)
        assert.deepStrictEqual(yield* process.ended, { code: null, signal: "SIGKILL" })
        company.push(runningWith(id, process.events()))
      }).pipe(Effect.scoped)

      yield* nextRun
      yield* nextRun
      // It has killed two, and whom it ran with: from now on each of them runs alone, and new work has nothing to fear.
      const after = yield* Effect.replicateEffect(bystander.enqueue(beside), 6)
      while (company.length < maxCrashes) yield* nextRun

      // It is the next process that finds the last one dead.
      yield* WorkerProcess.start(url, settings)
      yield* bystander.until(id, "failed")
      const others = [...before, ...after].map((job) => job.id)
      yield* Effect.forEach(others, (other) => bystander.until(other, "completed"))

      const all = before.map((job) => Number(job.id)).concat(id)
      assert.deepStrictEqual(company, [all, all, [id], [id]])
      const ledger = yield* bystander.store.transitions(id)
      assert.strictEqual(ledger.filter(({ why }) => why._tag === "Claimed").length, maxCrashes)
      assert.strictEqual(ledger.at(-1)?.why._tag, "WorkerDied")
      yield* bystander.endedOnce([id], "failed")
      yield* bystander.endedOnce(others, "completed")
      const crashes = yield* Effect.forEach(after, (job) =>
        Effect.map(bystander.job(job.id), (one) => one.crashes)
      )
      assert.deepStrictEqual(crashes, [0, 0, 0, 0, 0, 0])
      assert.strictEqual((yield* bystander.job(id)).attempts, 0)
    }),
  60_000
)
