import { Array as Arr, Effect } from "effect"
import type { Rival } from "../../rivals/Rival.ts"
import type * as Protocol from "../Protocol.ts"
import { observe } from "./Database.ts"
import { bulkSize } from "./Throughput.ts"

const warmUp = 50

/** Jobs per second that one caller enqueues, each call awaited before the next one. */
export const enqueue = (
  rival: Rival,
  { bulk, oneByOne, url }: { readonly url: string; readonly oneByOne: number; readonly bulk: number }
): Effect.Effect<Protocol.Enqueue> =>
  Effect.gen(function* () {
    yield* rival.prepare(url)
    const producer = yield* rival.producer(url)
    const observer = yield* observe(url)
    let next = 0
    const numbers = (count: number) => Arr.makeBy(count, () => next++)
    const rate = (count: number, effect: Effect.Effect<void>) =>
      Effect.gen(function* () {
        yield* observer.calm
        const began = performance.now()
        yield* effect
        return count / ((performance.now() - began) / 1000)
      })
    const each = (count: number) => Effect.forEach(numbers(count), producer.one, { discard: true })
    yield* each(warmUp)
    const single = yield* rate(oneByOne, each(oneByOne))
    yield* producer.many(numbers(warmUp))
    const chunks = Arr.chunksOf(numbers(bulk), bulkSize)
    const many = yield* rate(bulk, Effect.forEach(chunks, producer.many, { discard: true }))
    return { oneByOne: single, bulk: many }
  }).pipe(Effect.scoped)
