/** How much of everything is measured. */
export interface Amounts {
  readonly rounds: number
  /** Seconds after the start from which a part begins no further round; one it always has. */
  readonly noRoundAfter: {
    readonly [Part in "throughput" | "latency" | "enqueue" | "workers" | "recovery"]: number
  }
  readonly throughputJobs: number
  /** No more jobs than are done in this time at the speed seen before. */
  readonly throughputSeconds: number
  /** Of each queue, over all rounds. */
  readonly latencySamples: number
  readonly oneByOne: number
  readonly bulk: number
  /** Of each table. */
  readonly claims: number
  /** Whether the finished jobs have their ledger, which claims never read. */
  readonly ledger: boolean
  /** Pairs of workers that are recovered at the same time, and how often in each. */
  readonly recoveryPairs: number
  readonly recoveriesEach: number
  readonly idleSeconds: number
  readonly workerJobs: number
}

const never = Number.POSITIVE_INFINITY

export const full: Amounts = {
  rounds: 3,
  noRoundAfter: { throughput: never, latency: never, enqueue: never, workers: never, recovery: never },
  throughputJobs: 10_000,
  throughputSeconds: never,
  latencySamples: 300,
  oneByOne: 500,
  bulk: 10_000,
  claims: 2000,
  ledger: true,
  recoveryPairs: 5,
  recoveriesEach: 10,
  idleSeconds: 60,
  workerJobs: 6000
}

/** For three minutes in all, also on a machine that has something else to do. */
export const quick: Amounts = {
  rounds: 2,
  noRoundAfter: { throughput: 38, latency: 70, enqueue: 80, workers: 90, recovery: 150 },
  throughputJobs: 2000,
  throughputSeconds: 1,
  latencySamples: 40,
  oneByOne: 200,
  bulk: 2000,
  claims: 300,
  ledger: false,
  recoveryPairs: 4,
  recoveriesEach: 2,
  idleSeconds: 20,
  workerJobs: 1500
}
