import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { Disposition, type Settled } from "../../../src/queue/Disposition.ts"
import type { JobId } from "../../../src/queue/Job.ts"
import * as TestDatabase from "../../support/TestDatabase.ts"
import * as Bystander from "./Bystander.ts"

const failed = { _tag: "Failed", error: "Permanent", message: "no" } as const
const snooze = Disposition.Snooze({
  reason: { _tag: "Snoozed", message: "later" },
  until: DateTime.unsafeMake(0)
})

/** Everything that a stale settle can want to write. */
const stale: ReadonlyArray<Settled> = [
  Disposition.Complete(),
  Disposition.Fail({ reason: failed }),
  Disposition.Cancel({ reason: { _tag: "Obsolete", message: "no" } }),
  Disposition.Release({ reason: { _tag: "Drained" } }),
  snooze
]

type Client = Effect.Effect.Success<ReturnType<typeof Bystander.make>>

const ways = [
  ["a snooze", snooze, () => Effect.void],
  [
    "an operator's retry",
    Disposition.Fail({ reason: failed }),
    ({ store }: Client, id: JobId) => store.retry(id)
  ]
] as const

describe("6. A snooze or an operator's retry gives back the same attempt number, then a stale settle arrives → rejected", () => {
  it.scopedLive.each(ways)("%s", ([, first, giveBack]) =>
    Effect.gen(function* () {
      const bystander = yield* Bystander.make(yield* TestDatabase.url)
      const { sql, store } = bystander
      // One worker for both claims: not even that makes the old lease good again.
      const worker = yield* store.registerWorker({ host: "test", pid: process.pid, version: "0" })
      const { id } = yield* bystander.enqueue({ do: "complete" })
      const claim = Effect.flatMap(store.claim(worker, 1), ({ jobs: [claimed] }) =>
        claimed === undefined ? Effect.dieMessage("nothing to claim") : Effect.succeed(claimed)
      )
      const all = Effect.all([sql`select * from review_jobs`, sql`select * from job_transitions order by id`])

      const old = yield* claim
      /** Every stale settle is refused, and nothing changes. */
      const allRejected = Effect.gen(function* () {
        const before = yield* all
        for (const disposition of stale) {
          const refusal = yield* Effect.flip(store.settle(old.lease, disposition))
          assert.strictEqual(refusal._tag, "LeaseLost")
        }
        assert.deepStrictEqual(yield* all, before)
      })

      yield* store.settle(old.lease, first)
      yield* giveBack(bystander, id)
      yield* allRejected
      const again = yield* claim
      assert.strictEqual(again.job.attempts, old.job.attempts)
      yield* allRejected
      yield* store.settle(again.lease, Disposition.Complete())
      yield* allRejected
      yield* bystander.until(id, "completed")
    })
  )
})
