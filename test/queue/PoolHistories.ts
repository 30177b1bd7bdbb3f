/** Histories of whole workers under virtual time, and what the queue promises whatever happens in them. */
import { assert } from "@effect/vitest"
import { Chunk, Duration, Effect, FastCheck as fc, Logger, LogLevel, Option, Stream, TestClock } from "effect"
import type { Job } from "../../src/queue/Job.ts"
import type { JobStore } from "../../src/queue/JobStore.ts"
import { QueueSettings } from "../../src/queue/QueueSettings.ts"
import type { Tally } from "../support/Histories.ts"
import { withVirtualTime } from "../support/VirtualTime.ts"
import type { Stall } from "./SimulatedLink.ts"
import * as Simulation from "./Simulation.ts"

type Command =
  | { readonly _tag: "Enqueue"; readonly pullRequest: number; readonly commit: number }
  | { readonly _tag: "Wait"; readonly millis: number }
  | { readonly _tag: "Cancel"; readonly pullRequest: number }
  | { readonly _tag: "Start" }
  | { readonly _tag: "Crash"; readonly which: number }
  | { readonly _tag: "Drain"; readonly which: number }
  | { readonly _tag: "Stall"; readonly which: number; readonly stall: Stall }
  | { readonly _tag: "LoseAnswers"; readonly which: number; readonly count: number }

export interface History {
  /** What the runs of each job do, one after the other. */
  readonly scripts: ReadonlyArray<ReadonlyArray<Simulation.Run>>
  readonly commands: ReadonlyArray<Command>
}

const tag = <Tag extends Command["_tag"]>(name: Tag) => fc.constant(name)
const pullRequest = fc.integer({ min: 1, max: 8 })
const which = fc.nat(3)

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ _tag: tag("Enqueue"), pullRequest, commit: fc.integer({ min: 1, max: 4 }) })
  },
  {
    weight: 4,
    arbitrary: fc.record({ _tag: tag("Wait"), millis: fc.integer({ min: 1, max: 40_000 }) })
  },
  { weight: 1, arbitrary: fc.record({ _tag: tag("Cancel"), pullRequest }) },
  { weight: 2, arbitrary: fc.constant({ _tag: "Start" } as const) },
  { weight: 1, arbitrary: fc.record({ _tag: tag("Crash"), which }) },
  { weight: 1, arbitrary: fc.record({ _tag: tag("Drain"), which }) },
  {
    weight: 1,
    arbitrary: fc.record({
      _tag: tag("Stall"),
      which,
      stall: fc.record({
        millis: fc.integer({ min: 1_000, max: 60_000 }),
        calls: fc.constantFrom<Stall["calls"]>("fail", "hang"),
        session: fc.constantFrom<Stall["session"]>("stays", "breaks")
      })
    })
  },
  {
    weight: 2,
    arbitrary: fc.record({ _tag: tag("LoseAnswers"), which, count: fc.integer({ min: 1, max: 4 }) })
  }
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
    "interrupts itself",
    "kills its process"
  ),
  stubborn: fc.boolean()
})

/** All of whose runs take their process with them. */
const poison = fc.constant(
  Array.from({ length: 6 }, (): Simulation.Run => ({ millis: 0, ends: "kills its process", stubborn: false }))
)

export const histories: fc.Arbitrary<History> = fc.record({
  scripts: fc.array(
    fc.oneof({ weight: 7, arbitrary: fc.array(run, { maxLength: 6 }) }, { weight: 1, arbitrary: poison }),
    { minLength: 1, maxLength: 8 }
  ),
  commands: fc.array(command, { minLength: 1, maxLength: 30 })
})

/** The history as a numbered list. */
export const told = ({ commands, scripts }: History): string =>
  [
    ...scripts.map((runs, index) => {
      const said = runs.map((one) => `${one.stubborn ? "stubbornly " : ""}${one.millis} ms, ${one.ends}`)
      return `job ${index + 1} of ${scripts.length}: ${[...said, "succeeds"].join("; ")}`
    }),
    ...commands.map(({ _tag, ...details }, index) => `${index + 1}. ${_tag} ${JSON.stringify(details)}`)
  ].join("\n")

/** Beyond the grace: until the loop lets go of what it can't write, and the worker's registration of the store. */
const drainBound = (reachedStore: boolean) =>
  Duration.toMillis(Simulation.settings.shutdownGrace) + (reachedStore ? 2_500 : 12_000)

