/**
 * An offline checker of the queue's promises. Pure: it judges what a store has written, and shares no code with what
 * wrote it.
 *
 * `auditJob` holds one job's row against its ledger. `auditOverlaps` goes through the ledgers of all jobs at once and
 * looks for leases that overlap where they must not. A job is clean when neither has anything to say.
 */
import { DateTime, Duration, Option } from "effect"
import { auditRow } from "./Audit/Row.ts"
import type { Violation } from "./Audit/Violation.ts"
import { isLegal, type Job, type JobStatus } from "./Job.ts"
import type { Reason, Transition } from "./Transition.ts"

export { auditOverlaps, type Movement, nothingRuns } from "./Audit/Overlaps.ts"
export { Violation } from "./Audit/Violation.ts"

export interface Options {
  /**
   * How far a line's time may lie before that of the line above it. Default: not at all. A database's lines bear the
   * time at which their statement began, which may have waited for the row after that.
   */
  readonly clockTolerance?: Duration.Duration
}

type Arrow = readonly [from: JobStatus | null, to: JobStatus]

const backOrFailed: ReadonlyArray<Arrow> = [
  ["processing", "pending"],
  ["processing", "failed"]
]
const back: ReadonlyArray<Arrow> = [["processing", "pending"]]
const stopped: ReadonlyArray<Arrow> = [
  ["pending", "cancelled"],
  ["processing", "cancelled"]
]

/** Where each reason belongs. A new reason without its arrows does not compile. */
const arrowsOf: { readonly [Tag in Reason["_tag"]]: ReadonlyArray<Arrow> } = {
  Enqueued: [[null, "pending"]],
  Claimed: [["pending", "processing"]],
  Succeeded: [["processing", "completed"]],
  Failed: backOrFailed,
  Defect: backOrFailed,
  Interrupted: backOrFailed,
  Snoozed: back,
  Drained: back,
  Busy: back,
  ClaimLost: back,
  WorkerDied: backOrFailed,
  Superseded: stopped,
  Obsolete: [["processing", "cancelled"]],
  Cancelled: stopped,
  Undecodable: [["processing", "failed"]],
  NoAttemptsLeft: [["pending", "failed"]],
  RetriedByOperator: [
    ["failed", "pending"],
    ["cancelled", "pending"]
  ]
}

const isTerminal = (status: JobStatus) => status !== "pending" && status !== "processing"

const nameOf = (worker: Transition["workerId"]) =>
  Option.match(worker, { onNone: () => "no worker", onSome: (id) => `worker ${id}` })

const sameWorker = Option.getEquivalence<number>((a, b) => a === b)

type Finding = readonly [
  tag: Exclude<Violation["_tag"], "RowDiffers" | "PullRequestTwice" | "OverCap">,
  message: string
]

/** What a line says by itself. */
const ofLine = (line: Transition, name: string): ReadonlyArray<Finding> => {
  const findings: Array<Finding> = []
  if (!isLegal(line.from, line.to)) {
    findings.push(["IllegalTransition", `${name} is no transition that there is`])
  } else if (!arrowsOf[line.why._tag].some(([from, to]) => from === line.from && to === line.to)) {
    findings.push(["WrongReason", `${name} can't have the reason ${line.why._tag}`])
  }
  const ofWorker = line.to === "processing"
  if (ofWorker && Option.isNone(line.workerId)) {
    findings.push(["WrongWorker", `${name} does not tell which worker claimed the job`])
  }
  if (!ofWorker && line.from !== "processing" && Option.isSome(line.workerId)) {
    findings.push(["WrongWorker", `${name} bears ${nameOf(line.workerId)}, though no worker held the job`])
  }
  if (line.why._tag === "WorkerDied" && !sameWorker(Option.fromNullable(line.why.worker), line.workerId)) {
    findings.push(["WrongWorker", `${name} bears ${nameOf(line.workerId)}, but says that another one died`])
  }
  return findings
}

/** What a line says after the one before it. */
const ofStep = (
  before: Transition,
  line: Transition,
  name: string,
  tolerance: Duration.Duration
): ReadonlyArray<Finding> => {
  const findings: Array<Finding> = []
  if (line.from !== before.to) {
    findings.push(["Gap", `${name} follows a line that left the job ${before.to}`])
  }
  if (isTerminal(before.to) && line.why._tag !== "RetriedByOperator") {
    findings.push(["NotTheEnd", `${name} came after the job was ${before.to}`])
  }
  const expected = before.epoch + (line.to === "processing" ? 1 : 0)
  if (line.epoch !== expected) {
    findings.push(["WrongEpoch", `${name} has epoch ${line.epoch}, where ${expected} had to be`])
  }
  if (DateTime.lessThan(DateTime.addDuration(line.at, tolerance), before.at)) {
    findings.push([
      "TimeWentBack",
      `${name} is of ${DateTime.formatIso(line.at)}, and the line before it of ${DateTime.formatIso(before.at)}`
    ])
  }
  return findings
}

/** Who ends a claim must be who holds it, and may do so once. */
const ofClaims = (ledger: ReadonlyArray<Transition>): ReadonlyArray<Finding> => {
  const findings: Array<Finding> = []
  const ended = new Set<number>()
  let claim = Option.none<Transition>()
  for (const line of ledger) {
    if (line.to === "processing") claim = Option.some(line)
    if (line.from !== "processing") continue
    if (ended.has(line.epoch)) {
      findings.push(["SettledTwice", `the claim under epoch ${line.epoch} ended more than once`])
    }
    ended.add(line.epoch)
    if (Option.isNone(claim)) continue
    const { epoch, workerId } = claim.value
    if (line.epoch !== epoch || !sameWorker(line.workerId, workerId)) {
      findings.push([
        "StaleSettlement",
        `the claim of ${nameOf(workerId)} under epoch ${epoch} was ended by ${nameOf(line.workerId)} under epoch ${line.epoch}`
      ])
    }
  }
  return findings
}

const ofBeginning = (first: Transition | undefined): ReadonlyArray<Finding> => {
  if (first === undefined) return [["NoBeginning", "the ledger is empty"]]
  return first.from === null && first.to === "pending" && first.why._tag === "Enqueued" && first.epoch === 0
    ? []
    : [["NoBeginning", `the ledger does not begin with the enqueueing, but with ${first.from} → ${first.to}`]]
}

/** What is wrong with a job, given its row and its ledger, oldest line first. */
export const auditJob = (
  job: Job,
  ledger: ReadonlyArray<Transition>,
  options: Options = {}
): ReadonlyArray<Violation> => {
  const tolerance = options.clockTolerance ?? Duration.zero
  const findings = [
    ...ofBeginning(ledger[0]),
    ...ledger.flatMap((line, index) => {
      const name = `line ${index + 1} (${line.from ?? "nothing"} → ${line.to})`
      const before = ledger[index - 1]
      return [...ofLine(line, name), ...(before === undefined ? [] : ofStep(before, line, name, tolerance))]
    }),
    ...ofClaims(ledger)
  ]
  return [
    ...findings.map(([_tag, message]): Violation => ({ _tag, jobId: job.id, message })),
    ...auditRow(job, ledger)
  ]
}
