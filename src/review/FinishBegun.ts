/** Works on several things at once, where what has begun is too dear to be thrown away. */
import { Array as Arr, Effect, Option, Ref } from "effect"

/**
 * Like `Effect.forEach`, but for a failure: then nothing further is begun, what has begun is finished, and only then it
 * fails, with what failed first. An interruption or a defect ends everything at once.
 */
export const finishBegun = <A, B, E, R>(
  items: ReadonlyArray<A>,
  work: (item: A) => Effect.Effect<B, E, R>,
  concurrency: number
): Effect.Effect<ReadonlyArray<B>, E, R> =>
  Effect.gen(function* () {
    const failed = yield* Ref.make(Option.none<E>())
    const noteFailure = (error: E) =>
      Effect.as(
        Ref.update(
          failed,
          Option.orElseSome(() => error)
        ),
        Option.none<B>()
      )
    const begin = (item: A) => Effect.catchAll(Effect.asSome(work(item)), noteFailure)
    const unlessFailed = (item: A) =>
      Effect.flatMap(Ref.get(failed), (failure) =>
        Option.isSome(failure) ? Effect.succeedNone : begin(item)
      )
    const done = yield* Effect.forEach(items, unlessFailed, { concurrency })
    return yield* Option.match(yield* Ref.get(failed), {
      onNone: () => Effect.succeed(Arr.getSomes(done)),
      onSome: Effect.fail
    })
  })
