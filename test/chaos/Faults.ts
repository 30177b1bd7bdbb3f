/** Does what the schedule says, when it says so, to whoever is there then. */
import * as SqlClient from "@effect/sql/SqlClient"
import { Effect, Schedule } from "effect"
import { named, type Proxy } from "../support/Proxy.ts"
import type { Fleet } from "./Fleet.ts"
import type { Place } from "./Place.ts"
import { type Fault, type Kind, kinds } from "./Schedule.ts"

/** How many faults of each kind have happened. */
export type Tally = Record<Kind, number>

/** Of those that it is asked about, it takes each third, beginning with the one that `whom` says. */
const everyThird = (whom: number) => {
  let seen = Math.floor(whom * 3)
  return () => seen++ % 3 === 0
}

/** Ends some sessions on the server. Whoever looks on is not part of it, and neither is the server's own holder. */
const terminate = (whom: number) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and backend_type = 'client backend'
        and application_name <> 'holdfast chaos' and pid % 3 = ${Math.floor(whom * 3)}::integer`
  ).pipe(
    // There was nobody, or the server is away itself.
    Effect.filterOrFail((rows) => rows.length > 0),
    Effect.retry(Schedule.spaced("50 millis")),
    Effect.orDie
  )

/** Ends when it has happened. */
const commit = (place: Place, fleet: Fleet, proxy: Proxy, { kind, whom }: Fault) => {
  switch (kind) {
    case "kill":
      return fleet.kill(whom)
    case "stop":
      return fleet.stop(whom)
    case "term":
      return fleet.term(whom)
    case "restart":
      return place.restart
    case "terminate":
      return terminate(whom)
    case "cut":
      return proxy.cut(everyThird(whom))
    case "loseAnswer":
      return Effect.flatten(proxy.loseAnswer("holdfast_exchange"))
    case "halfOpen": {
      const some = everyThird(whom)
      return proxy.halfOpen("toClient", (startup) => named("holdfast worker")(startup) && some())
    }
  }
}

/** Commits the faults at their times, none waiting for the end of another, and never ends; the tally grows meanwhile. */
export const commitAll = (
  place: Place,
  fleet: Fleet,
  proxy: Proxy,
  faults: ReadonlyArray<Fault>,
  tally: Tally
): Effect.Effect<never, never, SqlClient.SqlClient> =>
  Effect.forEach(
    faults,
    (fault) =>
      Effect.sleep(fault.at).pipe(
        Effect.zipRight(commit(place, fleet, proxy, fault)),
        Effect.zipRight(
          Effect.sync(() => {
            tally[fault.kind]++
          })
        )
      ),
    { concurrency: "unbounded", discard: true }
  ).pipe(Effect.zipRight(Effect.never))

export const nothingYet = (): Tally => ({
  kill: 0,
  term: 0,
  stop: 0,
  restart: 0,
  terminate: 0,
  cut: 0,
  loseAnswer: 0,
  halfOpen: 0
})

/** In words, as in `12 kill, 2 term`. */
export const inWords = (tally: Tally): string => kinds.map((kind) => `${tally[kind]} ${kind}`).join(", ")
