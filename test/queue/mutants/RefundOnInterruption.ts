/** A store in which every interruption is refunded, as if each were a drain: one that nobody asked for counts nothing. */
import type { Disposition } from "../../../src/queue/Disposition.ts"
import type { JobStore } from "../../../src/queue/JobStore.ts"

const refunded = <D extends Disposition>(
  disposition: D
): D | Extract<Disposition, { readonly _tag: "Release" }> =>
  disposition._tag === "Retry" && disposition.reason._tag === "Interrupted"
    ? { _tag: "Release", reason: { _tag: "Drained" } }
    : disposition

export const refundOnInterruption = (store: typeof JobStore.Service): typeof JobStore.Service => ({
  ...store,
  settle: (lease, disposition) => store.settle(lease, refunded(disposition)),
  exchange: (worker, settlements, limit) =>
    store.exchange(
      worker,
      settlements.map(({ disposition, lease }) => ({ lease, disposition: refunded(disposition) })),
      limit
    )
})
