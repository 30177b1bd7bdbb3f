/** (b) From the call of enqueue to the start of the handler, when nothing else is to be done. */
import { Effect } from "effect"
import type { Amounts } from "../Amounts.ts"
import { progress } from "../host/Progress.ts"
import { type Measurer, Stage } from "../host/Stage.ts"
import { type Spread, spread } from "../host/Statistics.ts"
import * as Protocol from "../programs/Protocol.ts"
import { forRounds } from "./Rounds.ts"
import { type PerSystem, perSystem, systems } from "./Systems.ts"

export const measure = (amounts: Amounts) =>
  Effect.gen(function* () {
    const { measurer, server } = yield* Stage
    const samples = Math.ceil(amounts.latencySamples / amounts.rounds)
    const once = (measurer: Measurer) =>
      Effect.flatMap(server.database, ({ url }) =>
        measurer.ask({ _tag: "Latency", url, samples }, Protocol.Latencies)
      ).pipe(Effect.scoped)

    const measurers = yield* perSystem(measurer)
    const found = yield* perSystem(() => Effect.succeed<Array<number>>([]))
    yield* forRounds(amounts, "latency", (n) =>
      Effect.gen(function* () {
        for (const name of systems) {
          const millis = yield* once(measurers[name])
          found[name].push(...millis)
          const { p50, p99 } = spread(millis)
          yield* progress(`latency, round ${n}: ${name} p50 ${p50} ms, p99 ${p99} ms`)
        }
      })
    )
    return (yield* perSystem((name) => Effect.succeed(spread(found[name])))) satisfies PerSystem<Spread>
  }).pipe(Effect.scoped)
