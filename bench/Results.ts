/** All figures of one run, and their form as JSON. A part that was not asked for is absent. */
import type { Spread } from "./host/Statistics.ts"
import type { PerSystem } from "./parts/Systems.ts"
import type { Throughput } from "./parts/Throughput.ts"
import type { Enqueue } from "./programs/Protocol.ts"

export interface Results {
  readonly throughput?: { readonly throughput: Throughput; readonly limitBy: string } | undefined
  readonly latencyMs?: PerSystem<Spread> | undefined
  readonly enqueue?: PerSystem<Enqueue> | undefined
  readonly finishedRows?: { readonly [Rows in "0" | "100000" | "1000000"]: Spread } | undefined
  readonly recoveryMs?: { readonly p50: number; readonly max: number; readonly kills: number } | undefined
  readonly idle?: { readonly queriesPerSecond: number; readonly rssMb: number } | undefined
  readonly workers?:
    | { readonly workers: { readonly [Count in "1" | "2" | "4"]: number }; readonly doubles: number }
    | undefined
}

/** Rates in jobs per second, times in milliseconds; of the claims the 99th percentile. */
export const toJson = (results: Results) => ({
  throughput: results.throughput?.throughput,
  latencyMs: results.latencyMs,
  enqueue: results.enqueue,
  finishedRows: results.finishedRows && {
    "0": results.finishedRows["0"].p99,
    "100000": results.finishedRows["100000"].p99,
    "1000000": results.finishedRows["1000000"].p99
  },
  recoveryMs: results.recoveryMs && { p50: results.recoveryMs.p50, max: results.recoveryMs.max },
  idle: results.idle,
  workers: results.workers?.workers,
  doubles: results.workers?.doubles,
  limitBy: results.throughput?.limitBy
})
