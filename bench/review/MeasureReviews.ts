/** Whole reviews: what all that is reckoned takes, and how long one of seven parts takes whose model takes its time. */
import { Effect, Ref } from "effect"
import { ModelSandbox } from "../../src/sandbox/ModelSandbox.ts"
import { BenchError } from "../host/BenchError.ts"
import { median, round } from "../host/Statistics.ts"
import { makeChange, newFile } from "./Change.ts"
import { codeLine } from "./Code.ts"
import * as Pipeline from "./Pipeline.ts"
import type { Parts, Request, Slow, Whole } from "./Protocol.ts"
import { random } from "./Random.ts"
import { byModels, byRules, review } from "./Reviewing.ts"

type Asked<Tag extends Request["_tag"]> = Extract<Request, { readonly _tag: Tag }>

/** Everything but the time that GitHub and the model take: the model answers at once. */
export const whole = ({ maxMs, samples, size, withModel }: Asked<"Whole">) =>
  Effect.gen(function* () {
    const files = Pipeline.parsing("list", makeChange(size))
    const reviewers = withModel ? byModels(yield* ModelSandbox.make(), 4) : byRules
    const millis = yield* Effect.gen(function* () {
      const began = performance.now()
      yield* review(files)
      const found = [yield* review(files)]
      while (found.length < samples && performance.now() - began < maxMs) found.push(yield* review(files))
      return found
    }).pipe(Effect.provide(reviewers))
    return { millis: round(median(millis)), samples: millis.length } satisfies Whole
  }).pipe(Effect.scoped)

const partCount = 7
const usualMs = 800
const slowMs = 2400

/** Files of which each is more than half of a part, so that each has a part of its own. */
const sevenParts = () => {
  const by = random(3)
  return Array.from({ length: partCount }, (_, at) =>
    newFile(
      `src/part${at}.ts`,
      Array.from({ length: 450 }, () => codeLine("ts", by))
    )
  )
}

/** The files in the order in which they are asked about, and which of them is slow. */
const paths = Pipeline.filter(sevenParts()).map(({ path }) => path)
const slowPart: { readonly [S in Slow]: string | undefined } = {
  none: undefined,
  first: paths[0],
  last: paths.at(-1)
}

/** The time from when the first `concurrency` begin until the last ends, when each takes the next as soon as it can. */
const least = (times: ReadonlyArray<number>, concurrency: number): number => {
  const free = Array.from({ length: concurrency }, () => 0)
  for (const time of times) {
    const next = free.indexOf(Math.min(...free))
    free[next] = (free[next] ?? 0) + time
  }
  return Math.max(...free)
}

export const parts = ({ concurrency, reviews, slow }: Asked<"Parts">) =>
  Effect.gen(function* () {
    const asked = yield* Ref.make(0)
    const models = yield* ModelSandbox.make({
      // The first review, which loads the tokenizer, is not timed and has no need to wait.
      script: ({ prompt }) =>
        Effect.gen(function* () {
          const question = yield* Ref.updateAndGet(asked, (count) => count + 1)
          if (question > partCount) {
            yield* Effect.sleep(prompt.includes(`FILE ${slowPart[slow]},`) ? slowMs : usualMs)
          }
          return { json: { findings: [] } }
        })
    })
    const millis = yield* Effect.replicateEffect(review(sevenParts), reviews + 1).pipe(
      Effect.provide(byModels(models, concurrency))
    )
    const questions = yield* Ref.get(asked)
    if (questions !== partCount * (reviews + 1)) {
      return yield* new BenchError({ message: `${questions} questions in ${reviews + 1} reviews of 7 parts` })
    }
    const times = paths.map((path) => (path === slowPart[slow] ? slowMs : usualMs))
    return {
      millis: round(median(millis.slice(1))),
      slowest: Math.max(...times),
      least: least(times, concurrency)
    } satisfies Parts
  }).pipe(Effect.scoped)
