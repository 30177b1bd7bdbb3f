import { assert, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Ref, Schedule } from "effect"
import type { JobId } from "../../../src/queue/Job.ts"
import * as TestDatabase from "../../support/TestDatabase.ts"
import * as WorkerProcess from "../WorkerProcess.ts"
import * as Bystander from "./Bystander.ts"
import * as Gate from "./Gate.ts"
import { untilDraining } from "./untilDraining.ts"

it.scopedLive("19. Continuous enqueues during a drain → no claim after the signal", () =>
  Effect.gen(function* () {
    const url = yield* TestDatabase.url
    const bystander = yield* Bystander.make(url)
    const gate = yield* Gate.make
    // It has places to spare, and looks for work all the time.
    const worker = yield* WorkerProcess.start(url, { concurrency: 100, pollEvery: Duration.millis(20) })
    const held = yield* bystander.enqueue({ do: "await", file: gate.file })
    yield* worker.saw("started", held.id)

    const enqueued = yield* Ref.make<ReadonlyArray<JobId>>([])
    const enqueuing = yield* bystander.enqueue({ do: "complete" }).pipe(
      Effect.tap(({ id }) => Ref.update(enqueued, (ids) => [...ids, id])),
      Effect.repeat(Schedule.spaced("5 millis")),
      Effect.fork
    )
    const atLeast = (count: number) =>
      Effect.repeat(Ref.get(enqueued), {
        until: (ids) => ids.length >= count,
        schedule: Schedule.spaced("10 millis")
      })
    yield* atLeast(10)
    yield* worker.signal("SIGTERM")
    yield* untilDraining(bystander)
    const before = yield* Ref.get(enqueued)
    // The one job that it still runs keeps the drain open for a while.
    yield* atLeast(before.length + 50)
    yield* gate.open
    assert.deepStrictEqual(yield* worker.ended, { code: 0, signal: null })
    yield* Fiber.interrupt(enqueuing)

    const after = (yield* Ref.get(enqueued)).slice(before.length + 1)
    assert.isAtLeast(after.length, 49)
    const states = yield* bystander.sql`
      select distinct status, lease_epoch::integer as claims from review_jobs
      where id >= ${Math.min(...after)}`
    assert.deepStrictEqual(states, [{ status: "pending", claims: 0 }])
    const started = worker.events().flatMap((event) => (event.event === "started" ? [event.job] : []))
    assert.isEmpty(started.filter((job) => after.some((id) => id === job)))
    yield* bystander.until(held.id, "completed")
    // Nothing is lost: the next worker has it.
    const running = yield* bystander.sql`select id from review_jobs where status = 'processing'`
    assert.deepStrictEqual(running, [])
  })
)
