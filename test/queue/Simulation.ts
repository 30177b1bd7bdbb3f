/**
 * A whole queue in one process under virtual time: a memory store, workers that can crash at any moment, and handlers
 * that do what a script says. What it observes is what the properties are about.
 */
import {
  Clock,
  Context,
  DateTime,
  Deferred,
  Duration,
  Effect,
  Exit,
  Layer,
  Scope,
  Stream,
  TestClock
} from "effect"
import type { JobId } from "../../src/queue/Job.ts"
import {
  type JobError,
  Permanent,
  RetryAfter,
  Snooze,
  StoreUnavailable,
  Transient
} from "../../src/queue/JobError.ts"
import { JobHandlers } from "../../src/queue/JobHandlers.ts"
import * as Memory from "../../src/queue/JobStore/Memory.ts"
import { type Claimed, JobStore } from "../../src/queue/JobStore.ts"
import * as Queue from "../../src/queue/Queue.ts"
import { QueueSettings } from "../../src/queue/QueueSettings.ts"

/** What one run of a handler does: it works for a while and then ends so. */
export interface Run {
  readonly millis: number
  readonly ends:
    | "succeeds"
    | "transient"
    | "permanent"
    | "snooze"
    | "retryAfter"
    | "defect"
    | "interrupts itself"
  /** Whether it can be interrupted while it works. */
  readonly stubborn: boolean
}

/** Slower than in production, so that an hour of virtual time costs few steps. */
export const settings: QueueSettings.Settings = {
  ...QueueSettings.defaults,
  lease: Duration.seconds(30),
  beatEvery: Duration.seconds(5),
  idleBeatEvery: Duration.seconds(10),
  deadAfter: Duration.seconds(12),
  pollEvery: Duration.seconds(5),
  rescueEvery: Duration.seconds(5),
  shutdownGrace: Duration.seconds(25)
}

const work = (run: Run, id: JobId): Effect.Effect<void, JobError> => {
  const sleep = Effect.sleep(run.millis)
  const message = `job ${id}`
  const end: Effect.Effect<void, JobError> = Effect.gen(function* () {
    const until = DateTime.add(yield* DateTime.now, { seconds: 20 })
    switch (run.ends) {
      case "succeeds":
        return
      case "transient":
        return yield* new Transient({ message })
      case "permanent":
        return yield* new Permanent({ message })
      case "snooze":
        return yield* new Snooze({ message, until })
      case "retryAfter":
        return yield* new RetryAfter({ message, until })
      case "defect":
        return yield* Effect.die(new Error(message))
      case "interrupts itself":
        return yield* Effect.interrupt
    }
  })
  return Effect.zipRight(run.stubborn ? Effect.uninterruptible(sleep) : sleep, end)
}

/** One worker process of the simulation. */
interface Process {
  readonly scope: Scope.CloseableScope
  /** Once done, the process can neither write nor learn anything. */
  readonly death: Deferred.Deferred<void>
  /** Jobs that its handlers work on now. */
  readonly busy: Set<JobId>
}

const gone = (operation: string) =>
  new StoreUnavailable({ operation, message: "the process is dead", cause: new Error("dead") })

/** The store as one process sees it, until the process dies. */
const seenBy = (store: Context.Tag.Service<JobStore>, death: Deferred.Deferred<void>) => {
  const alive =
    <Args extends ReadonlyArray<unknown>, A, E>(name: string, call: (...args: Args) => Effect.Effect<A, E>) =>
    (...args: Args): Effect.Effect<A, E | StoreUnavailable> =>
      Effect.flatMap(
        Deferred.isDone(death),
        (dead): Effect.Effect<A, E | StoreUnavailable> => (dead ? Effect.fail(gone(name)) : call(...args))
      )
  return JobStore.of({
    ...store,
    claim: alive("claim", store.claim),
    beat: alive("beat", store.beat),
    settle: alive("settle", store.settle),
    check: alive("check", store.check),
    saveStep: alive("saveStep", store.saveStep),
    retireWorker: alive("retireWorker", store.retireWorker),
    rescue: alive("rescue", () => store.rescue)(),
    session: (worker) =>
      Stream.merge(
        store.session(worker),
        Stream.fromEffect(Effect.zipRight(Deferred.await(death), gone("session")))
      )
  })
}

