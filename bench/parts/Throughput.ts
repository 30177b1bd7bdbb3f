/** (a) Jobs per second, of jobs that do nothing, when many are waiting. */
import { Effect } from "effect"
import type { Amounts } from "../Amounts.ts"
import { progress } from "../host/Progress.ts"
import { type Measurer, Stage } from "../host/Stage.ts"
import { median, round } from "../host/Statistics.ts"
import * as Protocol from "../programs/Protocol.ts"
import * as Limit from "./Limit.ts"

export const contenders = ["holdfast", "graphile", "graphileBatched", "pgboss", "effect"] as const
type Contender = (typeof contenders)[number] | "limit"

export type Rates = { readonly [Name in Contender]: number }
export interface Throughput {
  readonly "3": Rates
  readonly "10": Rates
}

/** So that start-up is not what is measured of the fast one. */
const jobsOf = (contender: Contender, jobs: number) => (contender === "graphileBatched" ? 3 * jobs : jobs)

export const measure = (amounts: Amounts) =>
  Effect.gen(function* () {
    const measurers = new Map<Contender, Measurer>()
    const stage = yield* Stage
    for (const name of contenders) measurers.set(name, yield* stage.measurer(name))
    const limit = yield* Limit.make

    const once = (name: Contender, concurrency: number, jobs: number) =>
      Effect.gen(function* () {
        const { url } = yield* stage.server.database
        const measurer = measurers.get(name)
        return measurer === undefined
          ? yield* limit.run({ url, concurrency, jobs })
          : yield* measurer.ask({ _tag: "Throughput", url, concurrency, jobs }, Protocol.Throughput)
      }).pipe(Effect.scoped)

    const all = [...contenders, "limit"] as const
    // Compiles the code of all before anything counts.
    for (const name of all) yield* once(name, 3, Math.min(1000, amounts.throughputJobs))

    const rates = (concurrency: number) =>
      Effect.gen(function* () {
        const found: { [Name in Contender]: Array<number> } = {
          holdfast: [],
          graphile: [],
          graphileBatched: [],
          pgboss: [],
          effect: [],
          limit: []
        }
        for (let n = 1; n <= amounts.rounds; n++) {
          for (const name of all) {
            const rate = yield* once(name, concurrency, jobsOf(name, amounts.throughputJobs))
            found[name].push(rate)
            yield* progress(`throughput at ${concurrency}, round ${n}: ${name} ${rate.toFixed(0)} jobs/s`)
          }
        }
        const medianOf = (name: Contender) => round(median(found[name]))
        return {
          holdfast: medianOf("holdfast"),
          graphile: medianOf("graphile"),
          graphileBatched: medianOf("graphileBatched"),
          pgboss: medianOf("pgboss"),
          effect: medianOf("effect"),
          limit: medianOf("limit")
        } satisfies Rates
      })
    const throughput: Throughput = { "3": yield* rates(3), "10": yield* rates(10) }
    return { throughput, limitBy: limit.by }
  }).pipe(Effect.scoped)
