import * as SqlClient from "@effect/sql/SqlClient"
import { layer } from "@effect/vitest"
import { Effect, Layer, DateTime } from "effect"
import * as Postgres from "../../src/queue/JobStore/Postgres.ts"
import { JobStore } from "../../src/queue/JobStore.ts"
import { Disposition } from "../../src/queue/Disposition.ts"
import * as TestDatabase from "../support/TestDatabase.ts"
import { DatabaseUrl } from "../../src/database/DatabaseUrl.ts"
import * as Session from "../../src/database/Session.ts"
const subject = (pr: number, sha: string) => ({ installationId: 1, owner: "o", repo: "r", pullRequest: pr, title: "t", commitSha: sha, baseBranch: "main" })
const info = { host: "h", pid: 1, version: "1" }
const L = Postgres.layer.pipe(Layer.provideMerge(TestDatabase.layer))
layer(L, { excludeTestServices: true })("zz", (it) => {
  it.effect("nul", () => Effect.gen(function* () {
    const s = yield* JobStore
    const w = yield* s.registerWorker(info)
    yield* s.enqueue({ subject: subject(1, "a".repeat(40)), trigger: "opened" })
    const [c] = yield* s.claim(w, 1)
    for (const m of ["x\u0000y", "x\ud83d"]) {
      const r = yield* Effect.either(s.settle(c!.lease, Disposition.Retry({ delay: 0 as any, reason: { _tag: "Failed", error: "Transient", message: m } })))
      console.log("NUL", JSON.stringify(m), r._tag, r._tag === "Left" ? r.left.message : "")
    }
    console.log(JSON.stringify(yield* s.counts))
  }))
  it.effect("judged snapshot", () => Effect.gen(function* () {
    const s = yield* JobStore
    const sql = yield* SqlClient.SqlClient
    yield* sql`delete from review_jobs`
    // batch enqueue in one tx vs beat: deadlock
    const w = yield* s.registerWorker(info)
    const e1 = yield* s.enqueue({ subject: subject(11, "a".repeat(40)), trigger: "opened" })
    const e2 = yield* s.enqueue({ subject: subject(12, "a".repeat(40)), trigger: "opened" })
    const cs = yield* s.claim(w, 5)
    const tx = sql.withTransaction(Effect.gen(function* () {
      yield* s.enqueue({ subject: subject(12, "b".repeat(40)), trigger: "push" })
      yield* Effect.sleep("700 millis")
      yield* s.enqueue({ subject: subject(11, "b".repeat(40)), trigger: "push" })
    }))
    const beats = Effect.sleep("300 millis").pipe(Effect.zipRight(s.beat(w, cs.map((c) => c.lease))))
    const [a, b] = yield* Effect.all([Effect.either(tx), Effect.either(beats)], { concurrency: 2 })
    console.log("DEADLOCK", a._tag, a._tag === "Left" ? a.left.message : "", b._tag, b._tag === "Left" ? b.left.message : "")
  }))
})
