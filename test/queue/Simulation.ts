/**
 * A whole queue in one process under virtual time: a memory store, workers that can crash at any moment, and handlers
 * that do what a script says. What it observes is what the properties are about.
 */
import { Clock, Context, DateTime, Duration, Effect, Exit, Layer, Option, Scope, TestClock } from "effect"
import type { Job, JobId, WorkerId } from "../../src/queue/Job.ts"
import { type JobError, Permanent, RetryAfter, Snooze, Transient } from "../../src/queue/JobError.ts"
import { JobHandlers } from "../../src/queue/JobHandlers.ts"
import * as Memory from "../../src/queue/JobStore/Memory.ts"
import { type Claimed, JobStore } from "../../src/queue/JobStore.ts"
import * as Queue from "../../src/queue/Queue.ts"
import { QueueSettings } from "../../src/queue/QueueSettings.ts"
import { type Link, make as makeLink, type Stall } from "./SimulatedLink.ts"

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
    | "kills its process"
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
  shutdownGrace: Duration.seconds(25),
  quarantinePatience: Duration.seconds(20)
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
      case "kills its process":
        return yield* Effect.never
    }
  })
  return Effect.zipRight(run.stubborn ? Effect.uninterruptible(sleep) : sleep, end)
}

/** What a handler works on. */
interface Work {
  readonly job: Job
  readonly epoch: number
}

/** One worker process of the simulation. */
interface Process {
  readonly scope: Scope.CloseableScope
  readonly link: Link
  /** What its handlers work on now. */
  readonly busy: Set<Work>
}

export interface Observed {
  /** The most jobs that any one process worked on at once. */
  mostAtOnce: number
  /** The most jobs of one installation that were worked on at once under a lease, in all processes together. */
  mostOfInstallation: number
  /** Jobs that were worked on under an epoch at which they were worked on already. */
  readonly sameEpochTwice: Array<JobId>
  /** Quarantined jobs that did not have their process for themselves. */
  readonly notAlone: Array<JobId>
  /** How long each drain took, in virtual milliseconds, and whether the process reached the store all the time. */
  readonly drains: Array<{ readonly millis: number; readonly reachedStore: boolean }>
  /** Workers that have said that they drain. */
  readonly draining: Set<WorkerId>
}

/** @param mutate makes the store a broken one */
export const make = (
  scripts: ReadonlyArray<ReadonlyArray<Run>>,
  mutate: (store: typeof JobStore.Service) => typeof JobStore.Service = (store) => store
) =>
  Effect.gen(function* () {
    const store = mutate(Context.get(yield* Layer.build(Memory.layer), JobStore))
    const observed: Observed = {
      mostAtOnce: 0,
      mostOfInstallation: 0,
      sameEpochTwice: [],
      notAlone: [],
      drains: [],
      draining: new Set()
    }
    const runs = new Map<JobId, number>()
    const seen = new Set<string>()
    const processes: Array<Process> = []

    const isHeld = ({ epoch, job }: Work) =>
      Effect.map(
        store.find(job.id),
        Option.exists((now) => now.status === "processing" && now.epoch === epoch)
      )

    /** Looks around at a moment at which a handler has begun. */
    const observe = (process: Pick<Process, "busy" | "link">, { job }: Work) =>
      Effect.gen(function* () {
        if (yield* process.link.isDead) return
        const { busy } = process
        observed.mostAtOnce = Math.max(observed.mostAtOnce, busy.size)
        const quarantined = [...busy].filter((work) => work.job.crashes >= settings.quarantineAfter)
        if (busy.size > 1) observed.notAlone.push(...quarantined.map((work) => work.job.id))
        const sameInstallation = processes
          .flatMap((other) => [...other.busy])
          .filter((work) => work.job.subject.installationId === job.subject.installationId)
        const held = yield* Effect.filter(sameInstallation, isHeld)
        observed.mostOfInstallation = Math.max(observed.mostOfInstallation, held.length)
      }).pipe(Effect.orDie)

    const handle =
      (process: Pick<Process, "busy" | "link">) =>
      ({ job, lease }: Claimed) =>
        Effect.suspend(() => {
          const name = `${job.id}@${lease.epoch}`
          if (seen.has(name)) observed.sameEpochTwice.push(job.id)
          seen.add(name)
          const doing: Work = { job, epoch: lease.epoch }
          process.busy.add(doing)
          const nth = runs.get(job.id) ?? 0
          runs.set(job.id, nth + 1)
          const script = scripts[(job.id - 1) % Math.max(scripts.length, 1)] ?? []
          const run = script[nth] ?? { millis: 1_000, ends: "succeeds", stubborn: false }
          return observe(process, doing).pipe(
            Effect.zipRight(run.ends === "kills its process" ? killed(process) : Effect.void),
            Effect.zipRight(work(run, job.id)),
            Effect.ensuring(Effect.sync(() => process.busy.delete(doing)))
          )
        })

    const start = Effect.gen(function* () {
      const scope = yield* Scope.make()
      const link = yield* makeLink(store, (worker) => observed.draining.add(worker))
      const process: Process = { scope, link, busy: new Set() }
      const worker = Queue.worker({ host: "simulated", pid: processes.length + 1, version: "0" }).pipe(
        Layer.provide(Layer.succeed(JobHandlers, { review: handle(process) })),
        Layer.provide(Layer.succeed(JobStore, link.store))
      )
      yield* Layer.buildWithScope(worker, scope)
      processes.push(process)
    })

    /** A SIGKILL: from one moment to the next nothing of the process reaches the store. */
    const crash = ({ link, scope }: Process) =>
      Effect.zipRight(link.kill, Effect.asVoid(Effect.forkDaemon(Scope.close(scope, Exit.void))))

    const killed = (process: Pick<Process, "link">) =>
      Effect.suspend(() => {
        const index = processes.findIndex((one) => one.link === process.link)
        const [found] = index === -1 ? [] : processes.splice(index, 1)
        return found === undefined ? Effect.void : crash(found)
      })

    /** A SIGTERM: the scope ends; takes as long as that takes in virtual time. */
    const drain = ({ link, scope }: Process) =>
      Effect.gen(function* () {
        const began = yield* Clock.currentTimeMillis
        const wasStalled = yield* link.isStalled
        let closed = false
        yield* Scope.close(scope, Exit.void).pipe(
          Effect.zipRight(Effect.sync(() => (closed = true))),
          Effect.forkDaemon
        )
        for (let step = 0; !closed && step < 300; step++) yield* TestClock.adjust(Duration.millis(250))
        observed.drains.push({
          millis: (yield* Clock.currentTimeMillis) - began,
          reachedStore: !wasStalled
        })
      })

    /** Does something to one of the living processes. */
    const to = (which: number, deed: (process: Process) => Effect.Effect<void>) =>
      Effect.suspend(() => {
        const process = processes[which % Math.max(processes.length, 1)]
        return process === undefined ? Effect.void : deed(process)
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
      stall: (which: number, stall: Stall) => to(which, ({ link }) => link.stall(stall)),
      loseAnswers: (which: number, count: number) => to(which, ({ link }) => link.loseAnswers(count)),
      workers: Effect.sync(() => processes.length)
    }
  })
