/**
 * Histories: what happens to a queue, as data that fast-check generates, shrinks and prints.
 *
 * Two workers take part at a time. Each knows leases: those that it believes it holds, and old ones. A worker that
 * crashed writes no more, unless it comes back as a zombie: a process that had only stalled, and goes on where it was.
 */
import { FastCheck as fc } from "effect"
import type { Trigger } from "../../../src/queue/Job.ts"

/** Points to one of the leases that a worker knows. Below `old`, it is one that the worker believes it holds. */
export type LeaseChoice = number

export interface Ending {
  readonly how: "Complete" | "Retry" | "RetryAt" | "Snooze" | "Release" | "Fail" | "Cancel"
  /** For those that wait: until how long from now; a time that is past already is allowed. */
  readonly millis: number
}

export interface Request {
  readonly installation: number
  readonly pullRequest: number
  readonly commit: string
  readonly kind: string
  readonly generation: number
  readonly trigger: Trigger
  readonly delayMillis: number
  readonly maxAttempts: number
}

/** Whether the worker learns what the store did. If not, the store has done it all the same. */
type Answer = "arrives" | "is lost"

export type Command =
  | { readonly _tag: "Enqueue"; readonly requests: ReadonlyArray<Request> }
  | { readonly _tag: "CancelPullRequest"; readonly installation: number; readonly pullRequest: number }
  | { readonly _tag: "Claim"; readonly worker: number; readonly limit: number; readonly answer: Answer }
  | { readonly _tag: "ClaimQuarantined"; readonly worker: number; readonly answer: Answer }
  | { readonly _tag: "Race"; readonly limits: ReadonlyArray<number> }
  | {
      readonly _tag: "Exchange"
      readonly worker: number
      readonly endings: ReadonlyArray<readonly [LeaseChoice, Ending]>
      readonly limit: number
      readonly answer: Answer
    }
  | {
      readonly _tag: "Settle"
      readonly worker: number
      readonly lease: LeaseChoice
      readonly ending: Ending
      readonly answer: Answer
    }
  | { readonly _tag: "Beat"; readonly worker: number; readonly alsoOld: boolean }
  | { readonly _tag: "Check"; readonly worker: number; readonly lease: LeaseChoice }
  | { readonly _tag: "SaveStep"; readonly worker: number; readonly lease: LeaseChoice; readonly key: string }
  | { readonly _tag: "Rescue" }
  /** All leases run out, and a rescue. */
  | { readonly _tag: "RunOut" }
  | { readonly _tag: "Disown"; readonly worker: number }
  | { readonly _tag: "Prune" }
  /** By an operator. */
  | { readonly _tag: "Cancel"; readonly job: number }
  | { readonly _tag: "Retry"; readonly job: number }
  | { readonly _tag: "Wait"; readonly millis: number }
  | { readonly _tag: "OpenSession"; readonly worker: number }
  | { readonly _tag: "CloseSession"; readonly worker: number }
  | { readonly _tag: "Crash"; readonly worker: number }

export interface Rules {
  readonly perInstallation: number
  readonly quarantineAfter: number
  readonly maxCrashes: number
}

/** How many workers there are at a time. */
export const workers = 2

/** A worker, or from `workers` on one of the zombies, the last one to crash first. */
const worker = fc.oneof(
  { weight: 6, arbitrary: fc.nat(workers - 1) },
  { weight: 1, arbitrary: fc.integer({ min: workers, max: workers }) }
)
/** From here on, a choice is one of the old leases. */
export const old = 12
const lease = fc.nat(old + 3)
const answer = fc.oneof(
  { weight: 7, arbitrary: fc.constant<Answer>("arrives") },
  { weight: 1, arbitrary: fc.constant<Answer>("is lost") }
)
const limit = fc.integer({ min: 1, max: 4 })
const installation = fc.integer({ min: 1, max: 2 })
const pullRequest = fc.integer({ min: 1, max: 3 })

const ending: fc.Arbitrary<Ending> = fc.record({
  how: fc.constantFrom("Complete", "Retry", "Retry", "Release", "Snooze", "RetryAt", "Fail", "Cancel"),
  millis: fc.constantFrom(0, 5_000, 30_000, -5_000)
})

const request: fc.Arbitrary<Request> = fc.record({
  installation,
  pullRequest,
  commit: fc.constantFrom("a", "a", "a", "b"),
  kind: fc.constantFrom("review", "review", "review", "answer"),
  generation: fc.constantFrom(0, 0, 0, 1),
  trigger: fc.constantFrom("opened", "push", "command", "sweep"),
  delayMillis: fc.constantFrom(0, 0, 0, 5_000),
  maxAttempts: fc.constantFrom(3, 2, 1, 3, 3, 3, 3, 3, 3, 3, 3, 0)
})

/** Often just longer than a lease; else about the times that the settings name, or anything. */
const millis = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(30_001, 30_001, 2_251) },
  { weight: 1, arbitrary: fc.constantFrom(1, 2_250, 5_000, 29_999, 30_000, 60_001, 120_001, 120_001) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 40_000 }) }
)

