/** A store without the fence: whoever once held a job may write about it, whatever its epoch is now. */
import { Effect, Option } from "effect"
import type { JobStore } from "../../../src/queue/JobStore.ts"
import type { Lease } from "../../../src/queue/Lease.ts"

type Store = typeof JobStore.Service

/** The lease under which the job is held now, if it is. */
const renewed = (store: Store, lease: Lease) =>
  Effect.map(store.find(lease.jobId), (found): Lease => {
    const job = Option.filter(found, ({ status }) => status === "processing")
    const worker = Option.flatMap(job, ({ workerId }) => workerId)
    return Option.match(Option.all([job, worker]), {
      onNone: () => lease,
      onSome: ([{ epoch }, holder]) => ({ ...lease, epoch, worker: holder })
    })
  })

const name = ({ epoch, jobId }: Lease) => `${jobId}@${epoch}`

export const fenceRemoved = (store: Store): Store => {
  const allRenewed = Effect.forEach((lease: Lease) =>
    Effect.map(renewed(store, lease), (current) => ({ lease, current }))
  )
  return {
    ...store,
    settle: (lease, disposition) =>
      Effect.flatMap(renewed(store, lease), (current) => store.settle(current, disposition)),
    check: (lease) => Effect.flatMap(renewed(store, lease), store.check),
    saveStep: (lease, key, output) =>
      Effect.flatMap(renewed(store, lease), (current) => store.saveStep(current, key, output)),
    beat: (worker, leases) =>
      Effect.gen(function* () {
        const pairs = yield* allRenewed(leases)
        const original = (current: Lease) =>
          pairs.filter((one) => name(one.current) === name(current)).map((one) => one.lease)
        const beats = yield* Effect.forEach(pairs, ({ current }) => store.beat(current.worker, [current]))
        yield* store.beat(worker, [])
        return {
          lost: beats.flatMap(({ lost }) => lost.flatMap(original)),
          cancelled: beats.flatMap(({ cancelled }) =>
            cancelled.flatMap(({ lease, reason }) => original(lease).map((one) => ({ lease: one, reason })))
          )
        }
      }),
    exchange: (worker, settlements, limit) =>
      Effect.gen(function* () {
        const current = yield* Effect.forEach(settlements, ({ disposition, lease }) =>
          Effect.map(renewed(store, lease), (renewedLease) => ({ disposition, lease: renewedLease }))
        )
        const exchanged = yield* store.exchange(worker, current, limit)
        const lost = new Set(exchanged.lost.map(name))
        return {
          ...exchanged,
          lost: settlements.flatMap(({ lease }, index) => {
            const written = current[index]
            return written === undefined || lost.has(name(written.lease)) ? [lease] : []
          })
        }
      })
  }
}
