/** How much of everything is measured. */
export interface Amounts {
  readonly rounds: number
  readonly throughputJobs: number
  /** Of each queue, over all rounds. */
  readonly latencySamples: number
  readonly oneByOne: number
  readonly bulk: number
  /** Of each table. */
  readonly claims: number
  /** Pairs of workers that are recovered at the same time, and how often in each. */
  readonly recoveryPairs: number
  readonly recoveriesEach: number
  readonly idleSeconds: number
  readonly workerJobs: number
}

export const full: Amounts = {
  rounds: 3,
  throughputJobs: 10_000,
  latencySamples: 300,
  oneByOne: 500,
  bulk: 10_000,
  claims: 2000,
  recoveryPairs: 5,
  recoveriesEach: 10,
  idleSeconds: 60,
  workerJobs: 10_000
}

/** For three minutes in all. */
export const quick: Amounts = {
  rounds: 2,
  throughputJobs: 2000,
  latencySamples: 40,
  oneByOne: 200,
  bulk: 2000,
  claims: 400,
  recoveryPairs: 4,
  recoveriesEach: 2,
  idleSeconds: 20,
  workerJobs: 3000
}
