/**
 * When to look for work: at a hint, or when the poll is due, whichever comes first. Hints make the queue quick; the poll
 * makes it right, since a hint can be lost with its connection.
 */
import { Context, Deferred, Duration, Effect, Layer, Queue, Ref, Schedule, Stream } from "effect"
import type { StoreUnavailable } from "./JobError.ts"
import { JobStore } from "./JobStore.ts"
import { QueueSettings } from "./QueueSettings.ts"
import { Worker } from "./Worker.ts"

export class Wakeup extends Context.Tag("holdfast/Wakeup")<
  Wakeup,
  {
    /** Waits for a hint that has not been used yet, or for the poll. */
    readonly next: Effect.Effect<void>
    /** Gives a hint from within this process. */
    readonly hint: Effect.Effect<void>
  }
>() {}

const reconnect = Schedule.exponential(Duration.millis(100)).pipe(
  Schedule.union(Schedule.spaced(Duration.seconds(5))),
  Schedule.jittered,
  Schedule.resetAfter(Duration.minutes(1))
)

/**
 * How long the start waits for the session. A worker that died before its session stood would be missed only once its
 * leases had run out.
 */
const patience = Duration.seconds(1)

/** Tells once that there is no session, and once that there is one again, however often it is tried in between. */
const telling = Effect.map(Ref.make(true), (stands) => ({
  broke: ({ message }: StoreUnavailable) =>
    Effect.flatMap(Ref.getAndSet(stands, false), (stood) =>
      stood
        ? Effect.logWarning(
            "the worker's session broke; until it stands again, new jobs are polled for",
            message
          )
        : Effect.logDebug("the worker's session does not stand yet", message)
    ),
  stood: Effect.flatMap(Ref.getAndSet(stands, true), (stood) =>
    stood ? Effect.void : Effect.logInfo("the worker's session stands again")
  )
}))

/** Keeps the worker's session for as long as the scope lives, and opens it again whenever it breaks. */
export const layer: Layer.Layer<Wakeup, never, JobStore | Worker> = Layer.scoped(
  Wakeup,
  Effect.gen(function* () {
    const store = yield* JobStore
    const settings = yield* QueueSettings
    const worker = yield* Worker
    // One hint is as good as many, so a second one that nobody has used yet is dropped.
    const hints = yield* Queue.sliding<void>(1)
    const stands = yield* Deferred.make<void>()
    const { broke, stood } = yield* telling
    yield* store.session(worker.id).pipe(
      Stream.tap(() => Effect.zipRight(Deferred.succeed(stands, undefined), stood)),
      Stream.runForEach(() => Queue.offer(hints, undefined)),
      Effect.tapError(broke),
      Effect.tapDefect((cause) => Effect.logError("the worker's session died", cause)),
      Effect.sandbox,
      Effect.retry(reconnect),
      Effect.forkScoped
    )
    yield* Effect.timeoutOption(Deferred.await(stands), patience)
    return {
      next: Queue.take(hints).pipe(Effect.timeoutOption(settings.pollEvery), Effect.asVoid),
      hint: Effect.asVoid(Queue.offer(hints, undefined))
    }
  })
)
