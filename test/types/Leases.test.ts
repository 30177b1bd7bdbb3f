import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { compileWith } from "../support/Compiler.ts"

/** A line that must not compile says so, with the compiler's number for what is wrong. */
const program = `
import { DateTime } from "effect"
import type { Claimed, JobStore, Lease } from "./index.ts"
import type { WorkerId } from "./queue/Job.ts"
import { Disposition } from "./queue/Disposition.ts"
import * as LeaseModule from "./queue/Lease.ts"

declare const store: JobStore["Type"]
declare const claimed: Claimed
declare const worker: WorkerId
const { job, lease } = claimed
const done = Disposition.Complete()

// What a store has granted.
export const asTheyShould = [
  store.settle(lease, done),
  store.exchange(worker, [{ lease, disposition: done }], 3),
  store.saveStep(lease, "key", 1),
  store.check(lease),
  store.beat(worker, [lease]),
  store.disown(worker, [lease])
]

// What only names a job.
export const byId = [
  store.settle(job.id, done), // TS2345
  store.exchange(worker, [{ lease: job.id, disposition: done }], 3), // TS2739
  store.saveStep(job.id, "key", 1), // TS2345
  store.check(job.id), // TS2345
  store.beat(worker, [job.id]), // TS2739
  store.disown(worker, [job.id]) // TS2739
]

// What looks like a lease, from what anybody can know.
const forged = { jobId: job.id, epoch: job.epoch, worker, expiresAt: DateTime.unsafeMake(0) }
export const byForgery = [
  store.settle(forged, done), // TS2345
  store.exchange(worker, [{ lease: forged, disposition: done }], 3), // TS2741
  store.saveStep(forged, "key", 1), // TS2345
  store.check(forged), // TS2345
  store.check({ ...forged, [Symbol.for("holdfast/Lease")]: Symbol.for("holdfast/Lease") }) // TS2345
]

// A claim that is not one's own any more is found out by the store; one of a wish is not written at all.
export const abandoned = store.exchange(worker, [{ lease, disposition: Disposition.Abandon() }], 3) // TS2322

// The brand is no secret inside the house; the import rules keep everything but stores from it.
export const inside: Lease = { ...forged, [LeaseModule.TypeId]: LeaseModule.TypeId }
`

/** Where the program says that the compiler must find what. */
const marks = program.split("\n").flatMap((text, index) => {
  const [, code] = /\/\/ (TS\d+)/.exec(text) ?? []
  return code === undefined ? [] : [`Program.ts:${index + 1} ${code}`]
})

it.live(
  "what concerns a running job needs its lease: without one it does not compile",
  () =>
    Effect.gen(function* () {
      assert.lengthOf(marks, 12)
      assert.deepStrictEqual(yield* compileWith({ "Program.ts": () => program }), marks)
    }),
  90_000
)
