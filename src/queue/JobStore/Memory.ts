/**
 * Jobs in memory: for tests, simulations and trials. Nothing survives the process.
 *
 * Each operation reads the clock and then changes the tables in one synchronous step, which no other fiber can come
 * between; that is all the atomicity there is to need.
 */
import { DateTime, Effect, Layer, Option, PubSub, Stream } from "effect"
import { applyDisposition, leaseUntil } from "../Applied.ts"
import { isQualified } from "../Job.ts"
import { LeaseLost, Obsolete } from "../JobError.ts"
import { JobStore, type Settlement } from "../JobStore.ts"
import type { Lease } from "../Lease.ts"
import { QueueSettings } from "../QueueSettings.ts"
import { stopRequest } from "../StopRequest.ts"
import { describe, type Reason, type Transition } from "../Transition.ts"
import { claim, claimQuarantined } from "./Memory/Claim.ts"
import { enqueue, stopAll } from "./Memory/Enqueue.ts"
import * as Operate from "./Memory/Operate.ts"
import { disown, prune, rescue } from "./Memory/Rescue.ts"
import { samePullRequest, Tables } from "./Memory/Tables.ts"

const leaseLost = (lease: Lease) =>
  new LeaseLost({ message: `job ${lease.jobId} is no longer held under epoch ${lease.epoch}` })

