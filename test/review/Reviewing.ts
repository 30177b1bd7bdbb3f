/** The handlers against a sandbox, with a store in memory: one job, run until it ends. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { Context, DateTime, Duration, Effect, Exit, Layer, Option, Stream } from "effect"
import { Github } from "../../src/github/Github.ts"
import * as Providers from "../../src/model/Providers.ts"
import * as Rules from "../../src/model/Rules.ts"
import { type Disposition, decide } from "../../src/queue/Disposition.ts"
import { type Subject, unqualified } from "../../src/queue/Job.ts"
import type { JobError } from "../../src/queue/JobError.ts"
import { JobHandlers } from "../../src/queue/JobHandlers.ts"
import * as Memory from "../../src/queue/JobStore/Memory.ts"
import { type Claimed, JobStore } from "../../src/queue/JobStore.ts"
import { QueueSettings } from "../../src/queue/QueueSettings.ts"
import { Dismissals } from "../../src/review/Dismissals.ts"
import type { Posted } from "../../src/review/Earlier.ts"
import { Pauses } from "../../src/review/Pauses.ts"
import * as ReviewHandler from "../../src/review/ReviewHandler.ts"
import { ReviewLog, type ReviewRecord } from "../../src/review/ReviewLog.ts"
import { ReviewModels } from "../../src/review/ReviewModel.ts"
import { nothingSet, Settings } from "../../src/review/Settings.ts"
import type { ControlResult, OpenPull } from "../../src/sandbox/Controls.ts"
import { Sandbox, type SandboxOptions, type SandboxService } from "../../src/sandbox/Sandbox.ts"
import { layerFor } from "../github/Client.ts"
import { rulesAlone } from "../model/ModelSettings.ts"

/** A worker is dead as soon as its session is gone, so that a test need not wait. */
const impatient = { ...QueueSettings.defaults, maxAttempts: 10, maxCrashes: 10, deadAfter: Duration.zero }

/** Retries and second looks happen at once. */
const atOnce = (disposition: Disposition): Disposition => {
  switch (disposition._tag) {
    case "Retry":
      return { ...disposition, delay: Duration.zero }
    case "Snooze":
      return { ...disposition, until: DateTime.unsafeMake(0) }
    default:
      return disposition
  }
}

export interface Reviewing {
  readonly sandbox: SandboxService
  readonly pull: ControlResult
  /** What the first job is about. */
  readonly subject: Subject
  readonly store: Context.Tag.Service<JobStore>
  readonly records: ReadonlyArray<ReviewRecord>
  /** The fingerprints of findings that a person dismissed. */
  readonly dismissed: Set<string>
  /** Claims the job for a new worker. */
  readonly claim: Effect.Effect<Option.Option<Claimed>>
  /** Runs the handler, as a worker would that dies before it can settle the job. */
  readonly attempt: (claimed: Claimed) => Effect.Effect<Exit.Exit<void, JobError>>
  /** Runs the handler and settles the job, as a worker would. */
  readonly run: (claimed: Claimed) => Effect.Effect<void>
  /** Takes the job away from its worker, as after the death of its process. */
  readonly bury: (claimed: Claimed) => Effect.Effect<void>
  /** The same, but a job that waits does so. */
  readonly runPatiently: (claimed: Claimed) => Effect.Effect<void>
  /** Claims and runs until nothing is left to claim. */
  readonly finish: Effect.Effect<void>
}

