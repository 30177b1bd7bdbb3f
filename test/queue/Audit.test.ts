/** The checker: silent about every legal history, and never about one that was tampered with. */
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, DateTime, Duration, FastCheck as fc, Option } from "effect"
import * as Audit from "../../src/queue/Audit.ts"
import { Epoch, JobId, WorkerId } from "../../src/queue/Job.ts"
import type { Transition } from "../../src/queue/Transition.ts"
import { type History, history } from "./Ledgers.ts"

const tags = ({ job, ledger }: History) => Audit.auditJob(job, ledger).map((violation) => violation._tag)
const fields = ({ job, ledger }: History) =>
  Audit.auditJob(job, ledger).flatMap((found) => (found._tag === "RowDiffers" ? [found.field] : []))

/** The history with one line changed; none where no line fits. The number chooses among those that do. */
const change = (
  { job, ledger }: History,
  which: number,
  fits: (line: Transition, index: number) => boolean,
  to: (line: Transition) => ReadonlyArray<Transition>
): Option.Option<History> => {
  const candidates = ledger.flatMap((line, index) => (fits(line, index) ? [index] : []))
  return Option.map(Arr.get(candidates, which % Math.max(candidates.length, 1)), (chosen) => ({
    job,
    ledger: ledger.flatMap((line, index) => (index === chosen ? to(line) : [line]))
  }))
}

const stranger = Option.some(WorkerId.make(99))

type Corruption = readonly [
  what: string,
  expected: Audit.Violation["_tag"],
  corrupt: (history: History, which: number) => Option.Option<History>
]

const corruptions: ReadonlyArray<Corruption> = [
  ["no ledger", "NoBeginning", ({ job }) => Option.some({ job, ledger: [] })],
  [
    "a ledger without its first line",
    "NoBeginning",
    ({ job, ledger }) => (ledger.length > 1 ? Option.some({ job, ledger: ledger.slice(1) }) : Option.none())
  ],
  [
    "a missing line",
    "Gap",
    (one, which) =>
      change(
        one,
        which,
        (_, index) => index > 0 && index < one.ledger.length - 1,
        () => []
      )
  ],
  [
    "an arrow that does not exist",
    "IllegalTransition",
    (one, which) =>
      change(
        one,
        which,
        (line) => line.from === "pending",
        (line) => [{ ...line, to: "completed" }]
      )
  ],
  [
    "an epoch that a claim skipped",
    "WrongEpoch",
    (one, which) =>
      change(
        one,
        which,
        (line) => line.to === "processing",
        (line) => [{ ...line, epoch: Epoch.make(line.epoch + 1) }]
      )
  ],
  [
    "an epoch that did not rise",
    "WrongEpoch",
    (one, which) =>
      change(
        one,
        which,
        (line) => line.to === "processing",
        (line) => [{ ...line, epoch: Epoch.make(line.epoch - 1) }]
      )
  ],
  [
    "a settlement under an older epoch",
    "StaleSettlement",
    (one, which) =>
      change(
        one,
        which,
        (line) => line.from === "processing",
        (line) => [{ ...line, epoch: Epoch.make(line.epoch - 1) }]
      )
  ],
  [
    "a settlement by another worker",
    "StaleSettlement",
    (one, which) =>
      change(
        one,
        which,
        (line) => line.from === "processing",
        (line) => [{ ...line, workerId: stranger }]
      )
  ],
  [
    "a settlement by nobody",
    "StaleSettlement",
    (one, which) =>
      change(
        one,
        which,
        (line) => line.from === "processing",
        (line) => [{ ...line, workerId: Option.none() }]
      )
  ],
  [
    "a rescue that names somebody else as dead",
    "WrongWorker",
    (one, which) =>
      change(
        one,
        which,
        (line) => line.why._tag === "WorkerDied",
        (line) => [{ ...line, why: { _tag: "WorkerDied", worker: WorkerId.make(99), seenBy: "session" } }]
      )
  ],
  [
    "a claim by nobody",
    "WrongWorker",
    (one, which) =>
      change(
        one,
        which,
        (line) => line.to === "processing",
        (line) => [{ ...line, workerId: Option.none() }]
      )
  ],
  [
    "a worker where none had a part",
    "WrongWorker",
    (one, which) =>
      change(
        one,
        which,
        (line) => line.why._tag === "Enqueued",
        (line) => [{ ...line, workerId: stranger }]
      )
  ],
  [
    "a claim that ended twice",
    "SettledTwice",
    (one, which) =>
      change(
        one,
        which,
        (line) => line.from === "processing",
        (line) => [line, line]
      )
  ],
  [
    "a job that went on after its end",
    "NotTheEnd",
    (one, which) =>
      change(
        one,
        which,
        (line) => line.why._tag === "RetriedByOperator",
        (line) => [{ ...line, why: { _tag: "Drained" } }]
      )
  ],
  [
    "a second end",
    "NotTheEnd",
    (one, which) =>
      change(
        one,
        which,
        (line) => line.to === "failed" || line.to === "completed",
        (line) => [line, line]
      )
  ],
  [
    "a reason of another arrow",
    "WrongReason",
    (one, which) =>
      change(
        one,
        which,
        (line) => line.from === "processing" && line.to === "pending",
        (line) => [{ ...line, why: { _tag: "Succeeded" } }]
      )
  ],
  [
    "a death that completed the job",
    "WrongReason",
    (one, which) =>
      change(
        one,
        which,
        (line) => line.why._tag === "Succeeded",
        (line) => [
          { ...line, why: { _tag: "WorkerDied", worker: Option.getOrNull(line.workerId), seenBy: "lease" } }
        ]
      )
  ],
  [
    "a time before the last",
    "TimeWentBack",
    (one, which) =>
      change(
        one,
        which,
        (_, index) => index > 0,
        (line) => [{ ...line, at: DateTime.unsafeMake(-1) }]
      )
  ]
]

