/** Generated histories of one job that keep every rule, as a row and its ledger. */
import { DateTime, Duration, FastCheck as fc, Option } from "effect"
import { type Applied, applyDisposition, applyRescue, leaseUntil, newJob } from "../../src/queue/Applied.ts"
import { Disposition } from "../../src/queue/Disposition.ts"
import { Epoch, type Job, JobId, type NewJob, WorkerId } from "../../src/queue/Job.ts"
import { stopRequest } from "../../src/queue/StopRequest.ts"
import type { Reason, Transition } from "../../src/queue/Transition.ts"

export interface History {
  readonly job: Job
  readonly ledger: ReadonlyArray<Transition>
}

type Deed =
  | "claim"
  | "complete"
  | "fail"
  | "retry"
  | "defect"
  | "interrupt"
  | "snooze"
  | "release"
  | "undecodable"
  | "obsolete"
  | "die"
  | "cancel"
  | "supersede"
  | "spend"
  | "retryByOperator"

const request: NewJob = {
  subject: {
    installationId: 1,
    owner: "acme",
    repo: "shop",
    pullRequest: 3,
    title: "Add a cart",
    commitSha: "a".repeat(40),
    baseBranch: "main"
  },
  trigger: "opened"
}

const failure: Reason = { _tag: "Failed", error: "Transient", message: "again" }

const ending = (deed: Deed): Option.Option<Disposition> => {
  switch (deed) {
    case "complete":
      return Option.some(Disposition.Complete())
    case "fail":
      return Option.some(Disposition.Fail({ reason: failure }))
    case "retry":
      return Option.some(Disposition.Retry({ reason: failure, delay: Duration.zero }))
    case "defect":
      return Option.some(
        Disposition.Retry({ reason: { _tag: "Defect", message: "bug" }, delay: Duration.zero })
      )
    case "interrupt":
      return Option.some(Disposition.Retry({ reason: { _tag: "Interrupted" }, delay: Duration.zero }))
    case "snooze":
      return Option.some(
        Disposition.Snooze({ reason: { _tag: "Snoozed", message: "wait" }, until: DateTime.unsafeMake(0) })
      )
    case "release":
      return Option.some(Disposition.Release({ reason: { _tag: "Drained" } }))
    case "undecodable":
      return Option.some(Disposition.Fail({ reason: { _tag: "Undecodable", message: "no" } }))
    case "obsolete":
      return Option.some(Disposition.Cancel({ reason: { _tag: "Obsolete", message: "moved on" } }))
    default:
      return Option.none()
  }
}

const retried = (job: Job): Job => ({
  ...job,
  status: "pending",
  generation: job.generation + 1,
  attempts: 0,
  crashes: 0,
  snoozes: 0,
  cancelRequestedAt: Option.none(),
  cancelMessage: Option.none(),
  supersededBy: Option.none(),
  errorMessage: Option.none(),
  startedAt: Option.none(),
  completedAt: Option.none()
})

const happen = ({ job, ledger }: History, deed: Deed, now: DateTime.Utc): History => {
  const line = (next: Job, why: Reason, workerId: Job["workerId"]): History => ({
    job: next,
    ledger: [
      ...ledger,
      { jobId: job.id, epoch: next.epoch, from: job.status, to: next.status, why, workerId, at: now }
    ]
  })
  const applied = ({ job: next, reason }: Applied) => line(next, reason, job.workerId)
  const nothing: History = { job, ledger }
  const asked = (changes: Partial<Job>): History => {
    const wished: Job = { ...job, ...changes, cancelRequestedAt: Option.some(now) }
    if (job.status === "processing") return { job: wished, ledger }
    if (job.status !== "pending") return nothing
    return Option.match(
      Option.flatMap(stopRequest(wished), (reason) =>
        applyDisposition(job, Disposition.Cancel({ reason }), now)
      ),
      { onNone: () => nothing, onSome: applied }
    )
  }
  switch (deed) {
    case "claim": {
      if (job.status !== "pending" || job.attempts >= job.maxAttempts) return nothing
      const worker = Option.some(WorkerId.make(1 + (ledger.length % 3)))
      return line(
        {
          ...job,
          status: "processing",
          epoch: Epoch.make(job.epoch + 1),
          workerId: worker,
          leaseExpiresAt: Option.some(leaseUntil(now, Duration.seconds(30))),
          startedAt: Option.some(now)
        },
        { _tag: "Claimed" },
        worker
      )
    }
    case "die":
      return job.status === "processing"
        ? applied(
            applyRescue(job, 5, now, {
              _tag: "WorkerDied",
              worker: Option.getOrNull(job.workerId),
              seenBy: "lease"
            })
          )
        : nothing
    case "cancel":
      return asked({ cancelMessage: Option.some("closed") })
    case "supersede":
      return asked({ supersededBy: Option.some(JobId.make(job.id + 1)) })
    case "spend":
      return job.status === "pending" && job.attempts >= job.maxAttempts
        ? line(
            { ...job, status: "failed", completedAt: Option.some(now) },
            { _tag: "NoAttemptsLeft" },
            Option.none()
          )
        : nothing
    case "retryByOperator":
      return job.status === "failed" || job.status === "cancelled"
        ? line(retried(job), { _tag: "RetriedByOperator" }, Option.none())
        : nothing
    default:
      return job.status !== "processing"
        ? nothing
        : Option.match(
            Option.flatMap(ending(deed), (disposition) => applyDisposition(job, disposition, now)),
            { onNone: () => nothing, onSome: applied }
          )
  }
}

const deeds: ReadonlyArray<Deed> = [
  "complete",
  "fail",
  "retry",
  "defect",
  "interrupt",
  "snooze",
  "release",
  "undecodable",
  "obsolete",
  "die",
  "cancel",
  "supersede",
  "spend",
  "retryByOperator"
]

const start = (maxAttempts: number): History => {
  const now = DateTime.unsafeMake(0)
  const job = newJob(JobId.make(7), request, maxAttempts, now)
  return {
    job,
    ledger: [
      {
        jobId: job.id,
        epoch: job.epoch,
        from: null,
        to: "pending",
        why: { _tag: "Enqueued", trigger: job.trigger },
        workerId: Option.none(),
        at: now
      }
    ]
  }
}

/** A legal history. Claims are frequent, since most other deeds need one. */
export const history: fc.Arbitrary<History> = fc
  .record({
    maxAttempts: fc.integer({ min: 1, max: 4 }),
    deeds: fc.array(
      fc.record({
        deed: fc.oneof(
          { weight: 2, arbitrary: fc.constant<Deed>("claim") },
          { weight: 3, arbitrary: fc.constantFrom(...deeds) }
        ),
        after: fc.integer({ min: 0, max: 1_000 })
      }),
      { minLength: 5, maxLength: 40 }
    )
  })
  .map(({ deeds, maxAttempts }) => {
    let now = 0
    return deeds.reduce((sofar, { after, deed }) => {
      now += after
      return happen(sofar, deed, DateTime.unsafeMake(now))
    }, start(maxAttempts))
  })
