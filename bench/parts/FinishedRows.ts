/** (d) What a claim costs with a history behind it: none, 100 thousand and 1 million finished jobs. */
import { Effect, Schema } from "effect"
import type { Amounts } from "../Amounts.ts"
import { BenchError } from "../host/BenchError.ts"
import { progress } from "../host/Progress.ts"
import { execute, query } from "../host/Server.ts"
import { Stage } from "../host/Stage.ts"
import { spread } from "../host/Statistics.ts"
import * as Protocol from "../programs/Protocol.ts"
import { finished, ledgerOfFinished } from "../rivals/HoldfastRows.ts"

const histories = [0, 100_000, 1_000_000] as const

const Indexes = Schema.Array(Schema.Struct({ name: Schema.String, definition: Schema.String }))

/** Fills the tables as a dump is loaded: indexes afterwards, references unchecked. */
const fill = (url: string, count: number, { ledger }: Amounts) =>
  Effect.gen(function* () {
    if (count === 0) return
    const indexes = yield* query(
      url,
      `select indexname as name, indexdef as definition from pg_indexes
       where tablename in ('review_jobs', 'job_transitions')
         and indexname not in (select conname from pg_constraint)`
    ).pipe(Effect.flatMap(Schema.decodeUnknown(Indexes)), Effect.orDie)
    yield* execute(url, [
      "set session_replication_role = replica",
      "set synchronous_commit = off",
      ...indexes.map(({ name }) => `drop index ${name}`),
      finished(count),
      ...(ledger ? [ledgerOfFinished] : []),
      ...indexes.map(({ definition }) => definition)
    ])
  })

export const prepare = (amounts: Amounts) =>
  Effect.gen(function* () {
    const stage = yield* Stage
    const measurer = yield* stage.measurer("holdfast")
    const urls: Array<string> = []
    for (const count of histories) {
      const { url } = yield* stage.server.database
      yield* measurer.ask({ _tag: "Prepare", url }, Schema.Unknown)
      yield* fill(url, count, amounts)
      yield* measurer.ask({ _tag: "Seed", url, from: 0, jobs: amounts.claims + 200 }, Schema.Unknown)
      urls.push(url)
      yield* progress(`claims: a table with ${count} finished jobs stands`)
    }
    return { measurer, urls }
  })

type Prepared = Effect.Effect.Success<ReturnType<typeof prepare>>

export const measure = (amounts: Amounts, { measurer, urls }: Prepared) =>
  Effect.gen(function* () {
    for (const url of urls) yield* execute(url, ["vacuum analyze", "checkpoint"])
    const found = yield* measurer.ask({ _tag: "Claims", urls, samples: amounts.claims }, Protocol.Claims)
    const [none, some, many] = found
    if (none === undefined || some === undefined || many === undefined) {
      return yield* new BenchError({ message: "claims were not measured in all tables" })
    }
    const spreads = { "0": spread(none), "100000": spread(some), "1000000": spread(many) }
    for (const [count, { p50, p99 }] of Object.entries(spreads)) {
      yield* progress(`claims with ${count} finished jobs: p50 ${p50} ms, p99 ${p99} ms`)
    }
    return spreads
  })