const some = Option.some
const now = DateTime.unsafeMake(0)

/** What a row may say wrongly. */
const lies: ReadonlyArray<
  readonly [field: string, lie: (history: History) => Option.Option<History["job"]>]
> = [
  ["status", ({ job }) => some({ ...job, status: job.status === "pending" ? "failed" : "pending" })],
  ["epoch", ({ job }) => some({ ...job, epoch: Epoch.make(job.epoch + 1) })],
  ["attempts", ({ job }) => some({ ...job, attempts: job.attempts + 1 })],
  ["crashes", ({ job }) => some({ ...job, crashes: job.crashes + 1 })],
  ["snoozes", ({ job }) => some({ ...job, snoozes: job.snoozes + 1 })],
  ["worker", ({ job }) => some({ ...job, workerId: stranger })],
  [
    "lease",
    ({ job }) =>
      some({ ...job, leaseExpiresAt: Option.isSome(job.leaseExpiresAt) ? Option.none() : some(now) })
  ],
  [
    "started_at",
    ({ job }) => some({ ...job, startedAt: Option.isSome(job.startedAt) ? Option.none() : some(now) })
  ],
  [
    "completed_at",
    ({ job }) => some({ ...job, completedAt: Option.isSome(job.completedAt) ? Option.none() : some(now) })
  ],
  [
    "cancel_requested_at",
    ({ job }) => (job.status === "pending" ? some({ ...job, cancelRequestedAt: some(now) }) : Option.none())
  ]
]

