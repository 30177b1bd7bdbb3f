/** What can go wrong between Holdfast and GitHub, on demand. */
import { Deferred, Effect, Option, Schema } from "effect"
import { pathPattern } from "./PathPattern.ts"

/** The state is changed; the answer comes this much later. */
const Delay = Schema.TaggedStruct("Delay", { milliseconds: Schema.NonNegativeInt })
/** The request, or after being applied its answer, is kept until somebody releases it. */
const Hold = Schema.TaggedStruct("Hold", { when: Schema.Literal("before", "after") })
/** Applied, and then the connection is reset without an answer. */
const LoseAnswer = Schema.TaggedStruct("LoseAnswer", {})
/** The connection is reset and nothing is applied. */
const ResetBefore = Schema.TaggedStruct("ResetBefore", {})
/** 5xx; applied or not, which a client can't tell. */
const ServerFailure = Schema.TaggedStruct("ServerFailure", {
  status: Schema.Literal(500, 502, 503, 504),
  applied: Schema.Boolean
})
/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit */
const PrimaryLimit = Schema.TaggedStruct("PrimaryLimit", {
  status: Schema.Literal(403, 429),
  resetSeconds: Schema.NonNegativeInt
})
/** As above; without `retryAfterSeconds` the header is missing, which GitHub documents as possible. */
const SecondaryLimit = Schema.TaggedStruct("SecondaryLimit", {
  status: Schema.Literal(403, 429),
  retryAfterSeconds: Schema.optional(Schema.NonNegativeInt)
})
/** A reading that does not see the last change of what it reads, as a replica that lags. */
const StaleRead = Schema.TaggedStruct("StaleRead", {})
/** An answer as given, nothing applied: for what GitHub's documentation does not foresee. */
const Answer = Schema.TaggedStruct("Answer", { status: Schema.Int, body: Schema.Unknown })

export const Fault = Schema.Union(
  Delay,
  Hold,
  LoseAnswer,
  ResetBefore,
  ServerFailure,
  PrimaryLimit,
  SecondaryLimit,
  StaleRead,
  Answer
)
export type Fault = typeof Fault.Type

export const FaultRule = Schema.Struct({
  fault: Fault,
  /** Any method when absent. */
  method: Schema.optional(Schema.String),
  /** In the notation of `PathPattern`, as in `/repos/{owner}/{repo}/pulls/{pull_number}/reviews`. Any when absent. */
  path: Schema.optional(Schema.String),
  /** The first matching request that it concerns, counted from 1 since the rule was added. */
  nth: Schema.optional(Schema.Int.pipe(Schema.positive())),
  /** How many matching requests in a row it concerns. 1 when absent; null is for ever. */
  count: Schema.optional(Schema.NullOr(Schema.Int.pipe(Schema.positive())))
})
export type FaultRule = typeof FaultRule.Type

interface FaultHandle {
  readonly id: number
  /** Lets go what is held, and what would be held later. */
  readonly release: Effect.Effect<void>
  /** Requests that met it so far. */
  readonly hits: Effect.Effect<number>
  readonly remove: Effect.Effect<void>
}

/** A fault that a request has met. */
export interface MetFault {
  readonly fault: Fault
  readonly released: Effect.Effect<void>
}

export interface Faults {
  readonly add: (rule: FaultRule) => Effect.Effect<FaultHandle>
  readonly get: (id: number) => Effect.Effect<Option.Option<FaultHandle>>
  readonly list: Effect.Effect<
    ReadonlyArray<{ readonly id: number; readonly rule: FaultRule; readonly hits: number }>
  >
  /** Removes all rules and releases whatever is held. */
  readonly clear: Effect.Effect<void>
  /** For the exchange: counts the request, and gives the first rule that concerns it. */
  readonly meet: (method: string, path: string) => Effect.Effect<Option.Option<MetFault>>
}

interface Active {
  readonly id: number
  readonly rule: FaultRule
  readonly concerns: (method: string, path: string) => boolean
  readonly release: Deferred.Deferred<void>
  matched: number
  hits: number
}

export const makeFaults: Effect.Effect<Faults> = Effect.sync(() => {
  const active = new Map<number, Active>()
  let nextId = 1

  const handle = (one: Active): FaultHandle => ({
    id: one.id,
    release: Effect.asVoid(Deferred.succeed(one.release, undefined)),
    hits: Effect.sync(() => one.hits),
    remove: Effect.suspend(() => {
      active.delete(one.id)
      return Effect.asVoid(Deferred.succeed(one.release, undefined))
    })
  })

  return {
    add: (rule) =>
      Effect.gen(function* () {
        const pattern = rule.path === undefined ? undefined : pathPattern(rule.path)
        const one: Active = {
          id: nextId++,
          rule,
          concerns: (method, path) =>
            (rule.method === undefined || rule.method.toUpperCase() === method) &&
            (pattern === undefined || pattern.match(path) !== undefined),
          release: yield* Deferred.make<void>(),
          matched: 0,
          hits: 0
        }
        active.set(one.id, one)
        return handle(one)
      }),
    get: (id) => Effect.sync(() => Option.map(Option.fromNullable(active.get(id)), handle)),
    list: Effect.sync(() => [...active.values()].map(({ id, rule, hits }) => ({ id, rule, hits }))),
    clear: Effect.suspend(() => {
      const all = [...active.values()]
      active.clear()
      return Effect.forEach(all, (one) => Deferred.succeed(one.release, undefined), { discard: true })
    }),
    meet: (method, path) =>
      Effect.sync(() => {
        let met: Active | undefined
        for (const one of active.values()) {
          if (!one.concerns(method, path)) continue
          one.matched++
          const first = one.rule.nth ?? 1
          const count = one.rule.count === undefined ? 1 : one.rule.count
          const inRange = one.matched >= first && (count === null || one.matched < first + count)
          if (inRange && met === undefined) met = one
        }
        if (met === undefined) return Option.none()
        met.hits++
        return Option.some({ fault: met.rule.fault, released: Deferred.await(met.release) })
      })
  }
})
