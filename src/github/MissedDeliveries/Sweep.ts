/** One look for deliveries that never arrived, and their ingestion. */
import type * as SqlClient from "@effect/sql/SqlClient"
import { Array as Arr, Cause, DateTime, Duration, Effect, Option, Ref } from "effect"
import type { DatabaseError } from "../../database/DatabaseError.ts"
import type { Forbidden, GithubError, RateLimited } from "../GithubError.ts"
import { HookDeliveries, type HookDelivery } from "../HookDeliveries.ts"
import { outcomeOf } from "../Ingest.ts"
import { Intake } from "../Intake.ts"
import { listMissed } from "./List.ts"

/** GitHub remembers deliveries for so long: https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks */
const remembered = Duration.days(3)
/** A delivery may enter GitHub's list later than one that began after it. */
const overlap = Duration.minutes(10)
/** So many failures in a row are not due to a delivery. */
const mostFailures = 3

/** What a process remembers of its sweeps. */
export interface Memory {
  /** GitHub's time up to which nothing is missing but what is hopeless. */
  readonly seenUpTo: Option.Option<DateTime.Utc>
  /** GUIDs of missing deliveries that can't be had, or can't be read. */
  readonly hopeless: ReadonlySet<string>
}

export const makeMemory: Effect.Effect<Ref.Ref<Memory>> = Ref.make<Memory>({
  seenUpTo: Option.none(),
  hopeless: new Set()
})

/** What a sweep came to. */
export interface Swept {
  /** How many tries to deliver GitHub told of. */
  readonly listed: number
  readonly ingested: number
  /** Can't be had or read: given up. */
  readonly hopeless: number
  /** Could not be ingested this time. */
  readonly left: number
}

type Ended = "ingested" | "hopeless" | "left"

const ended = (
  outcome: Ended,
  { action, event, guid }: HookDelivery,
  message: string
): Effect.Effect<Ended> => {
  const log = outcome === "ingested" ? Effect.logInfo : Effect.logWarning
  return log(outcome === "ingested" ? "Missed delivery" : "A missed delivery could not be ingested").pipe(
    Effect.annotateLogs({ event, action, delivery: guid, outcome: message }),
    Effect.as(outcome)
  )
}

/** One that can't be had or read must not stop the others, whatever is wrong with it. */
const ingestMissed = (
  missed: HookDelivery
): Effect.Effect<Ended, RateLimited | Forbidden, HookDeliveries | Intake> =>
  Effect.gen(function* () {
    const github = yield* HookDeliveries
    const intake = yield* Intake
    const { event, guid, id } = missed
    const payload = yield* github.payloadOf(id)
    const ingested = yield* intake.take({ event, guid, payload }, "sweep")
    return yield* ended("ingested", missed, outcomeOf(ingested).outcome)
  }).pipe(
    Effect.catchTags({
      NotFound: ({ message }) => ended("hopeless", missed, message),
      ValidationFailed: ({ message }) => ended("hopeless", missed, message),
      UnexpectedAnswer: ({ message }) => ended("hopeless", missed, message),
      IncompleteEvent: ({ message }) => ended("hopeless", missed, message),
      ServerError: ({ message }) => ended("left", missed, message),
      NetworkError: ({ message }) => ended("left", missed, message),
      IngestUnavailable: ({ message }) => ended("left", missed, message)
    }),
    Effect.catchAllDefect((defect) =>
      ended("hopeless", missed, Cause.pretty(Cause.die(defect)).split("\n")[0] ?? "")
    )
  )

/** Each with how it ended; those after several failures in a row are left. */
const ingestAll = (missed: ReadonlyArray<HookDelivery>) =>
  Effect.gen(function* () {
    const all: Array<{ readonly missed: HookDelivery; readonly ended: Ended }> = []
    let failures = 0
    for (const one of missed) {
      const ended = failures < mostFailures ? yield* ingestMissed(one) : "left"
      failures = ended === "left" ? failures + 1 : 0
      all.push({ missed: one, ended })
    }
    return all
  })

/**
 * Ingests what is missing. Where GitHub limits or refuses the App's requests the sweep ends; what it has ingested stays,
 * and the next one goes on.
 */
export const sweep = (
  memory: Ref.Ref<Memory>
): Effect.Effect<Swept, GithubError | DatabaseError, HookDeliveries | Intake | SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const before = yield* Ref.get(memory)
    const threeDays = DateTime.subtractDuration(yield* DateTime.now, remembered)
    const since = Option.match(before.seenUpTo, {
      onNone: () => threeDays,
      onSome: (seen) => DateTime.max(threeDays, DateTime.subtractDuration(seen, overlap))
    })
    const { count, missed, newest } = yield* listMissed(since, before.hopeless)
    const all = yield* ingestAll(missed)
    const having = (ended: Ended) => all.filter((one) => one.ended === ended).map(({ missed }) => missed)
    const hopeless = having("hopeless")
    const left = having("left")
    yield* Ref.set(memory, {
      hopeless: new Set([...before.hopeless, ...hopeless.map(({ guid }) => guid)]),
      seenUpTo: Arr.reduce(
        left,
        Option.orElse(newest, () => before.seenUpTo),
        (seen, { deliveredAt }) => Option.map(seen, (time) => DateTime.min(time, deliveredAt))
      )
    })
    return {
      listed: count,
      ingested: having("ingested").length,
      hopeless: hopeless.length,
      left: left.length
    }
  }).pipe(Effect.withSpan("MissedDeliveries.sweep"))
