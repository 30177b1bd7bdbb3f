/**
 * The transaction poolers that the tests run against: always our own stand-in, and the real PgBouncer where it is
 * installed (`apt-get install pgbouncer`). Where it is not, what the tests show rests on the stand-in, which was held
 * against PgBouncer 1.18 by `Poolers.test.ts`.
 */
import * as PgBouncer from "./PgBouncer.ts"
import * as TransactionPooler from "./TransactionPooler.ts"

export const poolers: ReadonlyArray<readonly [name: string, make: typeof TransactionPooler.make]> = [
  ["a stand-in for PgBouncer", TransactionPooler.make],
  ...(PgBouncer.isInstalled ? ([["PgBouncer", PgBouncer.make]] as const) : [])
]
