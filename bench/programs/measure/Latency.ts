import { Deferred, Effect, Random } from "effect"
import type { Rival } from "../../rivals/Rival.ts"
import { observe } from "./Database.ts"

const concurrency = 3
/** Enough for the code to be compiled, so that what is measured is a worker that has run for a while. */
const warmUp = 30

/** Milliseconds from the call of enqueue to the start of the handler, while nothing else is to be done. */
export const latency = (rival: Rival, { url, samples }: { readonly url: string; readonly samples: number }) =>
  Effect.gen(function* () {
    yield* rival.prepare(url)
    yield* Effect.scoped(Effect.flatMap(observe(url), ({ calm }) => calm))
    let started = (_at: number) => {}
    yield* rival.work(url, { concurrency, onStart: () => started(performance.now()) })
    const producer = yield* rival.producer(url)
    const sample = (job: number, pause: number) =>
      Effect.gen(function* () {
        yield* Effect.sleep(pause)
        const at = yield* Deferred.make<number>()
        started = (now) => Deferred.unsafeDone(at, Effect.succeed(now))
        const began = performance.now()
        yield* producer.one(job)
        return (yield* Deferred.await(at)) - began
      })
    const pause = Random.nextRange(10, 30 + rival.pollMillis)
    const warm = rival.pollMillis > 100 ? 3 : warmUp
    const millis: Array<number> = []
    for (let job = 0; job < warm + samples; job++) {
      const took = yield* sample(job, yield* pause)
      if (job >= warm) millis.push(took)
    }
    return millis
  }).pipe(Effect.scoped)
