/** What the log says of a worker's session that breaks, and that the worker looks for work all the same. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, Fiber, Layer, Logger, Ref, Stream, TestClock } from "effect"
import { StoreUnavailable } from "../../src/queue/JobError.ts"
import * as Memory from "../../src/queue/JobStore/Memory.ts"
import { JobStore } from "../../src/queue/JobStore.ts"
import { QueueSettings } from "../../src/queue/QueueSettings.ts"
import * as Wakeup from "../../src/queue/Wakeup.ts"
import * as Worker from "../../src/queue/Worker.ts"

const broken = new StoreUnavailable({
  operation: "JobStore.session",
  message: "no route to host",
  cause: undefined
})

/** A wakeup whose session breaks so often before it stands, with what the log says at the level of information and above. */
const wakeupAfter = (failures: number) =>
  Effect.gen(function* () {
    const said: Array<string> = []
    const tries = yield* Ref.make(0)
    const store = Context.get(yield* Layer.build(Memory.layer), JobStore)
    const session = () =>
      Stream.unwrap(
        Effect.map(
          Ref.updateAndGet(tries, (n) => n + 1),
          (n) =>
            n <= failures ? Stream.fail(broken) : Stream.concat(Stream.succeed(undefined), Stream.never)
        )
      )
    const log = Logger.make(({ logLevel, message }) => said.push(`${logLevel.label} ${message}`))
    const context = yield* Layer.build(
      Wakeup.layer.pipe(
        Layer.provide(Worker.layer({ host: "test", pid: 1, version: "0" })),
        Layer.provide(Layer.succeed(JobStore, { ...store, session })),
        Layer.provide(Logger.replace(Logger.defaultLogger, log))
      )
    ).pipe(Effect.fork)
    yield* TestClock.adjust("1 second")
    return { wakeup: Context.get(yield* Fiber.join(context), Wakeup.Wakeup), said, tries: Ref.get(tries) }
  })

describe("a worker's session", () => {
  it.scoped("that stands at once is not worth a word", () =>
    Effect.gen(function* () {
      const { said } = yield* wakeupAfter(0)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(said, [])
    })
  )

  it.scoped("that does not stand is told once, and once that it stands again", () =>
    Effect.gen(function* () {
      const { said, tries } = yield* wakeupAfter(20)
      assert.match(said.join("\n"), /^WARN the worker's session broke.*no route to host$/)
      yield* TestClock.adjust("5 minutes")
      assert.strictEqual(yield* tries, 21)
      assert.lengthOf(said, 2)
      assert.strictEqual(said[1], "INFO the worker's session stands again")
    })
  )

  it.scoped("that never stands leaves the poll", () =>
    Effect.gen(function* () {
      const { wakeup } = yield* wakeupAfter(Number.POSITIVE_INFINITY)
      const next = yield* Effect.fork(wakeup.next)
      yield* TestClock.adjust(Duration.times(QueueSettings.defaults.pollEvery, 1))
      yield* Fiber.join(next)
    })
  )
})
