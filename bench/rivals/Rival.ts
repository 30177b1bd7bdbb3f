/** What every measured queue is driven through, so that all are asked the same. */
import type { Effect, Scope } from "effect"

/** Puts jobs into the queue. Jobs are numbered, and no number is used twice in one database. */
export interface Producer {
  readonly one: (job: number) => Effect.Effect<void>
  /** The queue's own way for many at once; where it has none, one transaction around single ones. */
  readonly many: (jobs: ReadonlyArray<number>) => Effect.Effect<void>
}

export interface Work {
  readonly concurrency: number
  /** To be called when a handler starts; that is all that it does. */
  readonly onStart: () => void
}

export interface Rival {
  /** Makes the tables in an empty database. */
  readonly prepare: (url: string) => Effect.Effect<void>
  readonly producer: (url: string) => Effect.Effect<Producer, never, Scope.Scope>
  /** Runs jobs until the scope closes; returns as soon as it runs. */
  readonly work: (url: string, work: Work) => Effect.Effect<void, never, Scope.Scope>
  /** A condition in SQL: whether there is a job that is not written down as done. */
  readonly unfinished: string
  /** Where it polls, the pause between two polls; samples of its latency are spread over it. */
  readonly pollMillis: number
}
