/**
 * Notifications as a stream, over a session of its own whose loss is never silent: `PgClient.listen` of sql-pg 0.53
 * goes quiet for ever when its connection dies. This one fails, and is to be retried with a Schedule.
 */
import { Data, Duration, Effect, Queue, Stream } from "effect"
import pg from "pg"
import type { Target } from "./Connection.ts"
import { DatabaseError, type DatabaseUnreachable } from "./DatabaseError.ts"
import * as Session from "./Session.ts"

/** `Connected` comes once, first. What was notified before it is not told: look for yourself what has changed. */
export type ListenEvent = Data.TaggedEnum<{
  Connected: object
  Notified: { readonly payload: string }
}>

export const ListenEvent = Data.taggedEnum<ListenEvent>()

export interface Options<E = never, R = never> extends Target {
  readonly channel: string
  /** Shown in `pg_stat_activity`. */
  readonly applicationName?: string | undefined
  /** Runs on the session before it listens, and again after each reconnect; the place to take its advisory locks. */
  readonly onConnect?: ((session: Session.Session) => Effect.Effect<unknown, E, R>) | undefined
  /** The pause between two checks that the connection still lives. Default 15 seconds. */
  readonly checkEvery?: Duration.DurationInput | undefined
  /** How long a check, and connecting, may take. Default 5 seconds. */
  readonly answerWithin?: Duration.DurationInput | undefined
}

/**
 * Listens on the channel for as long as the stream is run. Fails when the connection is lost or does not answer any
 * more, also when the network swallows everything without a word; never ends otherwise.
 */
export const listen = <E = never, R = never>(
  options: Options<E, R>
): Stream.Stream<ListenEvent, DatabaseError | DatabaseUnreachable | E, R> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const answerWithin = Duration.decode(options.answerWithin ?? "5 seconds")
      const events = yield* Queue.unbounded<ListenEvent>()
      const session = yield* Session.open({
        ...options,
        applicationName: options.applicationName ?? "holdfast listen",
        connectTimeout: answerWithin,
        onNotification: ({ channel, payload }) => {
          if (channel === options.channel)
            events.unsafeOffer(ListenEvent.Notified({ payload: payload ?? "" }))
        }
      })
      const bounded = (statement: string) =>
        session.query(statement).pipe(
          Effect.timeoutFail({
            duration: answerWithin,
            onTimeout: () =>
              DatabaseError.from("listen", new Error("the connection is open, but nothing answers on it"))
          })
        )
      if (options.onConnect !== undefined) {
        yield* Effect.raceFirst(options.onConnect(session), session.lost)
      }
      yield* bounded(`listen ${pg.escapeIdentifier(options.channel)}`)
      const check = Effect.zipRight(Effect.sleep(options.checkEvery ?? "15 seconds"), bounded("select 1"))
      const lost = Effect.raceFirst(session.lost, Effect.forever(check))
      return Stream.concat(Stream.succeed(ListenEvent.Connected()), Stream.fromQueue(events)).pipe(
        Stream.interruptWhen(lost)
      )
    })
  )