describe("the audit of one job", () => {
  it("has nothing to say about a legal history", () => {
    fc.assert(
      fc.property(history, (one) => {
        assert.deepStrictEqual(Audit.auditJob(one.job, one.ledger), [])
      }),
      { numRuns: 1_000 }
    )
  })

  for (const [what, expected, corrupt] of corruptions) {
    it(`finds ${what}`, () => {
      fc.assert(
        fc.property(history, fc.nat(), (one, which) => {
          const corrupted = corrupt(one, which)
          fc.pre(Option.isSome(corrupted))
          assert.include(tags(Option.getOrThrow(corrupted)), expected)
        }),
        { numRuns: 100, maxSkipsPerRun: 1_000 }
      )
    })
  }

  for (const [field, lie] of lies) {
    it(`finds a row whose ${field} is not what the ledger says`, () => {
      fc.assert(
        fc.property(history, (one) => {
          const job = lie(one)
          fc.pre(Option.isSome(job))
          assert.include(fields({ job: Option.getOrThrow(job), ledger: one.ledger }), field)
        }),
        { numRuns: 100, maxSkipsPerRun: 1_000 }
      )
    })
  }

  it("bears with times that went back no further than a statement may have waited", () => {
    const line = (at: number, changes: Partial<Transition>): Transition => ({
      jobId: JobId.make(1),
      epoch: Epoch.make(0),
      from: null,
      to: "pending",
      why: { _tag: "Enqueued", trigger: "opened" },
      workerId: Option.none(),
      at: DateTime.unsafeMake(at),
      ...changes
    })
    const ledger = [
      line(1_000, {}),
      line(400, { from: "pending", to: "cancelled", why: { _tag: "Cancelled", message: "closed" } })
    ]
    const [sample] = fc.sample(history, 1)
    if (sample === undefined) return assert.fail("no sample")
    const found = (millis: number) =>
      Audit.auditJob(sample.job, ledger, { clockTolerance: Duration.millis(millis) }).filter(
        ({ _tag }) => _tag === "TimeWentBack"
      ).length
    assert.deepStrictEqual([found(0), found(599), found(600)], [1, 1, 0])
  })
})

/** One lease: who holds it about which pull request, from when to when. */
interface Held {
  readonly installationId: number
  readonly pullRequest: string
  readonly from: number
  readonly until: number
}

const movements = (leases: ReadonlyArray<Held>): ReadonlyArray<Audit.Movement> =>
  leases
    .flatMap(({ from, until, ...about }, index) => {
      const jobId = JobId.make(index + 1)
      return [
        { order: from, line: { ...about, jobId, begins: true } },
        { order: until, line: { ...about, jobId, begins: false } }
      ]
    })
    .sort((a, b) => a.order - b.order)
    .map(({ line }) => line)

const sweep = (leases: ReadonlyArray<Held>, options: { readonly perInstallation?: number } = {}) => {
  const step = Audit.auditOverlaps(options)
  let running = Audit.nothingRuns
  return movements(leases).flatMap((line) => {
    const [next, found] = step(running, line)
    running = next
    return found
  })
}

/** Distinct moments for the beginnings and ends of leases. */
const leases = fc
  .array(fc.record({ installationId: fc.integer({ min: 1, max: 2 }), pr: fc.integer({ min: 1, max: 3 }) }), {
    minLength: 1,
    maxLength: 8
  })
  .chain((about) =>
    fc.shuffledSubarray(Arr.range(1, about.length * 2), { minLength: about.length * 2 }).map((moments) =>
      about.map(({ installationId, pr }, index): Held => {
        const [a = 0, b = 0] = moments.slice(index * 2, index * 2 + 2)
        return {
          installationId,
          pullRequest: `acme/shop#${installationId * 10 + pr}`,
          from: Math.min(a, b),
          until: Math.max(a, b)
        }
      })
    )
  )

const overlap = (a: Held, b: Held) => a.from < b.until && b.from < a.until

describe("the audit of all jobs together", () => {
  it("finds exactly the pairs of one pull request's leases that overlap", () => {
    fc.assert(
      fc.property(leases, (all) => {
        const pairs = all.flatMap((a, index) =>
          all.slice(index + 1).filter((b) => a.pullRequest === b.pullRequest && overlap(a, b))
        )
        assert.strictEqual(sweep(all).filter(({ _tag }) => _tag === "PullRequestTwice").length, pairs.length)
      }),
      { numRuns: 500 }
    )
  })

  it("finds each claim above an installation's cap, and none where no cap is given", () => {
    fc.assert(
      fc.property(leases, fc.integer({ min: 1, max: 3 }), (all, perInstallation) => {
        const above = all.filter(
          (one) =>
            all.filter(
              (other) =>
                other.installationId === one.installationId &&
                other.from <= one.from &&
                one.from < other.until
            ).length > perInstallation
        )
        const found = (options: { readonly perInstallation?: number }) =>
          sweep(all, options).filter(({ _tag }) => _tag === "OverCap").length
        assert.strictEqual(found({ perInstallation }), above.length)
        assert.strictEqual(found({}), 0)
      }),
      { numRuns: 500 }
    )
  })
})