const make = Effect.gen(function* () {
  const hints = yield* PubSub.sliding<void>(16)
  const lines = yield* PubSub.unbounded<Transition>()
  const tables = new Tables(yield* QueueSettings, (line) => lines.unsafeOffer(line))
  const hint = PubSub.publish(hints, undefined)

  /** Runs a step on the tables at the current time, with nothing in between. */
  const atomically = <A>(step: (now: DateTime.Utc) => A): Effect.Effect<A> => Effect.map(DateTime.now, step)

  /** Writes what can be written; gives back what can't. */
  const settleAll = (settlements: ReadonlyArray<Settlement>, now: DateTime.Utc) =>
    settlements.filter(({ disposition, lease }) => {
      const job = tables.held(lease)
      if (Option.isNone(job)) return true
      Option.map(applyDisposition(job.value, disposition, now), (applied) =>
        tables.write(job.value, applied, now)
      )
      return false
    })

  return JobStore.of({
    enqueue: (job) =>
      atomically((now) => enqueue(tables, job, now)).pipe(
        Effect.tap(({ created }) => (created ? hint : Effect.void))
      ),
    enqueueAll: (jobs) =>
      atomically((now) => jobs.map((job) => enqueue(tables, job, now))).pipe(Effect.zipLeft(hint)),
    cancelPullRequest: (key, message, only) =>
      atomically((now) =>
        stopAll(
          tables,
          (job) =>
            samePullRequest(job.subject, key) &&
            !isQualified(job.kind) &&
            (only === undefined || job.subject.commitSha === only.commitSha),
          { _tag: "Cancelled", message },
          { cancelMessage: Option.some(message) },
          now
        )
      ),
    registerWorker: (info) => atomically((now) => tables.presence.register(info, now)),
    markDraining: (worker) => Effect.sync(() => tables.presence.drain(worker)),
    retireWorker: (worker) => Effect.sync(() => tables.presence.retire(worker, Operate.heldBy(tables))),
    session: (worker) =>
      Stream.unwrapScoped(
        Effect.gen(function* () {
          const changes = yield* Stream.fromPubSub(hints, { scoped: true })
          yield* Effect.acquireRelease(
            Effect.sync(() => tables.presence.setSession(worker, "open")),
            () => Effect.sync(() => tables.presence.setSession(worker, "gone"))
          )
          return Stream.concat(Stream.make(undefined), changes)
        })
      ),
    claim: (worker, limit) => atomically((now) => claim(tables, worker, limit, now)),
    claimQuarantined: (worker) => atomically((now) => claimQuarantined(tables, worker, now)),
    exchange: (worker, settlements, limit) =>
      atomically((now) => {
        const lost = settleAll(settlements, now).map(({ lease }) => lease)
        return { ...claim(tables, worker, limit, now), lost }
      }).pipe(Effect.zipLeft(settlements.length > 0 ? hint : Effect.void)),
    disown: (worker, known) => atomically((now) => disown(tables, worker, known, now)),
    beat: (worker, leases) =>
      atomically((now) => {
        tables.presence.beat(worker, now)
        const beat = {
          lost: [] as Array<Lease>,
          cancelled: [] as Array<{ lease: Lease; reason: Reason }>
        }
        for (const lease of leases) {
          const job = tables.held(lease)
          if (Option.isNone(job)) {
            beat.lost.push(lease)
            continue
          }
          tables.touch(job.value, {
            leaseExpiresAt: Option.some(leaseUntil(now, tables.settings.lease))
          })
          Option.map(stopRequest(job.value), (reason) => beat.cancelled.push({ lease, reason }))
        }
        return beat
      }),
    check: (lease) =>
      Effect.gen(function* () {
        const job = tables.held(lease)
        if (Option.isNone(job)) return yield* leaseLost(lease)
        const stop = stopRequest(job.value)
        if (Option.isSome(stop)) return yield* new Obsolete({ message: describe(stop.value) })
      }),
    settle: (lease, disposition) =>
      disposition._tag === "Abandon"
        ? Effect.void
        : atomically((now) => settleAll([{ lease, disposition }], now).length === 0).pipe(
            Effect.flatMap((written) => (written ? Effect.void : leaseLost(lease))),
            Effect.zipLeft(hint)
          ),
    saveStep: (lease, key, output) =>
      Effect.suspend(() => {
        if (Option.isNone(tables.held(lease))) return leaseLost(lease)
        const name = `${lease.jobId}:${key}`
        if (!tables.steps.has(name)) tables.steps.set(name, structuredClone(output))
        return Effect.void
      }),
    loadStep: (job, key) =>
      Effect.sync(() => {
        const name = `${job}:${key}`
        return tables.steps.has(name) ? Option.some(tables.steps.get(name)) : Option.none()
      }),
    recallStep: (pullRequest, key) =>
      Effect.sync(() => {
        const jobs = [...tables.jobs.values()].filter(({ subject }) => samePullRequest(subject, pullRequest))
        const last = jobs.findLast(({ id }) => tables.steps.has(`${id}:${key}`))
        return last === undefined ? Option.none() : Option.some(tables.steps.get(`${last.id}:${key}`))
      }),
    rescue: atomically((now) => rescue(tables, now)).pipe(
      Effect.tap((rescued) => (rescued.length > 0 ? hint : Effect.void))
    ),
    prune: atomically((now) => prune(tables, now)),
    find: (id) => Effect.sync(() => Option.fromNullable(tables.jobs.get(id))),
    counts: Effect.sync(() => Operate.counts(tables)),
    transitions: (id) => Effect.sync(() => tables.ledger.filter((line) => line.jobId === id)),
    changes: Stream.fromPubSub(lines),
    list: (filter) => Effect.sync(() => Operate.list(tables, filter)),
    stepKeys: (id) => Effect.sync(() => Operate.stepKeys(tables, id)),
    stats: atomically((now) => Operate.stats(tables, now)),
    retry: (id) =>
      Effect.flatten(atomically((now) => Operate.retry(tables, id, now))).pipe(Effect.zipLeft(hint)),
    cancel: (id, message) => Effect.flatten(atomically((now) => Operate.cancel(tables, id, message, now))),
    audit: (options) => Stream.suspend(() => Stream.fromIterable(Operate.audit(tables, options)))
  })
})

/** A fresh, empty store. */
export const layer: Layer.Layer<JobStore> = Layer.effect(JobStore, make)