const request = (pullRequest: number, commit: number) => ({
  subject: {
    installationId: 1 + (pullRequest % 2),
    owner: "acme",
    repo: "shop",
    pullRequest,
    title: "",
    commitSha: String(commit),
    baseBranch: "main"
  },
  trigger: "push" as const
})

const perform = (simulation: Effect.Effect.Success<ReturnType<typeof Simulation.make>>, step: Command) => {
  const { store } = simulation
  switch (step._tag) {
    case "Enqueue":
      return store.enqueue(request(step.pullRequest, step.commit))
    case "Wait":
      return TestClock.adjust(Duration.millis(step.millis))
    case "Cancel":
      return store.cancelPullRequest({ owner: "acme", repo: "shop", pullRequest: step.pullRequest }, "closed")
    case "Start":
      return Effect.whenEffect(
        simulation.start,
        Effect.map(simulation.workers, (count) => count < 3)
      )
    case "Crash":
      return simulation.crash(step.which)
    case "Drain":
      return simulation.drain(step.which)
    case "Stall":
      return simulation.stall(step.which, step.stall)
    case "LoseAnswers":
      return simulation.loseAnswers(step.which, step.count)
  }
}

/** Every job's ledger explains its row, no lease was used twice or beside one it excludes, and only a drain refunds. */
const audit = (store: typeof JobStore.Service, observed: Simulation.Observed, jobs: ReadonlyArray<Job>) =>
  Effect.gen(function* () {
    const { perInstallation } = Simulation.settings
    const violations = yield* Stream.runCollect(store.audit({ perInstallation }))
    assert.deepStrictEqual(
      Chunk.toReadonlyArray(violations).map((one) => one.message),
      []
    )
    const tally = new Map<string, number>()
    for (const { attempts, id, maxAttempts } of jobs) {
      assert.isAtMost(attempts, maxAttempts)
      for (const { to, why, workerId } of yield* store.transitions(id)) {
        const what = `${to}: ${why._tag}`
        tally.set(what, (tally.get(what) ?? 0) + 1)
        if (why._tag !== "Drained") continue
        assert.isTrue(
          Option.exists(workerId, (worker) => observed.draining.has(worker)),
          `job ${id} was given back for a drain, and there was none`
        )
      }
    }
    return tally
  })

/** @param mutate makes the store a broken one */
export const check = (
  { commands, scripts }: History,
  mutate?: (store: typeof JobStore.Service) => typeof JobStore.Service
): Effect.Effect<Tally, unknown> =>
  Effect.gen(function* () {
    const simulation = yield* Simulation.make(scripts, mutate)
    const { observed, store } = simulation
    yield* simulation.start
    const enqueued = new Set<Job["id"]>()
    for (const step of commands) {
      yield* perform(simulation, step)
      for (const job of yield* store.list({ limit: 1_000 })) enqueued.add(job.id)
    }

    const unfinished = Effect.map(store.counts, (counts) => counts.pending + counts.processing)
    for (let minutes = 0; minutes < 120 && (yield* unfinished) > 0; minutes++) {
      if ((yield* simulation.workers) === 0) yield* simulation.start
      yield* TestClock.adjust("1 minute")
    }

    assert.strictEqual(yield* unfinished, 0, "a job never came to an end")
    const jobs = yield* store.list({ limit: 1_000 })
    assert.strictEqual(jobs.length, enqueued.size, "a job was lost")
    const tally = yield* audit(store, observed, jobs)
    assert.isAtMost(observed.mostAtOnce, Simulation.settings.concurrency)
    assert.isAtMost(observed.mostOfInstallation, Simulation.settings.perInstallation)
    assert.deepStrictEqual(observed.sameEpochTwice, [], "two runs under one epoch")
    assert.deepStrictEqual(observed.notAlone, [], "a quarantined job did not run alone")
    for (const { millis, reachedStore } of observed.drains)
      assert.isAtMost(millis, drainBound(reachedStore), "a drain took too long")
    while ((yield* simulation.workers) > 0) yield* simulation.drain(0)
    return tally
  }).pipe(
    Effect.scoped,
    Effect.provideService(QueueSettings, Simulation.settings),
    Logger.withMinimumLogLevel(LogLevel.None),
    withVirtualTime
  )
