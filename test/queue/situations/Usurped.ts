/** A worker that was thought dead and is not: another one has its job now. */
import { assert } from "@effect/vitest"
import { Deferred, Duration, Effect, Option, type Redacted } from "effect"
import type { JobId } from "../../../src/queue/Job.ts"
import { QueueSettings } from "../../../src/queue/QueueSettings.ts"
import * as TestDatabase from "../../support/TestDatabase.ts"
import type { Payload } from "../programs/Protocol.ts"
import * as WorkerProcess from "../WorkerProcess.ts"
import * as Bystander from "./Bystander.ts"
import * as Watched from "./Watched.ts"

type Client = Effect.Effect.Success<ReturnType<typeof Bystander.make>>

/** The row, but for what its present worker's beats move. */
const standing = ({ sql }: Client, id: JobId) =>
  sql`select to_jsonb(job) - 'lease_expires_at' as job from review_jobs job where id = ${id}`

type Line = readonly [to: string, why: string, epoch: number, worker: number | null]

const lines = ({ store }: Client, id: JobId) =>
  Effect.map(store.transitions(id), (all) =>
    all.map(({ epoch, to, why, workerId }): Line => [to, why._tag, epoch, Option.getOrNull(workerId)])
  )

/** Two claims of one job at one store. The first one's lease ran out, and it does not know. */
export const claims = Effect.gen(function* () {
  const url = yield* TestDatabase.url
  const bystander = yield* Effect.provideService(Bystander.make(url), QueueSettings, {
    ...QueueSettings.defaults,
    lease: Duration.millis(1)
  })
  const { sql, store } = bystander
  const { id } = yield* bystander.enqueue({ do: "complete" })
  const claim = Effect.gen(function* () {
    const worker = yield* store.registerWorker({ host: "test", pid: process.pid, version: "0" })
    const [claimed] = (yield* store.claim(worker, 1)).jobs
    return claimed ?? (yield* Effect.dieMessage("nothing to claim"))
  })
  const first = yield* claim
  yield* Effect.repeat(store.rescue, { until: (rescued) => rescued.length === 1 })
  const second = yield* claim
  assert.strictEqual(second.job.id, first.job.id)
  return {
    store,
    first: first.lease,
    second: second.lease,
    /** What the effect does changes nothing at all of the job. */
    untouchedBy: <A, E>(effect: Effect.Effect<A, E>) =>
      Effect.gen(function* () {
        const all = Effect.all([
          sql`select * from review_jobs`,
          sql`select * from job_transitions order by id`
        ])
        const before = yield* all
        const result = yield* effect
        assert.deepStrictEqual(yield* all, before)
        return result
      }),
    /** The second claim ends as if there had never been another one. */
    secondCompletes: Effect.gen(function* () {
      yield* store.settle(second.lease, { _tag: "Complete" })
      assert.deepStrictEqual((yield* lines(bystander, id)).slice(3), [
        ["processing", "Claimed", 2, second.lease.worker],
        ["completed", "Succeeded", 2, second.lease.worker]
      ])
    })
  }
})

const settings = {
  concurrency: 1,
  lease: Duration.seconds(5),
  beatEvery: Duration.millis(200),
  pollEvery: Duration.millis(200),
  rescueEvery: Duration.millis(200)
}

/** A worker within the test that runs one job, and ends it when it is told to. */
const successor = (url: Redacted.Redacted) =>
  Effect.gen(function* () {
    const begun = yield* Deferred.make<void>()
    const finish = yield* Deferred.make<void>()
    const over = yield* Deferred.make<"ended" | "interrupted">()
    yield* Watched.start({
      url,
      settings,
      handle: () =>
        Deferred.succeed(begun, undefined).pipe(
          Effect.zipRight(Deferred.await(finish)),
          Effect.zipRight(Deferred.succeed(over, "ended")),
          Effect.onInterrupt(() => Deferred.succeed(over, "interrupted"))
        )
    })
    return {
      begun: Deferred.await(begun),
      finish: Effect.zipRight(Deferred.succeed(finish, undefined), Deferred.await(over))
    }
  })

interface Stall {
  readonly payload: Payload
  /** Has the process do nothing more. */
  readonly hold: (stalled: WorkerProcess.WorkerProcess) => Effect.Effect<void>
  /** Has it go on. */
  readonly wake: (stalled: WorkerProcess.WorkerProcess) => Effect.Effect<void>
}

/** A worker process that did nothing in the midst of its job, until another worker had begun the job anew. */
const stall = ({ hold, payload, wake }: Stall) =>
  Effect.gen(function* () {
    const url = yield* TestDatabase.url
    const bystander = yield* Bystander.make(url)
    const stalled = yield* WorkerProcess.start(url, settings)
    const { id } = yield* bystander.enqueue(payload)
    yield* stalled.saw("started", id)
    yield* hold(stalled)
    const other = yield* successor(url)
    yield* other.begun
    const before = yield* standing(bystander, id)
    yield* wake(stalled)
    return {
      bystander,
      id,
      stalled,
      /** Once the stalled worker has said and written all that it had to, the other's job stands as it stood, and ends. */
      otherIsUntouched: Effect.gen(function* () {
        yield* stalled.signal("SIGTERM")
        assert.deepStrictEqual(yield* stalled.ended, { code: 0, signal: null })
        assert.deepStrictEqual(yield* standing(bystander, id), before)
        assert.strictEqual(yield* other.finish, "ended")
        yield* bystander.until(id, "completed")
        const written = yield* lines(bystander, id)
        assert.deepStrictEqual(
          written.map(([to, why, epoch]) => [to, why, epoch]),
          [
            ["pending", "Enqueued", 0],
            ["processing", "Claimed", 1],
            ["pending", "WorkerDied", 1],
            ["processing", "Claimed", 2],
            ["completed", "Succeeded", 2]
          ]
        )
        assert.notStrictEqual(written[1]?.[3], written[3]?.[3])
        assert.strictEqual(written[4]?.[3], written[3]?.[3])
      })
    }
  })

/** Stopped as a whole. @param atWake what happens before it goes on */
export const stoppedProcess = (payload: Payload, atWake: Effect.Effect<void> = Effect.void) =>
  stall({
    payload,
    hold: (stalled) => stalled.signal("SIGSTOP"),
    wake: (stalled) => Effect.zipRight(atWake, stalled.signal("SIGCONT"))
  })

/** Blocked by its own handler. @param unblock has the handler go on */
export const blockedProcess = (payload: Payload, unblock: Effect.Effect<void>) =>
  stall({ payload, hold: () => Effect.void, wake: () => unblock })
