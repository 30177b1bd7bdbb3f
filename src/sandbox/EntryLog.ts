/** Lines in the order of their arrival, which change as news come, with a way to wait for one instead of sleeping. */
import { Deferred, Effect } from "effect"

type Find<Entry> = (entries: ReadonlyArray<Entry>) => Entry | undefined

export interface EntryLog<Entry> {
  readonly entries: Effect.Effect<ReadonlyArray<Entry>>
  readonly clear: Effect.Effect<void>
  /** Waits until `find` finds one, for as long as it takes. */
  readonly awaitEntry: (find: Find<Entry>) => Effect.Effect<Entry>
  /** Gives the new line's number, counted from 1. */
  readonly append: (line: (sequence: number) => Entry) => Effect.Effect<number>
  readonly note: (sequence: number, news: Partial<Entry>) => Effect.Effect<void>
}

interface Waiter<Entry> {
  readonly find: Find<Entry>
  readonly found: Deferred.Deferred<Entry>
}

export const makeEntryLog = <Entry extends { readonly sequence: number }>(): Effect.Effect<EntryLog<Entry>> =>
  Effect.sync(() => {
    let entries: Array<Entry> = []
    let sequence = 0
    const waiters = new Set<Waiter<Entry>>()

    const tell = Effect.suspend(() =>
      Effect.forEach(
        [...waiters],
        (waiter) => {
          const entry = waiter.find(entries)
          if (entry === undefined) return Effect.void
          waiters.delete(waiter)
          return Deferred.succeed(waiter.found, entry)
        },
        { discard: true }
      )
    )

    return {
      entries: Effect.sync(() => [...entries]),
      clear: Effect.sync(() => {
        entries = []
      }),
      awaitEntry: (find) =>
        Effect.gen(function* () {
          const there = find(entries)
          if (there !== undefined) return there
          const waiter: Waiter<Entry> = { find, found: yield* Deferred.make<Entry>() }
          waiters.add(waiter)
          return yield* Deferred.await(waiter.found).pipe(
            Effect.ensuring(Effect.sync(() => waiters.delete(waiter)))
          )
        }),
      append: (line) =>
        Effect.suspend(() => {
          const number = ++sequence
          entries.push(line(number))
          return Effect.as(tell, number)
        }),
      note: (number, news) =>
        Effect.suspend(() => {
          const index = entries.findLastIndex((entry) => entry.sequence === number)
          const entry = entries[index]
          if (entry !== undefined) entries[index] = { ...entry, ...news }
          return tell
        })
    }
  })
