/** (c) Jobs per second that one caller puts in, one by one and in bulk. */
import { Effect } from "effect"
import type { Amounts } from "../Amounts.ts"
import { progress } from "../host/Progress.ts"
import { type Measurer, Stage } from "../host/Stage.ts"
import { median, round } from "../host/Statistics.ts"
import * as Protocol from "../programs/Protocol.ts"
import { forRounds } from "./Rounds.ts"
import { perSystem, systems } from "./Systems.ts"

export const measure = (amounts: Amounts) =>
  Effect.gen(function* () {
    const { measurer, server } = yield* Stage
    const { bulk, oneByOne } = amounts
    const once = (measurer: Measurer) =>
      Effect.flatMap(server.database, ({ url }) =>
        measurer.ask({ _tag: "Enqueue", url, oneByOne, bulk }, Protocol.Enqueue)
      ).pipe(Effect.scoped)

    const measurers = yield* perSystem(measurer)
    const found = yield* perSystem(() => Effect.succeed<Array<Protocol.Enqueue>>([]))
    yield* forRounds(amounts, "enqueue", (n) =>
      Effect.gen(function* () {
        for (const name of systems) {
          const rates = yield* once(measurers[name])
          found[name].push(rates)
          yield* progress(
            `enqueue, round ${n}: ${name} ${rates.oneByOne.toFixed(0)} one by one, ${rates.bulk.toFixed(0)} in bulk (jobs/s)`
          )
        }
      })
    )
    return yield* perSystem((name) =>
      Effect.succeed({
        oneByOne: round(median(found[name].map((rates) => rates.oneByOne))),
        bulk: round(median(found[name].map((rates) => rates.bulk)))
      } satisfies Protocol.Enqueue)
    )
  }).pipe(Effect.scoped)
