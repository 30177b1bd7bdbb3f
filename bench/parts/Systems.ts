import { Effect } from "effect"

/** The queues that are measured in everything but batches, in the order in which they take turns. */
export const systems = ["holdfast", "graphile", "pgboss", "effect"] as const
export type System = (typeof systems)[number]
export type PerSystem<A> = { readonly [Name in System]: A }

export const perSystem = <A, E, R>(
  make: (name: System) => Effect.Effect<A, E, R>
): Effect.Effect<PerSystem<A>, E, R> =>
  Effect.all({
    holdfast: make("holdfast"),
    graphile: make("graphile"),
    pgboss: make("pgboss"),
    effect: make("effect")
  })
