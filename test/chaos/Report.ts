/** A run's outcome, for people and for programs. */
import { inWords } from "./Faults.ts"
import { percentiles } from "./Reckoning.ts"
import type { Outcome } from "./Run.ts"

/** Everything that must not be, in words. */
export const wrongs = ({ doubled, lost, violations }: Outcome): ReadonlyArray<string> => [
  ...lost.map((what) => `lost: ${what}`),
  ...doubled.map((what) => `doubled: ${what}`),
  ...violations.map((what) => `violation: ${what}`)
]

export interface About {
  readonly seed: number
  readonly minutes: number
}

/** One object, as `--json` prints it. */
export const toJson = ({ minutes, seed }: About, outcome: Outcome): string => {
  const { doubled, jobs, lost, recoveries, tally, violations } = outcome
  return JSON.stringify({
    seed,
    minutes,
    jobs,
    kills: tally.kill,
    stops: tally.stop,
    restarts: tally.restart,
    recoveryMs: percentiles(recoveries),
    lost: lost.length,
    doubled: doubled.length,
    violations: violations.length
  })
}

export const inText = ({ minutes, seed }: About, outcome: Outcome): string => {
  const { doubled, jobs, lost, recoveries, tally, violations } = outcome
  const { max, p50, p99 } = percentiles(recoveries)
  return [
    `${jobs} jobs in ${minutes} min, seed ${seed}`,
    `Faults: ${inWords(tally)}`,
    `Jobs of killed workers that were started again: ${recoveries.length}, after ${p50} ms (p50), ${p99} ms (p99), ${max} ms (longest)`,
    `Lost: ${lost.length}. Doubled: ${doubled.length}. Violations: ${violations.length}.`
  ].join("\n")
}
