import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { JobId } from "../../src/queue/Job.ts"
import * as Outside from "../queue/programs/Outside.ts"
import * as TestDatabase from "../support/TestDatabase.ts"
import * as Reckoning from "./Reckoning.ts"

const answered = (id: number) => ({ id: JobId.make(id), created: true, superseded: [] })
const row = (id: number, status: "completed" | "pending" | "failed", visible: number) => ({
  id: JobId.make(id),
  status,
  visible
})

describe("the reckoning of a chaos run", () => {
  it("counts as lost what was answered and is gone or not over, and what is done but not to be seen", () => {
    const rows = [row(1, "completed", 1), row(2, "pending", 0), row(3, "completed", 0), row(5, "failed", 0)]
    assert.deepStrictEqual(Reckoning.lost([1, 2, 3, 4, 5, 5].map(answered), rows), [
      "job 2 is still pending",
      "job 4 was answered, and is not there",
      "job 3 is completed, and its review is not there"
    ])
  })

  it("measures from the kill of the process that held the job, and from no other kill", () => {
    const at = (millis: number) => new Date(millis)
    const restart = { pid: 7, worker_started: at(100), rescued: at(500), started: at(600), alone: false }
    const kills = [
      { pid: 7, at: 50 },
      { pid: 8, at: 300 },
      { pid: 7, at: 400 }
    ]
    assert.deepStrictEqual(Reckoning.recoveries(kills, [restart]), [
      { rescued: 100, started: 200, alone: false }
    ])
    // Taken back because it was stopped, and killed only later.
    assert.deepStrictEqual(Reckoning.recoveries([{ pid: 7, at: 550 }], [restart]), [])
  })

  it("takes percentiles by nearest rank", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
    assert.deepStrictEqual(Reckoning.percentiles(hundred), { p50: 50, p99: 99, max: 100 })
    assert.deepStrictEqual(Reckoning.percentiles([]), { p50: 0, p99: 0, max: 0 })
  })

  it.scopedLive("finds what was posted twice, but not what is pending or was asked for again", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* Outside.create(sql)
      yield* sql`
        insert into outside.reviews (pull_request, commit_sha, generation, state, job_id, epoch) values
          ('acme/shop#1', 'c0ffee', 0, 'visible', 1, 1), ('acme/shop#1', 'c0ffee', 0, 'visible', 1, 2),
          ('acme/shop#2', 'c0ffee', 0, 'visible', 2, 1), ('acme/shop#2', 'c0ffee', 1, 'visible', 2, 2),
          ('acme/shop#3', 'c0ffee', 0, 'visible', 3, 1), ('acme/shop#3', 'c0ffee', 0, 'pending', 3, 2)`
      const { doubles } = yield* Reckoning.read
      assert.deepStrictEqual(Reckoning.doubled(doubles), [
        "acme/shop#1 at c0ffee (generation 0) has 2 reviews, by job 1 under epoch 1, job 1 under epoch 2"
      ])
    }).pipe(Effect.provide(TestDatabase.layer))
  )
})
