/** The measured queues by their names in the results. Each is loaded only where it is measured. */
import type { Rival } from "./Rival.ts"

export const rivals = {
  holdfast: async () => (await import("./Holdfast.ts")).holdfast,
  graphile: async () => (await import("./Graphile.ts")).graphile,
  graphileBatched: async () => (await import("./Graphile.ts")).graphileBatched,
  pgboss: async () => (await import("./PgBoss.ts")).pgboss,
  pgbossEager: async () => (await import("./PgBoss.ts")).pgbossEager,
  pgbossSingle: async () => (await import("./PgBoss.ts")).pgbossSingle,
  effect: async () => (await import("./EffectQueue.ts")).effectQueue,
  bare: async () => (await import("./BareStatements.ts")).bareStatements
} satisfies { readonly [name: string]: () => Promise<Rival> }

export type RivalName = keyof typeof rivals

export const isRivalName = (name: string): name is RivalName => Object.hasOwn(rivals, name)
