import { Console, DateTime, Effect, Option } from "effect"
import type { Job, JobId } from "../../queue/Job.ts"
import { JobStore } from "../../queue/JobStore.ts"
import { noSuchJob } from "../../queue/Refusal.ts"
import { describe, type Transition } from "../../queue/Transition.ts"
import * as Print from "./Print.ts"
import { between, nameOf, standing } from "./Standing.ts"

interface ShowOptions {
  readonly id: JobId
  readonly json: boolean
}

const facts = (
  job: Job,
  running: ReadonlyArray<Job>,
  now: DateTime.Utc
): ReadonlyArray<readonly [string, string]> => {
  const when = (at: DateTime.Utc) =>
    DateTime.greaterThan(at, now)
      ? `${DateTime.formatIso(at)} (in ${between(now, at)})`
      : `${DateTime.formatIso(at)} (${between(at, now)} ago)`
  const optional = (name: string, at: Option.Option<DateTime.Utc>) =>
    Option.match(at, { onNone: () => [], onSome: (at) => [[name, when(at)] as const] })
  return [
    ["status", [job.status, standing(job, running, now)].filter((part) => part !== "").join(", ")],
    ["title", job.subject.title],
    ["commit", `${job.subject.commitSha}, to be merged into ${job.subject.baseBranch}`],
    ["installation", String(job.subject.installationId)],
    ["attempts", `${job.attempts} of ${job.maxAttempts}; ${job.crashes} crashes, ${job.snoozes} snoozes`],
    ["trigger", `${job.trigger}; priority ${job.priority}, generation ${job.generation}`],
    ["epoch", String(job.epoch)],
    ["enqueued", when(job.createdAt)],
    ...(job.status === "pending" ? [["due", when(job.runAt)] as const] : []),
    ...optional("started", job.startedAt),
    ...optional("lease ends", job.leaseExpiresAt),
    ...optional("asked to stop", job.cancelRequestedAt),
    ...optional("ended", job.completedAt)
  ]
}

const ledgerRow = (line: Transition) => [
  DateTime.formatIso(line.at),
  String(line.epoch),
  line.from === null ? line.to : `${line.from} → ${line.to}`,
  Option.match(line.workerId, { onNone: () => "", onSome: String }),
  `${line.why._tag}: ${describe(line.why)}`
]

/** `holdfast jobs show` */
export const run = ({ id, json }: ShowOptions) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    const found = yield* store.find(id)
    if (Option.isNone(found)) return yield* Print.refused(json)(noSuchJob(id))
    const job = found.value
    const ledger = yield* store.transitions(id)
    const steps = yield* store.stepKeys(id)
    if (json) return yield* Print.json({ job, ledger, steps })
    const { owner, pullRequest, repo } = job.subject
    const running = yield* store.list({
      pullRequest: { owner, repo, pullRequest },
      status: "processing",
      limit: 1
    })
    const now = yield* DateTime.now
    yield* Console.log(
      [
        Print.printable(`Job ${id}: ${job.kind} of ${nameOf(job)}`),
        "",
        Print.table(facts(job, running, now)),
        "",
        Print.table([["AT", "EPOCH", "CHANGE", "WORKER", "WHY"], ...ledger.map(ledgerRow)]),
        "",
        steps.length === 0 ? "No steps are saved." : `Saved steps: ${steps.map(Print.printable).join(", ")}`
      ].join("\n")
    )
  }).pipe(Print.explainUnreadable)
