import { Effect, Layer } from "effect"
import { JobStore } from "../../../src/index.ts"
import { storeOf } from "../../rivals/Holdfast.ts"

const warmUp = 100

/**
 * How long Holdfast's claims take, in milliseconds, in several databases that hold pending jobs enough. The databases
 * take turns, so that what else the machine does meets all of them.
 */
export const claims = ({
  samples,
  urls
}: {
  readonly urls: ReadonlyArray<string>
  readonly samples: number
}) =>
  Effect.gen(function* () {
    const stores = yield* Effect.forEach(urls, open)
    const millis: Array<Array<number>> = urls.map(() => [])
    for (let round = 0; round < warmUp + samples; round++) {
      for (let turn = 0; turn < stores.length; turn++) {
        // Each round begins with another one.
        const index = (round + turn) % stores.length
        const took = yield* stores[index] ?? Effect.dieMessage("no such store")
        if (round >= warmUp) millis[index]?.push(took)
      }
    }
    return millis
  }).pipe(Effect.scoped)

/** Claims a job, and completes it outside the time that is measured. */
const open = (url: string) =>
  Effect.gen(function* () {
    const store = yield* Layer.build(storeOf(url)).pipe(
      Effect.flatMap((services) => Effect.provide(JobStore, services))
    )
    const worker = yield* store.registerWorker({ host: "bench", pid: process.pid, version: "bench" })
    return Effect.gen(function* () {
      const began = performance.now()
      const { jobs } = yield* store.claim(worker, 1)
      const took = performance.now() - began
      const [claimed] = jobs
      if (claimed === undefined) return yield* Effect.dieMessage("there was nothing to claim")
      yield* store.settle(claimed.lease, { _tag: "Complete" })
      return took
    }).pipe(Effect.orDie)
  }).pipe(Effect.orDie)
