/** The review handler against a sandbox, with a store in memory: one job, run until it ends. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { Context, DateTime, Duration, Effect, Exit, Layer, Option, Stream } from "effect"
import * as Providers from "../../src/model/Providers.ts"
import * as Rules from "../../src/model/Rules.ts"
import { type Disposition, decide } from "../../src/queue/Disposition.ts"
import type { Subject } from "../../src/queue/Job.ts"
import { JobHandlers } from "../../src/queue/JobHandlers.ts"
import * as Memory from "../../src/queue/JobStore/Memory.ts"
import { type Claimed, JobStore } from "../../src/queue/JobStore.ts"
import { QueueSettings } from "../../src/queue/QueueSettings.ts"
import * as ReviewHandler from "../../src/review/ReviewHandler.ts"
import { ReviewLog, type ReviewRecord } from "../../src/review/ReviewLog.ts"
import { nothingSet, Settings } from "../../src/review/Settings.ts"
import type { ControlResult } from "../../src/sandbox/Controls.ts"
import { Sandbox, type SandboxService } from "../../src/sandbox/Sandbox.ts"
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
  /** Claims the job for a new worker. */
  readonly claim: Effect.Effect<Option.Option<Claimed>>
  /** Runs the handler and settles the job, as a worker would. */
  readonly run: (claimed: Claimed) => Effect.Effect<void>
  /** Takes the job away from its worker, as after the death of its process. */
  readonly bury: (claimed: Claimed) => Effect.Effect<void>
  /** Claims and runs until nothing is left to claim. */
  readonly finish: Effect.Effect<void>
}

/** A pull request with findings, and the job for it. */
export const begin = (
  files: {
    readonly before: Readonly<Record<string, string>>
    readonly after: Readonly<Record<string, string>>
  },
  models: Partial<Providers.ModelSettings> = {}
) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.make()
    const pull = yield* sandbox.pulls.open({ content: files })
    const records: Array<ReviewRecord> = []
    const outside = Layer.mergeAll(
      layerFor(sandbox),
      Layer.succeed(Settings, { load: () => Effect.succeed(nothingSet) }),
      Layer.succeed(ReviewLog, { record: (review) => Effect.sync(() => records.push(review)) }),
      Providers.layer({ ...rulesAlone, ...models }).pipe(Layer.provide(FetchHttpClient.layer)),
      Rules.layer
    )
    const context = yield* Layer.build(
      ReviewHandler.layer.pipe(Layer.provide(outside), Layer.provideMerge(Memory.layer))
    ).pipe(Effect.provideService(QueueSettings, impatient))
    const store = Context.get(context, JobStore)
    const handler = Context.get(context, JobHandlers)["review"]
    if (handler === undefined) return yield* Effect.dieMessage("no handler for reviews")
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

    const run = ({ job, lease }: Claimed) =>
      Effect.gen(function* () {
        const exit = yield* Effect.exit(handler({ job, lease }))
        if (Exit.isFailure(exit)) yield* Effect.logDebug("the attempt failed", exit.cause)
        const disposition = atOnce(decide({ job, exit, stop: Option.none(), jitter: 0 }))
        yield* store.settle(lease, disposition).pipe(Effect.catchTag("LeaseLost", () => Effect.void))
      }).pipe(Effect.orDie)

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

    const reviewing: Reviewing = { sandbox, pull, subject, store, records, claim, run, bury, finish }
    return reviewing
  })
