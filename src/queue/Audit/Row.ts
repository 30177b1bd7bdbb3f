/** Whether a job's row says what its ledger says. */
import { Option } from "effect"
import type { Job } from "../Job.ts"
import type { Reason, Transition } from "../Transition.ts"
import type { Violation } from "./Violation.ts"

/** Which counter a line raises, if any. A job that was stopped instead of being put back bears the stop's reason. */
const counterOf = (tag: Reason["_tag"]): "attempts" | "crashes" | "snoozes" | "none" => {
  switch (tag) {
    case "Failed":
    case "Defect":
    case "Interrupted":
    case "Undecodable":
      return "attempts"
    case "WorkerDied":
      return "crashes"
    case "Snoozed":
      return "snoozes"
    default:
      return "none"
  }
}

/** An operator's retry begins the count anew. */
const sinceTheLastRetry = (ledger: ReadonlyArray<Transition>) =>
  ledger.slice(ledger.findLastIndex((line) => line.why._tag === "RetriedByOperator") + 1)

type Difference = readonly [field: string, row: string, ledger: string]

const presence = (field: string, value: Option.Option<unknown>, expected: boolean): Difference => [
  field,
  Option.isSome(value) ? "set" : "empty",
  expected ? "set" : "empty"
]

const workerOf = (worker: Option.Option<number>) =>
  Option.match(worker, { onNone: () => "empty", onSome: String })

export const auditRow = (job: Job, ledger: ReadonlyArray<Transition>): ReadonlyArray<Violation> => {
  const last = ledger.at(-1)
  if (last === undefined) return []
  const counted = sinceTheLastRetry(ledger)
  const count = (counter: "attempts" | "crashes" | "snoozes"): Difference => [
    counter,
    String(job[counter]),
    String(counted.filter((line) => counterOf(line.why._tag) === counter).length)
  ]
  const running = last.to === "processing"
  // What a cancelled job had begun stays to be seen; what is to run again, or has failed, has not begun.
  const begun = running || last.to === "completed" || (last.to === "cancelled" && last.from === "processing")
  const compared: ReadonlyArray<Difference> = [
    ["status", job.status, last.to],
    ["epoch", String(job.epoch), String(last.epoch)],
    count("attempts"),
    count("crashes"),
    count("snoozes"),
    ["worker", workerOf(job.workerId), running ? workerOf(last.workerId) : "empty"],
    presence("lease", job.leaseExpiresAt, running),
    presence("started_at", job.startedAt, begun),
    presence("completed_at", job.completedAt, !running && last.to !== "pending"),
    // Such a job would be cancelled by whoever puts it back, however long after the wish it was claimed.
    ...(last.to === "pending" ? [presence("cancel_requested_at", job.cancelRequestedAt, false)] : [])
  ]
  return compared
    .filter(([, row, expected]) => row !== expected)
    .map(([field, row, expected]) => ({
      _tag: "RowDiffers",
      jobId: job.id,
      field,
      message: `the row's ${field} is ${row}, and by the ledger it had to be ${expected}`
    }))
}
