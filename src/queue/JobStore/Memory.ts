/**
 * Jobs in memory: for tests, simulations and trials. Nothing survives the process.
 *
 * Each operation reads the clock and then changes the tables in one synchronous step, which no other fiber can come
 * between; that is all the atomicity there is to need.
 */
import { DateTime, Effect, Layer, Option, PubSub, Stream } from "effect"
import { type Applied, applyDisposition, applyRescue, leaseUntil, newJob } from "../Applied.ts"
import { Epoch, type Job, JobId, type NewJob, type WorkerId } from "../Job.ts"
import { LeaseLost, Obsolete } from "../JobError.ts"
import { type Claimed, JobStore, type PullRequestKey, type Rescued } from "../JobStore.ts"
import type { Lease } from "../Lease.ts"
import { QueueSettings } from "../QueueSettings.ts"
import { stopRequest } from "../StopRequest.ts"
import { describe, type Reason, type Transition } from "../Transition.ts"
import { grant } from "./grant.ts"
import { Presence } from "./Memory/Presence.ts"

const samePullRequest = (a: PullRequestKey, b: PullRequestKey) =>
  a.owner === b.owner && a.repo === b.repo && a.pullRequest === b.pullRequest

const byUrgency = (a: Job, b: Job) =>
  a.priority - b.priority || DateTime.Order(a.runAt, b.runAt) || a.id - b.id

const leaseLost = (lease: Lease) =>
  new LeaseLost({
    message: `job ${lease.jobId} is no longer held under epoch ${lease.epoch}`
  })