/** Sees each operation of the store, each request to GitHub and each question to a model, before it is begun. */
export type Watch = <A, E, R>(operation: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** The service, with each of its effects seen. */
const watched = <Service extends object>(service: Service, watch: Watch): Service =>
  new Proxy(service, {
    get: (target, key, receiver): unknown => {
      const member: unknown = Reflect.get(target, key, receiver)
      const seen = (value: unknown): unknown => (Effect.isEffect(value) ? watch(value) : value)
      return typeof member === "function"
        ? (...parameters: ReadonlyArray<unknown>) => seen(Reflect.apply(member, target, [...parameters]))
        : seen(member)
    }
  })

const watchedGithub = (watch: Watch) =>
  Layer.effect(
    Github,
    Effect.map(Github, ({ installation }) => ({
      installation: (id) => Effect.map(watch(installation(id)), (client) => watched(client, watch))
    }))
  )
const watchedModels = (watch: Watch) =>
  Layer.effect(
    ReviewModels,
    Effect.map(ReviewModels, ({ select }) => ({
      select: (choice) =>
        Effect.map(
          select(choice),
          Option.map((model) => watched(model, watch))
        )
    }))
  )
const watchedStore = (watch: Watch) =>
  Layer.effect(
    JobStore,
    Effect.map(JobStore, (store) => watched(store, watch))
  )

/** The records of one pull request's reviews, in memory. */
const remembering = (records: Array<ReviewRecord>): Context.Tag.Service<ReviewLog> => ({
  record: (review) =>
    Effect.sync(() => {
      if (!records.some(({ job }) => job.id === review.job.id)) records.push(review)
    }),
  recall: () =>
    Effect.sync(() => {
      const last = records.at(-1)?.report
      const posted = new Map<string, Posted>()
      for (const { report } of records) {
        for (const { fingerprint } of Option.toArray(report.history).flatMap(({ gone }) => gone))
          posted.delete(fingerprint)
        for (const { finding, fingerprint } of [...report.placement.comments, ...report.placement.body])
          posted.set(fingerprint, { ...finding, fingerprint })
      }
      return {
        last: last === undefined ? null : { ...last, commitSha: last.key.commitSha },
        posted: [...posted.values()]
      }
    })
})

/** What is other than usual around a review. */
export interface Circumstances {
  readonly sandbox?: SandboxOptions
  readonly pull?: Omit<OpenPull, "content">
  readonly settings?: ReturnType<Context.Tag.Service<Settings>["load"]>
}

/** A pull request with findings, and the job for it. */
export const begin = (
  files: {
    readonly before: Readonly<Record<string, string>>
    readonly after: Readonly<Record<string, string>>
  },
  models: Partial<Providers.ModelSettings> = {},
  watch: Watch = (operation) => operation,
  circumstances: Circumstances = {}
) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.make(circumstances.sandbox)
    const pull = yield* sandbox.pulls.open({ ...circumstances.pull, content: files })
    const records: Array<ReviewRecord> = []
    const dismissed = new Set<string>()
    const outside = Layer.mergeAll(
      watchedGithub(watch).pipe(Layer.provide(layerFor(sandbox))),
      Layer.succeed(Settings, { load: () => circumstances.settings ?? Effect.succeed(nothingSet) }),
      Layer.succeed(ReviewLog, remembering(records)),
      Layer.succeed(Dismissals, {
        of: () => Effect.sync(() => new Set(dismissed)),
        dismiss: (_, fingerprint) => Effect.sync(() => dismissed.add(fingerprint))
      }),
      Layer.succeed(Pauses, { of: () => Effect.succeedNone, set: () => Effect.void }),
      watchedModels(watch).pipe(
        Layer.provide(Providers.layer({ ...rulesAlone, ...models })),
        Layer.provide(FetchHttpClient.layer)
      ),
      Rules.layer
    )
    const context = yield* Layer.build(
      ReviewHandler.layer.pipe(
        Layer.provide(outside),
        Layer.provide(watchedStore(watch)),
        Layer.provideMerge(Memory.layer)
      )
    ).pipe(Effect.provideService(QueueSettings, impatient))
    const store = Context.get(context, JobStore)
    const handlers = Context.get(context, JobHandlers)
    const subject: Subject = {
      installationId: pull.installationId,
      owner: pull.owner,
      repo: pull.repo,
      pullRequest: pull.number,
      title: "A change",
      commitSha: pull.headSha,
      baseBranch: "main"
    }
    yield* store.enqueue({ subject, trigger: "opened" })

    const claim = Effect.gen(function* () {
      const worker = yield* store.registerWorker({ host: "test", pid: 1, version: "0" })
      // Its session opens and is gone at once: from now on it counts as dead when somebody looks.
      yield* Stream.runDrain(Stream.take(store.session(worker), 1))
      return Option.fromNullable((yield* store.claim(worker, 1)).jobs[0])
    }).pipe(Effect.orDie)

    const handle = (claimed: Claimed) =>
      handlers[unqualified(claimed.job.kind)]?.(claimed) ?? Effect.dieMessage("no handler for this kind")

    const attempt = (claimed: Claimed) =>
      Effect.tap(Effect.exit(handle(claimed)), (exit) =>
        Exit.isFailure(exit) ? Effect.logDebug("the attempt failed", exit.cause) : Effect.void
      )

    const runAnd =
      (settling: (disposition: Disposition) => Disposition) =>
      ({ job, lease }: Claimed) =>
        Effect.gen(function* () {
          const exit = yield* attempt({ job, lease })
          const disposition = settling(decide({ job, exit, stop: Option.none(), jitter: 0 }))
          yield* store.settle(lease, disposition).pipe(Effect.catchTag("LeaseLost", () => Effect.void))
        }).pipe(Effect.orDie)

    const run = runAnd(atOnce)
    const runPatiently = runAnd((disposition) => disposition)

    const finish: Effect.Effect<void> = Effect.flatMap(
      claim,
      Option.match({
        onNone: () => Effect.void,
        onSome: (claimed) =>
          Effect.zipRight(
            run(claimed),
            Effect.suspend(() => finish)
          )
      })
    )
    const bury = ({ job }: Claimed) =>
      Effect.gen(function* () {
        // Dead means silent for longer than no time at all.
        yield* Effect.sleep("2 millis")
        const rescued = yield* store.rescue
        if (!rescued.some((one) => one.id === job.id))
          return yield* Effect.dieMessage("the job was not rescued")
      }).pipe(Effect.orDie)

    const reviewing: Reviewing = {
      sandbox,
      pull,
      subject,
      store,
      records,
      dismissed,
      claim,
      attempt,
      run,
      runPatiently,
      bury,
      finish
    }
    return reviewing
  })
