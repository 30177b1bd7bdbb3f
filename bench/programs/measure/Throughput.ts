import { Array as Arr, Deferred, Effect, Schedule } from "effect"
import type { Rival } from "../../rivals/Rival.ts"
import { observe } from "./Database.ts"

/** As many jobs as one call takes. */
export const bulkSize = 1000

/** Puts jobs in, by the thousand. */
export const seed = (
  rival: Rival,
  { from, jobs, url }: { readonly url: string; readonly from: number; readonly jobs: number }
) =>
  Effect.gen(function* () {
    const producer = yield* rival.producer(url)
    const numbers = Arr.makeBy(jobs, (job) => from + job)
    yield* Effect.forEach(Arr.chunksOf(numbers, bulkSize), producer.many, { discard: true })
  }).pipe(Effect.scoped)

/**
 * Jobs per second, from the moment when the worker says that it runs until the database holds every job as done. What
 * ran before that moment does not count.
 */
export const throughput = (
  rival: Rival,
  options: { readonly url: string; readonly concurrency: number; readonly jobs: number }
) =>
  Effect.gen(function* () {
    const { concurrency, jobs, url } = options
    yield* rival.prepare(url)
    yield* seed(rival, { url, from: 0, jobs })
    const observer = yield* observe(url)
    yield* observer.calm
    const allRan = yield* Deferred.make<void>()
    let ran = 0
    const onStart = () => {
      ran++
      if (ran === jobs) Deferred.unsafeDone(allRan, Effect.void)
    }
    yield* rival.work(url, { concurrency, onStart })
    const began = performance.now()
    const before = ran
    yield* Deferred.await(allRan)
    yield* observer
      .holds(rival.unfinished)
      .pipe(Effect.repeat({ while: (left) => left, schedule: Schedule.spaced("1 millis") }))
    const seconds = (performance.now() - began) / 1000
    return (jobs - before) / seconds
  }).pipe(Effect.scoped)
