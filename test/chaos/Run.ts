/** One run: workers, load and faults for a while; then everything is let come to its end, and is reckoned up. */
import * as SqlClient from "@effect/sql/SqlClient"
import { Chunk, Context, Duration, Effect, Fiber, Layer, Schedule, type Scope, Stream } from "effect"
import * as Database from "../../src/database/Database.ts"
import * as PostgresJobStore from "../../src/queue/JobStore/Postgres.ts"
import { type Enqueued, JobStore } from "../../src/queue/JobStore.ts"
import { QueueSettings } from "../../src/queue/QueueSettings.ts"
import * as Outside from "../queue/programs/Outside.ts"
import * as Proxy from "../support/Proxy.ts"
import * as Faults from "./Faults.ts"
import * as Fleet from "./Fleet.ts"
import { load } from "./Load.ts"
import type { Place } from "./Place.ts"
import * as Reckoning from "./Reckoning.ts"
import type { Fault } from "./Schedule.ts"

export interface Options {
  readonly seed: number
  readonly faults: ReadonlyArray<Fault>
  readonly duration: Duration.Duration
  /** The folder of the built programs. */
  readonly programs: string
  /** Takes a line about how it stands, now and then. */
  readonly tell: (line: string) => Effect.Effect<void>
}

export interface Outcome {
  readonly jobs: number
  readonly tally: Faults.Tally
  readonly recoveries: ReadonlyArray<Reckoning.Recovery>
  readonly lost: ReadonlyArray<string>
  readonly doubled: ReadonlyArray<string>
  readonly violations: ReadonlyArray<string>
}

/** How long everything may take to come to its end once nothing disturbs it: backoffs, leases, and what waits alone. */
const endWithin = Duration.minutes(3)

const open = (place: Place) =>
  Layer.build(
    PostgresJobStore.layer.pipe(
      Layer.provideMerge(Database.layerFromUrl({ url: place.url, applicationName: "holdfast chaos" }))
    )
  ).pipe(Effect.orDie)

export const run = (place: Place, options: Options): Effect.Effect<Outcome, never, Scope.Scope> =>
  Effect.gen(function* () {
    const context = yield* open(place)
    const store = Context.get(context, JobStore)
    const onDatabase = Effect.provide(context)
    yield* Outside.create(Context.get(context, SqlClient.SqlClient))
    // Workers only: what cuts them off must not blind who looks on.
    const { proxy, url } = yield* Proxy.before(place.url)
    const fleet = yield* Fleet.make({ place, url, programs: options.programs })

    const answers: Array<Enqueued> = []
    const tally = Faults.nothingYet()
    const told = yield* Effect.forkScoped(
      store.counts.pipe(
        Effect.flatMap(({ completed, pending, processing }) =>
          options.tell(
            `${completed} completed, ${processing} processing, ${pending} pending; ${Faults.inWords(tally)}`
          )
        ),
        Effect.ignore,
        Effect.schedule(Schedule.spaced("10 seconds"))
      )
    )
    const faults = onDatabase(Faults.commitAll(place, fleet, proxy, options.faults, tally))
    yield* Effect.all([load(store, options.seed, answers), faults], { concurrency: 2 }).pipe(
      Effect.timeoutOption(options.duration)
    )
    yield* proxy.heal

    yield* options.tell("no more faults; waiting for the end of what was enqueued")
    yield* store.counts.pipe(
      Effect.map(({ pending, processing }) => pending + processing === 0),
      // It may be restarting still.
      Effect.orElseSucceed(() => false),
      Effect.repeat({ schedule: Schedule.spaced("200 millis"), until: (isOver) => isOver }),
      Effect.timeoutOption(endWithin)
    )
    yield* fleet.end
    yield* Fiber.interrupt(told)

    const { doubles, restarts, rows } = yield* onDatabase(Reckoning.read)
    const violations = yield* Effect.orDie(
      Stream.runCollect(store.audit({ perInstallation: QueueSettings.defaults.perInstallation }))
    )
    return {
      jobs: rows.length,
      tally,
      recoveries: Reckoning.recoveries(fleet.kills, restarts),
      lost: Reckoning.lost(answers, rows),
      doubled: Reckoning.doubled(doubles),
      violations: [
        ...Chunk.toReadonlyArray(violations).map(
          ({ _tag, jobId, message }) => `job ${jobId}: ${_tag}: ${message}`
        ),
        ...fleet.mishaps
      ]
    }
  })
