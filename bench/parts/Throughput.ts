/** (a) Jobs per second, of jobs that do nothing, when many are waiting. */
import { Array as Arr, Effect } from "effect"
import type { Amounts } from "../Amounts.ts"
import { progress } from "../host/Progress.ts"
import { type Measurer, Stage } from "../host/Stage.ts"
import { median, round } from "../host/Statistics.ts"
import * as Protocol from "../programs/Protocol.ts"
import * as Limit from "./Limit.ts"
import { forRounds } from "./Rounds.ts"

const queues = [
  "holdfast",
  "graphile",
  "graphileBatched",
  "pgboss",
  "pgbossSingle",
  "pgbossEager",
  "effect"
] as const
export const contenders = [...queues, "limit"] as const
export type Contender = (typeof contenders)[number]

export type Rates = { readonly [Name in Contender]: number }
export interface Throughput {
  readonly "3": Rates
  readonly "10": Rates
}

/** Those that take jobs by the hundred need more of them, or what is measured is their start. */
const atLeast: { readonly [Name in Contender]?: number } = {
  graphileBatched: 20_000,
  pgboss: 10_000,
  pgbossEager: 20_000
}

/** Settles at its own pace, whatever the number. */
const atMost: { readonly [Name in Contender]?: number } = { pgbossSingle: 2000 }

const warmUpJobs = 500
const never = Number.POSITIVE_INFINITY

const perContender = <A>(make: (name: Contender) => A): { readonly [Name in Contender]: A } => ({
  holdfast: make("holdfast"),
  graphile: make("graphile"),
  graphileBatched: make("graphileBatched"),
  pgboss: make("pgboss"),
  pgbossSingle: make("pgbossSingle"),
  pgbossEager: make("pgbossEager"),
  effect: make("effect"),
  limit: make("limit")
})

export const measure = (amounts: Amounts) =>
  Effect.gen(function* () {
    const measurers = new Map<Contender, Measurer>()
    const stage = yield* Stage
    for (const name of queues) measurers.set(name, yield* stage.measurer(name))
    const limit = yield* Limit.make

    const once = (name: Contender, concurrency: number, jobs: number) =>
      Effect.gen(function* () {
        const { url } = yield* stage.server.database
        const measurer = measurers.get(name)
        return measurer === undefined
          ? yield* limit.run({ url, concurrency, jobs })
          : yield* measurer.ask({ _tag: "Throughput", url, concurrency, jobs }, Protocol.Throughput)
      }).pipe(Effect.scoped)

    const found = perContender(() => ({ "3": Arr.empty<number>(), "10": Arr.empty<number>() }))
    const speed = new Map<Contender, number>()
    // Compiles the code of all before anything counts.
    for (const name of contenders) speed.set(name, yield* once(name, 3, warmUpJobs))
    yield* progress("throughput: all are warm")

    const jobsOf = (name: Contender) => {
      const affordable = (speed.get(name) ?? never) * amounts.throughputSeconds
      const jobs = Math.min(amounts.throughputJobs, atMost[name] ?? never, Math.floor(affordable))
      return Math.max(warmUpJobs, atLeast[name] ?? 0, jobs)
    }
    yield* forRounds(amounts, "throughput", (n) =>
      Effect.gen(function* () {
        for (const concurrency of [3, 10] as const) {
          for (const name of contenders) {
            const rate = yield* once(name, concurrency, jobsOf(name))
            found[name][concurrency].push(rate)
            yield* progress(`throughput at ${concurrency}, round ${n}: ${name} ${rate.toFixed(0)} jobs/s`)
          }
        }
      })
    )
    const throughput: Throughput = {
      "3": perContender((name) => round(median(found[name][3]))),
      "10": perContender((name) => round(median(found[name][10])))
    }
    return { throughput, limitBy: limit.by }
  }).pipe(Effect.scoped)
