/** Which of a sandbox's requests meet which fault: rules that count the requests that match them. */
import { Deferred, Effect, Option, Schema } from "effect"

/** The part that all rules have in common. */
export const countingFields = {
  /** The first matching request that it concerns, counted from 1 since the rule was added. */
  nth: Schema.optional(Schema.Int.pipe(Schema.positive())),
  /** How many matching requests in a row it concerns. 1 when absent; null is for ever. */
  count: Schema.optional(Schema.NullOr(Schema.Int.pipe(Schema.positive())))
}

interface CountingRule<Fault> {
  readonly fault: Fault
  readonly nth?: number | undefined
  readonly count?: number | null | undefined
}

export interface FaultHandle {
  readonly id: number
  /** Lets go what is held, and what would be held later. */
  readonly release: Effect.Effect<void>
  /** Requests that met it so far. */
  readonly hits: Effect.Effect<number>
  readonly remove: Effect.Effect<void>
}

/** A fault that a request has met. */
export interface MetFault<Fault> {
  readonly fault: Fault
  readonly released: Effect.Effect<void>
}

export interface FaultQueue<Fault, Rule extends CountingRule<Fault>, Request> {
  readonly add: (rule: Rule) => Effect.Effect<FaultHandle>
  readonly get: (id: number) => Effect.Effect<Option.Option<FaultHandle>>
  readonly list: Effect.Effect<
    ReadonlyArray<{ readonly id: number; readonly rule: Rule; readonly hits: number }>
  >
  /** Removes all rules and releases whatever is held. */
  readonly clear: Effect.Effect<void>
  /** For the exchange: counts the request, and gives the first rule that concerns it. */
  readonly meet: (request: Request) => Effect.Effect<Option.Option<MetFault<Fault>>>
}

interface Active<Rule, Request> {
  readonly id: number
  readonly rule: Rule
  readonly concerns: (request: Request) => boolean
  readonly release: Deferred.Deferred<void>
  matched: number
  hits: number
}

/** `matcher` is asked once for each rule. */
export const makeFaultQueue = <Fault, Rule extends CountingRule<Fault>, Request>(
  matcher: (rule: Rule) => (request: Request) => boolean
): Effect.Effect<FaultQueue<Fault, Rule, Request>> =>
  Effect.sync(() => {
    const active = new Map<number, Active<Rule, Request>>()
    let nextId = 1

    const handle = (one: Active<Rule, Request>): FaultHandle => ({
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
          const one: Active<Rule, Request> = {
            id: nextId++,
            rule,
            concerns: matcher(rule),
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
      meet: (request) =>
        Effect.sync(() => {
          let met: Active<Rule, Request> | undefined
          for (const one of active.values()) {
            if (!one.concerns(request)) continue
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