const make = Effect.gen(function* () {
  const settings = yield* QueueSettings
  const hints = yield* PubSub.sliding<void>(16)
  const jobs = new Map<JobId, Job>()
  const presence = new Presence(settings.deadAfter)
  const steps = new Map<string, unknown>()
  const ledger: Array<Transition> = []

  /** Runs a step on the tables at the current time, with nothing in between. */
  const atomically = <A>(step: (now: DateTime.Utc) => A): Effect.Effect<A> => Effect.map(DateTime.now, step)
  const hint = PubSub.publish(hints, undefined)

  const record = (
    job: Job,
    from: Transition["from"],
    why: Reason,
    workerId: Job["workerId"],
    at: DateTime.Utc
  ) => {
    ledger.push({
      jobId: job.id,
      epoch: job.epoch,
      from,
      to: job.status,
      why,
      workerId,
      at
    })
    jobs.set(job.id, job)
  }
  const write = (before: Job, applied: Applied, at: DateTime.Utc) =>
    record(applied.job, before.status, applied.reason, before.workerId, at)

  /** The job, if it is still processing under exactly this claim. */
  const held = (lease: Lease): Option.Option<Job> =>
    Option.fromNullable(jobs.get(lease.jobId)).pipe(
      Option.filter(
        (job) =>
          job.status === "processing" &&
          job.epoch === lease.epoch &&
          Option.contains(job.workerId, lease.worker)
      )
    )

  const cancelPending = (job: Job, reason: Reason, changes: Partial<Job>, now: DateTime.Utc) =>
    Option.map(applyDisposition(job, { _tag: "Cancel", reason }, now), (applied) =>
      write(job, { ...applied, job: { ...applied.job, ...changes } }, now)
    )

  /** Cancels what is pending and asks what runs to stop; tells what was cancelled. */
  const stopAll = (
    matching: (job: Job) => boolean,
    reason: Reason,
    changes: Partial<Job>,
    now: DateTime.Utc
  ) => {
    const cancelled: Array<JobId> = []
    for (const job of [...jobs.values()].filter(matching)) {
      if (job.status === "pending") {
        cancelPending(job, reason, changes, now)
        cancelled.push(job.id)
      } else if (job.status === "processing" && Option.isNone(job.cancelRequestedAt)) {
        jobs.set(job.id, {
          ...job,
          ...changes,
          cancelRequestedAt: Option.some(now)
        })
      }
    }
    return cancelled
  }

  const enqueue = (request: NewJob) =>
    atomically((now) => {
      const job = newJob(JobId.make(jobs.size + 1), request, settings.maxAttempts, now)
      const ofPullRequest = [...jobs.values()].filter((other) => samePullRequest(other.subject, job.subject))
      const same = ofPullRequest.find(
        (other) =>
          other.subject.commitSha === job.subject.commitSha &&
          other.kind === job.kind &&
          other.generation === job.generation &&
          other.status !== "failed" &&
          other.status !== "cancelled" &&
          Option.isNone(other.cancelRequestedAt)
      )
      if (same !== undefined) return { id: same.id, created: false, superseded: [] }
      record(job, null, { _tag: "Enqueued", trigger: job.trigger }, Option.none(), now)
      const superseded = stopAll(
        (other) =>
          other.id !== job.id &&
          other.kind === job.kind &&
          samePullRequest(other.subject, job.subject) &&
          other.subject.commitSha !== job.subject.commitSha,
        { _tag: "Superseded", by: job.id },
        { supersededBy: Option.some(job.id) },
        now
      )
      return { id: job.id, created: true, superseded }
    }).pipe(Effect.tap((enqueued) => (enqueued.created ? hint : Effect.void)))

  const claim = (worker: WorkerId, limit: number) =>
    atomically((now) => {
      const claimed: Array<Claimed> = []
      const running = [...jobs.values()].filter((job) => job.status === "processing")
      const due = [...jobs.values()]
        .filter(
          (job) =>
            job.status === "pending" &&
            job.attempts < job.maxAttempts &&
            DateTime.lessThanOrEqualTo(job.runAt, now)
        )
        .sort(byUrgency)
      for (const job of due) {
        if (claimed.length >= limit) break
        const busy = [...running, ...claimed.map((one) => one.job)]
        if (busy.some((other) => samePullRequest(other.subject, job.subject))) continue
        const expiresAt = leaseUntil(now, settings.lease)
        const started: Job = {
          ...job,
          status: "processing",
          epoch: Epoch.make(job.epoch + 1),
          workerId: Option.some(worker),
          leaseExpiresAt: Option.some(expiresAt),
          startedAt: Option.some(now)
        }
        record(started, "pending", { _tag: "Claimed" }, started.workerId, now)
        presence.beat(worker, now)
        claimed.push({
          job: started,
          lease: grant({
            jobId: job.id,
            epoch: started.epoch,
            worker,
            expiresAt
          })
        })
      }
      return claimed
    })

  const rescue = atomically((now) => {
    const rescued: Array<Rescued> = []
    for (const job of [...jobs.values()]) {
      if (job.status === "pending" && job.attempts >= job.maxAttempts) {
        const reason: Reason = { _tag: "NoAttemptsLeft" }
        record(
          { ...job, status: "failed", completedAt: Option.some(now) },
          "pending",
          reason,
          Option.none(),
          now
        )
        rescued.push({ id: job.id, to: "failed", reason })
      }
      const seenBy = job.status === "processing" ? presence.deathOfHolder(job, now) : Option.none()
      if (Option.isNone(seenBy)) continue
      const reason: Reason = {
        _tag: "WorkerDied",
        worker: Option.getOrNull(job.workerId),
        seenBy: seenBy.value
      }
      const applied = applyRescue(job, settings.maxCrashes, now, reason)
      write(job, applied, now)
      rescued.push({ id: job.id, to: applied.to, reason: applied.reason })
    }
    return rescued
  }).pipe(Effect.tap((rescued) => (rescued.length > 0 ? hint : Effect.void)))

  return JobStore.of({
    enqueue,
    cancelPullRequest: (key, message) =>
      atomically((now) =>
        stopAll(
          (job) => samePullRequest(job.subject, key),
          { _tag: "Cancelled", message },
          { cancelMessage: Option.some(message) },
          now
        )
      ),
    registerWorker: () => atomically((now) => presence.register(now)),
    markDraining: () => Effect.void,
    retireWorker: () => Effect.void,
    session: (worker) =>
      Stream.unwrapScoped(
        Effect.gen(function* () {
          const changes = yield* Stream.fromPubSub(hints, { scoped: true })
          yield* Effect.acquireRelease(
            Effect.sync(() => presence.setSession(worker, "open")),
            () => Effect.sync(() => presence.setSession(worker, "gone"))
          )
          return Stream.concat(Stream.make(undefined), changes)
        })
      ),
    claim,
    beat: (worker, leases) =>
      atomically((now) => {
        presence.beat(worker, now)
        const beat = {
          lost: [] as Array<Lease>,
          cancelled: [] as Array<{ lease: Lease; reason: Reason }>
        }
        for (const lease of leases) {
          const job = held(lease)
          if (Option.isNone(job)) {
            beat.lost.push(lease)
            continue
          }
          jobs.set(lease.jobId, {
            ...job.value,
            leaseExpiresAt: Option.some(leaseUntil(now, settings.lease))
          })
          Option.map(stopRequest(job.value), (reason) => beat.cancelled.push({ lease, reason }))
        }
        return beat
      }),
    check: (lease) =>
      Effect.gen(function* () {
        const job = held(lease)
        if (Option.isNone(job)) return yield* leaseLost(lease)
        const stop = stopRequest(job.value)
        if (Option.isSome(stop)) return yield* new Obsolete({ message: describe(stop.value) })
      }),
    settle: (lease, disposition) =>
      atomically((now) => {
        const job = held(lease)
        if (Option.isNone(job)) return false
        Option.map(applyDisposition(job.value, disposition, now), (applied) => write(job.value, applied, now))
        return true
      }).pipe(
        Effect.flatMap((written) => (written ? Effect.void : leaseLost(lease))),
        Effect.zipLeft(hint)
      ),
    saveStep: (lease, key, output) =>
      Effect.suspend(() => {
        if (Option.isNone(held(lease))) return leaseLost(lease)
        const name = `${lease.jobId}:${key}`
        if (!steps.has(name)) steps.set(name, structuredClone(output))
        return Effect.void
      }),
    loadStep: (job, key) =>
      Effect.sync(() => {
        const name = `${job}:${key}`
        return steps.has(name) ? Option.some(steps.get(name)) : Option.none()
      }),
    rescue,
    find: (id) => Effect.sync(() => Option.fromNullable(jobs.get(id))),
    counts: Effect.sync(() => {
      const counts = {
        pending: 0,
        processing: 0,
        completed: 0,
        failed: 0,
        cancelled: 0
      }
      for (const job of jobs.values()) counts[job.status]++
      return counts
    }),
    transitions: (id) => Effect.sync(() => ledger.filter((entry) => entry.jobId === id))
  })
})

/** A fresh, empty store. */
export const layer: Layer.Layer<JobStore> = Layer.effect(JobStore, make)
