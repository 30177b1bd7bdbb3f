/**
 * The proof that a claim is held.
 *
 * Only a store grants leases, and every write about a running job asks for one, so code that has merely heard of a
 * job's id can't settle it: it does not compile. A lease never becomes valid again once a later claim has raised
 * the job's epoch.
 */
import type { DateTime } from "effect"
import type { Epoch, JobId, WorkerId } from "./Job.ts"

export const TypeId: unique symbol = Symbol.for("holdfast/Lease")

/** Held by the fiber that runs a claimed job. */
export interface Lease {
  readonly [TypeId]: typeof TypeId
  readonly jobId: JobId
  readonly epoch: Epoch
  readonly worker: WorkerId
  /** When the lease ends unless a beat extends it, on the store's clock at the time of the claim. */
  readonly expiresAt: DateTime.Utc
}
