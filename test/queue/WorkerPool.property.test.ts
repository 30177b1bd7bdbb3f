/**
 * What the queue promises whatever happens, checked on random histories under virtual time.
 *
 * A failing history is shrunk, and printed with the seed that replays it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, FastCheck as fc, Option, TestClock } from "effect"
import { isLegal, type Job } from "../../src/queue/Job.ts"
import { QueueSettings } from "../../src/queue/QueueSettings.ts"
import type { Transition } from "../../src/queue/Transition.ts"
import { withVirtualTime } from "../support/VirtualTime.ts"
import * as Simulation from "./Simulation.ts"

type Command =
  | { readonly _tag: "Enqueue"; readonly pullRequest: number; readonly commit: number }
  | { readonly _tag: "Wait"; readonly millis: number }
  | { readonly _tag: "Cancel"; readonly pullRequest: number }
  | { readonly _tag: "Start" }
  | { readonly _tag: "Crash"; readonly which: number }
  | { readonly _tag: "Drain"; readonly which: number }

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      _tag: fc.constant("Enqueue" as const),
      pullRequest: fc.integer({ min: 1, max: 8 }),
      commit: fc.integer({ min: 1, max: 4 })
    })
  },
  {
    weight: 4,
    arbitrary: fc.record({ _tag: fc.constant("Wait" as const), millis: fc.integer({ min: 1, max: 40_000 }) })
  },
  {
    weight: 1,
    arbitrary: fc.record({
      _tag: fc.constant("Cancel" as const),
      pullRequest: fc.integer({ min: 1, max: 8 })
    })
  },
  { weight: 1, arbitrary: fc.constant({ _tag: "Start" as const }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("Crash" as const), which: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("Drain" as const), which: fc.nat(3) }) }
)

const run: fc.Arbitrary<Simulation.Run> = fc.record({
  millis: fc.integer({ min: 0, max: 60_000 }),
  ends: fc.constantFrom(
    "succeeds",
    "succeeds",
    "transient",
    "permanent",
    "snooze",
    "retryAfter",
    "defect",
    "interrupts itself"
  ),
  stubborn: fc.boolean()
})

const history = fc.record({
  scripts: fc.array(fc.array(run, { maxLength: 6 }), { minLength: 1, maxLength: 8 }),
  commands: fc.array(command, { minLength: 1, maxLength: 30 })
})

const counted = new Set(["Failed", "Defect", "Interrupted"])

/** A job's ledger must explain its row. */
const audit = (job: Job, ledger: ReadonlyArray<Transition>) => {
  let status: Job["status"] | null = null
  let epoch = 0
  for (const entry of ledger) {
    assert.strictEqual(entry.from, status, "the ledger has a gap")
    assert.isTrue(isLegal(entry.from, entry.to), `${entry.from} → ${entry.to}`)
    assert.strictEqual(
      entry.epoch,
      entry.to === "processing" ? epoch + 1 : epoch,
      "an epoch was skipped or used twice"
    )
    status = entry.to
    epoch = entry.epoch
  }
  assert.strictEqual(job.status, status)
  assert.strictEqual(job.epoch, epoch)
  const counts = (tags: ReadonlySet<string>) => ledger.filter((entry) => tags.has(entry.why._tag)).length
  assert.strictEqual(job.attempts, counts(counted), "attempts are counted failures and nothing else")
  assert.strictEqual(job.crashes, counts(new Set(["WorkerDied"])))
  assert.isAtMost(job.attempts, job.maxAttempts)
}

const check = ({
  commands,
  scripts
}: {
  readonly commands: ReadonlyArray<Command>
  readonly scripts: ReadonlyArray<ReadonlyArray<Simulation.Run>>
}) =>
  Effect.gen(function* () {
    const simulation = yield* Simulation.make(scripts)
    const { observed, store } = simulation
    const enqueued = new Set<Job["id"]>()
    yield* simulation.start

    for (const step of commands) {
      switch (step._tag) {
        case "Enqueue": {
          const { id } = yield* store.enqueue({
            subject: {
              installationId: 1,
              owner: "acme",
              repo: "shop",
              pullRequest: step.pullRequest,
              title: "",
              commitSha: String(step.commit),
              baseBranch: "main"
            },
            trigger: "push"
          })
          enqueued.add(id)
          break
        }
        case "Wait":
          yield* TestClock.adjust(Duration.millis(step.millis))
          break
        case "Cancel":
          yield* store.cancelPullRequest(
            { owner: "acme", repo: "shop", pullRequest: step.pullRequest },
            "closed"
          )
          break
        case "Start":
          if ((yield* simulation.workers) < 3) yield* simulation.start
          break
        case "Crash":
          yield* simulation.crash(step.which)
          break
        case "Drain":
          yield* simulation.drain(step.which)
          break
      }
    }

    if ((yield* simulation.workers) === 0) yield* simulation.start
    const unfinished = Effect.map(store.counts, (counts) => counts.pending + counts.processing)
    for (let minutes = 0; minutes < 120 && (yield* unfinished) > 0; minutes++)
      yield* TestClock.adjust("1 minute")

    assert.strictEqual(yield* unfinished, 0, "a job never came to an end")
    for (const id of enqueued) {
      const job = yield* store.find(id)
      assert.isTrue(Option.isSome(job), "a job was lost")
      if (Option.isSome(job)) audit(job.value, yield* store.transitions(id))
    }
    assert.isAtMost(observed.mostAtOnce, Simulation.settings.concurrency)
    assert.deepStrictEqual(observed.sameEpochTwice, [])
    const bound = Duration.toMillis(Simulation.settings.shutdownGrace) + 2_500
    for (const drain of observed.drains) assert.isAtMost(drain, bound, "a drain took too long")
    while ((yield* simulation.workers) > 0) yield* simulation.drain(0)
  }).pipe(Effect.scoped, Effect.provideService(QueueSettings, Simulation.settings), withVirtualTime)

describe("the worker pool, whatever happens", () => {
  it.effect.prop(
    "never more than 3 at once, no job lost, one run per epoch, attempts ≤ max, one end for each job, bounded drains",
    { history },
    ({ history }) => check(history),
    { timeout: 240_000, fastCheck: { numRuns: 200 } }
  )
})
