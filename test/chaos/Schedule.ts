/**
 * Which faults come when: decided by the seed alone, before anything runs.
 *
 * Each kind has a stream of random numbers of its own, so that a longer run begins as the shorter one of the same seed.
 */
import { Effect, Random, Record } from "effect"

/** The mean time between two faults of each kind. A kill every 1.5 s makes some 400 in ten minutes. */
const meanMillis = {
  /** SIGKILL of a worker. */
  kill: 1_500,
  /** SIGTERM: it drains. */
  term: 10_000,
  /** SIGSTOP, and SIGCONT once its leases have run out. */
  stop: 10_000,
  /** The database drops everything, and recovers: as `pg_ctl restart -m immediate`. */
  restart: 40_000,
  /** The server ends some of its sessions: `pg_terminate_backend`. */
  terminate: 5_000,
  /** The network cuts some connections. */
  cut: 7_000,
  /** A worker's next settling and claiming is done, and it never learns of it. */
  loseAnswer: 4_000,
  /** What the server says reaches some workers' sessions no more, not even that it has hung up. */
  halfOpen: 20_000
}

export type Kind = keyof typeof meanMillis
export const kinds = Record.keys(meanMillis)

export interface Fault {
  readonly kind: Kind
  /** Milliseconds since the run's beginning. */
  readonly at: number
  /** Uniform in [0, 1): whom it hits, of those who are there then. */
  readonly whom: number
}

const ofKind = (seed: number, millis: number, kind: Kind) =>
  Effect.gen(function* () {
    const random = Random.make(`${seed} ${kind}`)
    const faults: Array<Fault> = []
    for (let at = 0; ; ) {
      at += meanMillis[kind] * (0.5 + (yield* random.next))
      if (at >= millis) return faults
      faults.push({ kind, at, whom: yield* random.next })
    }
  })

/** The faults of a run of so many milliseconds, in their order. */
export const schedule = (seed: number, millis: number): ReadonlyArray<Fault> =>
  Effect.runSync(
    Effect.map(
      Effect.forEach(kinds, (kind) => ofKind(seed, millis, kind)),
      (faults) => faults.flat().sort((a, b) => a.at - b.at)
    )
  )
