/** A simulated process's way to the store, and what can go wrong on it. */
import { Clock, Deferred, Duration, Effect, Stream } from "effect"
import type { WorkerId } from "../../src/queue/Job.ts"
import { StoreUnavailable } from "../../src/queue/JobError.ts"
import type { JobStore } from "../../src/queue/JobStore.ts"

type Store = typeof JobStore.Service

/** How long the way is cut, and what that is like. */
export interface Stall {
  readonly millis: number
  /** A call fails, or it hangs and goes through after all once the way is open again. */
  readonly calls: "fail" | "hang"
  /** Whether the store notices that the worker's session is gone. */
  readonly session: "stays" | "breaks"
}

export interface Link {
  readonly store: Store
  /** A SIGKILL: the process neither writes nor learns anything any more. */
  readonly kill: Effect.Effect<void>
  readonly isDead: Effect.Effect<boolean>
  readonly stall: (stall: Stall) => Effect.Effect<void>
  readonly isStalled: Effect.Effect<boolean>
  /** The next calls are carried out, but their answers don't arrive. */
  readonly loseAnswers: (count: number) => Effect.Effect<void>
}

const unavailable = (message: string) =>
  new StoreUnavailable({ operation: "simulated", message, cause: new Error(message) })

/** @param draining is told which worker says that it drains */
export const make = (store: Store, draining: (worker: WorkerId) => void): Effect.Effect<Link> =>
  Effect.gen(function* () {
    const death = yield* Deferred.make<void>()
    const isDead = Deferred.isDone(death)
    let broken = yield* Deferred.make<void>()
    let until = 0
    let calls: Stall["calls"] = "fail"
    let lost = 0

    const stalledFor = Effect.map(Clock.currentTimeMillis, (now) => Math.max(0, until - now))

    const through = <A, E>(call: Effect.Effect<A, E>): Effect.Effect<A, E | StoreUnavailable> =>
      Effect.gen(function* () {
        if (yield* isDead) return yield* unavailable("the process is dead")
        const millis = yield* stalledFor
        if (millis > 0 && calls === "fail") return yield* unavailable("the way is cut")
        if (millis > 0) yield* Effect.sleep(Duration.millis(millis))
        if (yield* isDead) return yield* unavailable("the process is dead")
        const answer = yield* call
        if (lost === 0) return answer
        lost--
        return yield* unavailable("the answer was lost")
        // As with a database: what was sent runs to its end, and who is interrupted does not wait for it.
      }).pipe(Effect.uninterruptible, Effect.disconnect)

    return {
      store: {
        ...store,
        claim: (...args) => through(store.claim(...args)),
        claimQuarantined: (...args) => through(store.claimQuarantined(...args)),
        exchange: (...args) => through(store.exchange(...args)),
        disown: (...args) => through(store.disown(...args)),
        beat: (...args) => through(store.beat(...args)),
        settle: (...args) => through(store.settle(...args)),
        check: (...args) => through(store.check(...args)),
        saveStep: (...args) => through(store.saveStep(...args)),
        markDraining: (worker) => {
          draining(worker)
          return through(store.markDraining(worker))
        },
        retireWorker: (...args) => through(store.retireWorker(...args)),
        rescue: through(store.rescue),
        prune: through(store.prune),
        session: (worker) =>
          Stream.unwrap(
            Effect.map(stalledFor, (millis) =>
              millis > 0
                ? Stream.fail(unavailable("the way is cut"))
                : Stream.merge(
                    store.session(worker),
                    Stream.fromEffect(
                      Effect.zipRight(
                        Effect.raceFirst(Deferred.await(death), Deferred.await(broken)),
                        unavailable("the session broke")
                      )
                    )
                  )
            )
          )
      },
      kill: Effect.asVoid(Deferred.succeed(death, undefined)),
      isDead,
      isStalled: Effect.map(stalledFor, (millis) => millis > 0),
      stall: (stall) =>
        Effect.gen(function* () {
          until = (yield* Clock.currentTimeMillis) + stall.millis
          calls = stall.calls
          if (stall.session === "stays") return
          const old = broken
          broken = yield* Deferred.make<void>()
          yield* Deferred.succeed(old, undefined)
        }),
      loseAnswers: (count) =>
        Effect.sync(() => {
          lost = count
        })
    } satisfies Link
  })
