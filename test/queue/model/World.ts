/** What takes part in a history: the store, the model, and what each worker knows. */
import { Effect, type Fiber, Option } from "effect"
import type { WorkerId } from "../../../src/queue/Job.ts"
import type { StoreUnavailable } from "../../../src/queue/JobError.ts"
import type { Claimed, JobStore } from "../../../src/queue/JobStore.ts"
import type { Lease } from "../../../src/queue/Lease.ts"
import type { QueueSettings } from "../../../src/queue/QueueSettings.ts"
import { type LeaseChoice, old, workers } from "./Commands.ts"
import * as Model from "./Model.ts"

export const nameOf = (lease: Lease): string => `${lease.jobId}@${lease.epoch}`

/** A worker, as far as it knows itself. */
export class Hand {
  /** The leases that it believes it holds. */
  held: ReadonlyArray<Lease> = []
  /** Those that it has settled, or knows to have lost; the last one first. */
  old: ReadonlyArray<Lease> = []
  session = Option.none<Fiber.RuntimeFiber<void, StoreUnavailable>>()
  readonly id: WorkerId

  constructor(id: WorkerId) {
    this.id = id
  }

  lease(choice: LeaseChoice): Option.Option<Lease> {
    const [leases, nth] = choice < old ? [this.held, choice] : [this.old, choice - old]
    return Option.fromNullable(leases[nth % Math.max(leases.length, 1)])
  }

  learn(claimed: ReadonlyArray<Claimed>): void {
    this.held = [...this.held, ...claimed.map((one) => one.lease)]
  }

  letGo(leases: ReadonlyArray<Lease>): void {
    const gone = new Set(leases.map(nameOf))
    this.old = [...this.held.filter((lease) => gone.has(nameOf(lease))), ...this.old]
    this.held = this.held.filter((lease) => !gone.has(nameOf(lease)))
  }
}

export class World {
  readonly store: typeof JobStore.Service
  readonly hands: Array<Hand> = []
  /** The last one to crash first. */
  readonly zombies: Array<Hand> = []
  state: Model.State
  /** The commands so far, and what came of them. */
  readonly told: Array<string> = []
  /** How often what happened. */
  readonly tally = new Map<string, number>()

  constructor(store: typeof JobStore.Service, rules: QueueSettings.Settings) {
    this.store = store
    this.state = Model.initial(rules)
  }

  /** A new worker. */
  readonly register = Effect.suspend(() =>
    Effect.map(this.store.registerWorker({ host: "test", pid: 1, version: "0" }), (id) => {
      this.state = Model.register(this.state, id)
      return new Hand(id)
    })
  )

  hand(worker: number): Option.Option<Hand> {
    return Option.fromNullable(
      worker < workers
        ? this.hands[worker]
        : this.zombies[(worker - workers) % Math.max(this.zombies.length, 1)]
    )
  }

  readonly count = (what: string): void => {
    this.tally.set(what, (this.tally.get(what) ?? 0) + 1)
  }
}
