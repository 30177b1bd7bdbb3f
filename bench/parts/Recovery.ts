/** (e) From kill -9 of the worker that runs a job until the job's handler starts in another worker. */
import { Array as Arr, Effect, Random, Schema } from "effect"
import type { Amounts } from "../Amounts.ts"
import { BenchError } from "../host/BenchError.ts"
import type { Child } from "../host/Child.ts"
import { progress } from "../host/Progress.ts"
import { Stage } from "../host/Stage.ts"
import { quantile } from "../host/Statistics.ts"
import type * as Protocol from "../programs/Protocol.ts"
import { allows } from "./Rounds.ts"

type WorkerProcess = Child<Protocol.Order, Protocol.Word>

/** The two workers of a pair hold one job at a time, so whoever has it is killed and the other one must start it. */
const pair = (amounts: Amounts) =>
  Effect.gen(function* () {
    const { measurer, server, worker } = yield* Stage
    const { url } = yield* server.database
    const producer = yield* measurer("holdfast")
    yield* producer.ask({ _tag: "Prepare", url }, Schema.Unknown)
    const holder = Effect.gen(function* () {
      const child = yield* worker(url)
      yield* child.send({ _tag: "Hold" })
      yield* child.next
      return child
    })
    let first: WorkerProcess = yield* holder
    let second: WorkerProcess = yield* holder
    const millis: Array<number> = []
    for (let n = 1; n <= amounts.recoveriesEach && allows(amounts, "recovery", n); n++) {
      if (n > 1) second = yield* holder
      yield* producer.ask({ _tag: "Seed", url, from: n, jobs: 1 }, Schema.Unknown)
      const victim = yield* Effect.raceFirst(Effect.as(first.next, first), Effect.as(second.next, second))
      const other: WorkerProcess = victim === first ? second : first
      // Any moment between two beats is as likely.
      yield* Effect.sleep(yield* Random.nextRange(500, 2500))
      const killedAt = yield* victim.kill
      const word = yield* other.next
      if (word._tag !== "Started" || !word.rescued) {
        return yield* new BenchError({ message: `after the kill the other worker said ${word._tag}` })
      }
      millis.push(word.at - killedAt)
      first = other
    }
    return millis
  }).pipe(Effect.scoped)

export const measure = (amounts: Amounts) =>
  Effect.gen(function* () {
    const pairs = Arr.makeBy(amounts.recoveryPairs, () => pair(amounts))
    const millis = (yield* Effect.all(pairs, { concurrency: "unbounded" })).flat()
    const result = { p50: Math.round(quantile(millis, 0.5)), max: Math.max(...millis) }
    yield* progress(`recovery: ${millis.length} kills, p50 ${result.p50} ms, worst ${result.max} ms`)
    return { ...result, kills: millis.length }
  })
