/** A worker within the test's own process, of which each word with its store can be watched. */
import { Context, Effect, Layer, Logger, LogLevel, Queue as Mailbox, type Redacted, Stream } from "effect"
import * as Database from "../../../src/database/Database.ts"
import type { JobId } from "../../../src/queue/Job.ts"
import { type JobHandler, JobHandlers } from "../../../src/queue/JobHandlers.ts"
import * as PostgresJobStore from "../../../src/queue/JobStore/Postgres.ts"
import { JobStore } from "../../../src/queue/JobStore.ts"
import * as Queue from "../../../src/queue/Queue.ts"
import { QueueSettings } from "../../../src/queue/QueueSettings.ts"

interface Options {
  readonly url: Redacted.Redacted
  readonly handle: JobHandler
  readonly settings?: Partial<QueueSettings.Settings>
}

/** Runs jobs until the scope closes. */
export const start = ({ handle, settings, url }: Options) =>
  Effect.gen(function* () {
    const asked = { claims: 0, beats: 0 }
    const claimedBy = new Map<JobId, number>()
    const hints = yield* Mailbox.unbounded<void>()
    const watched = Layer.map(PostgresJobStore.layer, (context) => {
      const store = Context.get(context, JobStore)
      return Context.make(JobStore, {
        ...store,
        exchange: (worker, settlements, limit) =>
          Effect.suspend(() => {
            const number = limit > 0 ? ++asked.claims : asked.claims
            return Effect.tap(store.exchange(worker, settlements, limit), ({ jobs }) => {
              for (const { job } of jobs) claimedBy.set(job.id, number)
            })
          }),
        beat: (worker, leases) =>
          Effect.suspend(() => {
            asked.beats++
            return store.beat(worker, leases)
          }),
        session: (worker) => Stream.tap(store.session(worker), () => Mailbox.offer(hints, undefined))
      })
    })
    yield* Layer.build(
      Queue.worker({ host: "test", pid: process.pid, version: "0" }).pipe(
        Layer.provide(Layer.succeed(JobHandlers, { review: handle })),
        Layer.provide(watched),
        Layer.provide(Database.layerFromUrl({ url }))
      )
    ).pipe(
      Effect.provideService(QueueSettings, { ...QueueSettings.defaults, ...settings }),
      Logger.withMinimumLogLevel(LogLevel.Error)
    )
    return {
      /** How often it has asked its store so far. */
      asked,
      /** Which of its claims brought the job, counted from 1. */
      claimedBy: (id: JobId) => claimedBy.get(id),
      /** What its session has told it and the test has not looked at; the first one when the session stands. */
      hints
    }
  })
