/**
 * SIGINT and SIGTERM. The first begins the shutdown, which the runtime does by interrupting the main fiber; here it is
 * only told. The second cuts the grace short. The third ends the process at once: leases cover what it leaves.
 */
import { Deferred, Effect, Runtime } from "effect"

const names = ["SIGINT", "SIGTERM"] as const

/** Watches for as long as the scope lives. */
export const watch = Effect.gen(function* () {
  const runFork = Runtime.runFork(yield* Effect.runtime())
  const second = yield* Deferred.make<void>()
  let received = 0
  const onSignal = (name: NodeJS.Signals) => {
    received++
    if (received === 1)
      runFork(Effect.logInfo(`${name}: shutting down; a second signal cuts the grace short`))
    else if (received === 2) {
      runFork(
        Effect.logWarning(`${name} again: running jobs are given back now; a third signal ends the process`)
      )
      Deferred.unsafeDone(second, Effect.void)
    } else process.exit(1)
  }
  yield* Effect.acquireRelease(
    Effect.sync(() => names.forEach((name) => process.on(name, onSignal))),
    () => Effect.sync(() => names.forEach((name) => process.off(name, onSignal)))
  )
  return {
    /** Completes at the second signal. */
    hurry: Deferred.await(second)
  }
})