export interface Observed {
  /** The most jobs that any one process worked on at once. */
  mostAtOnce: number
  /** Jobs that were worked on under an epoch at which they were worked on already. */
  readonly sameEpochTwice: Array<JobId>
  /** How long each drain took, in virtual milliseconds. */
  readonly drains: Array<number>
}

export const make = (scripts: ReadonlyArray<ReadonlyArray<Run>>) =>
  Effect.gen(function* () {
    const store = Context.get(yield* Layer.build(Memory.layer), JobStore)
    const observed: Observed = { mostAtOnce: 0, sameEpochTwice: [], drains: [] }
    const runs = new Map<JobId, number>()
    const seen = new Set<string>()
    const processes: Array<Process> = []

    const handle =
      (busy: Set<JobId>, death: Deferred.Deferred<void>) =>
      ({ job, lease }: Claimed) =>
        Effect.suspend(() => {
          const name = `${job.id}@${lease.epoch}`
          if (seen.has(name)) observed.sameEpochTwice.push(job.id)
          seen.add(name)
          busy.add(job.id)
          const nth = runs.get(job.id) ?? 0
          runs.set(job.id, nth + 1)
          const script = scripts[(job.id - 1) % Math.max(scripts.length, 1)] ?? []
          const run = script[nth] ?? { millis: 1_000, ends: "succeeds", stubborn: false }
          return Effect.zipRight(
            Effect.map(Deferred.isDone(death), (dead) => {
              if (!dead) observed.mostAtOnce = Math.max(observed.mostAtOnce, busy.size)
            }),
            work(run, job.id)
          ).pipe(Effect.ensuring(Effect.sync(() => busy.delete(job.id))))
        })

    const start = Effect.gen(function* () {
      const scope = yield* Scope.make()
      const death = yield* Deferred.make<void>()
      const busy = new Set<JobId>()
      const worker = Queue.worker({ host: "simulated", pid: processes.length + 1, version: "0" }).pipe(
        Layer.provide(Layer.succeed(JobHandlers, { review: handle(busy, death) })),
        Layer.provide(Layer.succeed(JobStore, seenBy(store, death)))
      )
      yield* Layer.buildWithScope(worker, scope)
      processes.push({ scope, death, busy })
    })

    /** A SIGKILL: from one moment to the next nothing of the process reaches the store. */
    const crash = (process: Process) =>
      Deferred.succeed(process.death, undefined).pipe(
        Effect.zipRight(Effect.forkDaemon(Scope.close(process.scope, Exit.void))),
        Effect.asVoid
      )

    /** A SIGTERM: the scope ends; takes as long as that takes in virtual time. */
    const drain = (process: Process) =>
      Effect.gen(function* () {
        const began = yield* Clock.currentTimeMillis
        let closed = false
        yield* Scope.close(process.scope, Exit.void).pipe(
          Effect.zipRight(Effect.sync(() => (closed = true))),
          Effect.forkDaemon
        )
        for (let step = 0; !closed && step < 300; step++) yield* TestClock.adjust(Duration.millis(250))
        observed.drains.push((yield* Clock.currentTimeMillis) - began)
      })

    /** Does something to one of the living processes, which is then no longer one of them. */
    const ending = (deed: (process: Process) => Effect.Effect<void>) => (which: number) =>
      Effect.suspend(() => {
        const [process] = processes.splice(which % Math.max(processes.length, 1), 1)
        return process === undefined ? Effect.void : deed(process)
      })

    return {
      store,
      observed,
      start,
      crash: ending(crash),
      drain: ending(drain),
      workers: Effect.sync(() => processes.length)
    }
  })
