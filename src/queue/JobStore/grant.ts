import { type Lease, TypeId } from "../Lease.ts"

/** Makes a lease. Only stores may: the import rules hold everything else off this file. */
export const grant = (claim: Omit<Lease, typeof TypeId>): Lease => ({
  ...claim,
  [TypeId]: TypeId
})
