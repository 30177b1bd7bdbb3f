/** Statements of the measuring itself, over a connection that the measured queue knows nothing of. */
import { Effect, type Scope } from "effect"
import pg from "pg"

export interface Observer {
  /** Brings every database to the same state before it is timed: statistics taken, nothing left to write. */
  readonly calm: Effect.Effect<void>
  readonly holds: (condition: string) => Effect.Effect<boolean>
}

export const observe = (url: string): Effect.Effect<Observer, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      return client
    }),
    (client) => Effect.promise(() => client.end())
  ).pipe(
    Effect.map((client) => ({
      calm: Effect.promise(async () => {
        await client.query("vacuum analyze")
        await client.query("checkpoint")
      }),
      holds: (condition) =>
        Effect.promise(async () => {
          const { rows } = await client.query<{ holds: boolean }>(`select ${condition} as holds`)
          return rows[0]?.holds === true
        })
    }))
  )
