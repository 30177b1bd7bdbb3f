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
    recoveryMs: percentiles(recoveries.map(({ started }) => started)),
    lost: lost.length,
    doubled: doubled.length,
    violations: violations.length
  })
}

const quantiles = (values: ReadonlyArray<number>) => {
  const { max, p50, p99 } = percentiles(values)
  return `${p50} ms (p50), ${p99} ms (p99), ${max} ms (longest)`
}

export const inText = ({ minutes, seed }: About, outcome: Outcome): string => {
  const { doubled, jobs, lost, recoveries, tally, violations } = outcome
  const alone = recoveries.filter((one) => one.alone)
  const others = recoveries.filter((one) => !one.alone)
  return [
    `${jobs} jobs in ${minutes} min, seed ${seed}`,
    `Faults: ${inWords(tally)}`,
    `Jobs of killed workers that were started again: ${recoveries.length}, of which ${alone.length} had to run alone`,
    `  found after ${quantiles(recoveries.map(({ rescued }) => rescued))}`,
    `  started after ${quantiles(recoveries.map(({ started }) => started))}`,
    `  those that need not run alone: ${quantiles(others.map(({ started }) => started))}`,
    `Lost: ${lost.length}. Doubled: ${doubled.length}. Violations: ${violations.length}.`
  ].join("\n")
}