const tag = <Tag extends Command["_tag"]>(name: Tag) => fc.constant(name)

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      _tag: tag("Enqueue"),
      requests: fc.array(request, { minLength: 1, maxLength: 3 })
    })
  },
  { weight: 2, arbitrary: fc.record({ _tag: tag("CancelPullRequest"), installation, pullRequest }) },
  { weight: 20, arbitrary: fc.record({ _tag: tag("Claim"), worker, limit, answer }) },
  { weight: 4, arbitrary: fc.record({ _tag: tag("ClaimQuarantined"), worker, answer }) },
  {
    weight: 2,
    arbitrary: fc.record({ _tag: tag("Race"), limits: fc.array(limit, { minLength: 2, maxLength: workers }) })
  },
  {
    weight: 20,
    arbitrary: fc.record({
      _tag: tag("Exchange"),
      worker,
      endings: fc.array(fc.tuple(lease, ending), { maxLength: 3 }),
      limit: fc.nat(3),
      answer
    })
  },
  { weight: 14, arbitrary: fc.record({ _tag: tag("Settle"), worker, lease, ending, answer }) },
  { weight: 5, arbitrary: fc.record({ _tag: tag("Beat"), worker, alsoOld: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ _tag: tag("Check"), worker, lease }) },
  {
    weight: 2,
    arbitrary: fc.record({ _tag: tag("SaveStep"), worker, lease, key: fc.constantFrom("diff", "chunk") })
  },
  { weight: 8, arbitrary: fc.constant({ _tag: "Rescue" } as const) },
  { weight: 2, arbitrary: fc.record({ _tag: tag("Disown"), worker }) },
  { weight: 8, arbitrary: fc.constant({ _tag: "RunOut" } as const) },
  { weight: 3, arbitrary: fc.constant({ _tag: "Prune" } as const) },
  { weight: 1, arbitrary: fc.record({ _tag: tag("Cancel"), job: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.record({ _tag: tag("Retry"), job: fc.nat(9) }) },
  { weight: 10, arbitrary: fc.record({ _tag: tag("Wait"), millis }) },
  { weight: 6, arbitrary: fc.record({ _tag: tag("OpenSession"), worker }) },
  { weight: 1, arbitrary: fc.record({ _tag: tag("CloseSession"), worker }) },
  { weight: 4, arbitrary: fc.record({ _tag: tag("Crash"), worker: fc.nat(workers - 1) }) }
)

const ofLease = (choice: LeaseChoice) =>
  choice < old ? `its lease no. ${choice + 1}` : `its old lease no. ${choice - old + 1}`
const ofEnding = ({ how, millis }: Ending) =>
  how === "Retry" || how === "RetryAt" || how === "Snooze" ? `${how} in ${millis} ms` : how
const ofAnswer = (answer: Answer) => (answer === "is lost" ? ", but the answer is lost" : "")
const ofRequest = (request: Request) =>
  `${request.kind} of ${request.installation}/${request.pullRequest}${request.commit}` +
  ` (${request.trigger}, generation ${request.generation}, ${request.maxAttempts} attempts, in ${request.delayMillis} ms)`

const ofDeed = (command: Exclude<Command, { readonly worker: number }>): string => {
  switch (command._tag) {
    case "Enqueue":
      return `enqueue ${command.requests.map(ofRequest).join(", ")}`
    case "CancelPullRequest":
      return `cancel ${command.installation}/${command.pullRequest}`
    case "Race":
      return `all at once, workers claim up to ${command.limits.join(", ")}`
    case "Rescue":
      return "rescue"
    case "RunOut":
      return "all leases run out; rescue"
    case "Prune":
      return "prune"
    case "Cancel":
      return `an operator cancels job ${command.job + 1}`
    case "Retry":
      return `an operator retries job ${command.job + 1}`
    case "Wait":
      return `${command.millis} ms pass`
  }
}

const ofWorker = (command: Extract<Command, { readonly worker: number }>): string => {
  switch (command._tag) {
    case "Claim":
      return `claims up to ${command.limit}${ofAnswer(command.answer)}`
    case "ClaimQuarantined":
      return `claims from quarantine${ofAnswer(command.answer)}`
    case "Exchange": {
      const endings = command.endings.map(([choice, ending]) => `${ofLease(choice)}: ${ofEnding(ending)}`)
      return `exchanges [${endings.join("; ")}] for up to ${command.limit}${ofAnswer(command.answer)}`
    }
    case "Settle":
      return `settles ${ofLease(command.lease)}: ${ofEnding(command.ending)}${ofAnswer(command.answer)}`
    case "Beat":
      return command.alsoOld ? "beats, also for old leases" : "beats"
    case "Check":
      return `checks ${ofLease(command.lease)}`
    case "SaveStep":
      return `saves the step ${command.key} under ${ofLease(command.lease)}`
    case "Disown":
      return "disowns what it does not know of"
    case "OpenSession":
      return "opens its session"
    case "CloseSession":
      return "loses its session"
    case "Crash":
      return "crashes, and another one starts in its place"
  }
}

const nameOf = (worker: number) =>
  worker < workers ? `worker ${worker + 1}` : `zombie ${worker - workers + 1}`

/** The command as a sentence. */
export const describe = (command: Command): string =>
  "worker" in command ? `${nameOf(command.worker)} ${ofWorker(command)}` : ofDeed(command)

/** A whole history; as a string, a numbered list. */
export class History {
  readonly rules: Rules
  readonly commands: ReadonlyArray<Command>

  constructor(rules: Rules, commands: ReadonlyArray<Command>) {
    this.rules = rules
    this.commands = commands
  }

  toString(): string {
    const { maxCrashes, perInstallation, quarantineAfter } = this.rules
    return [
      `${perInstallation} of an installation at once, quarantine after ${quarantineAfter} crashes, failed after ${maxCrashes}`,
      ...this.commands.map((command, index) => `${index + 1}. ${describe(command)}`)
    ].join("\n")
  }
}

export const history: fc.Arbitrary<History> = fc
  .record({
    rules: fc.record({
      perInstallation: fc.constantFrom(2, 1, Number.POSITIVE_INFINITY, 2),
      quarantineAfter: fc.constantFrom(2, 1),
      maxCrashes: fc.constantFrom(4, 3, 2)
    }),
    commands: fc.array(command, { minLength: 1, maxLength: 40, size: "max" })
  })
  .map(({ commands, rules }) => new History(rules, commands))
