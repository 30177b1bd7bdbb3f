/** What jobs in other processes wait for: a file, which is there once the test says so. */
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { Effect } from "effect"

export const make = Effect.gen(function* () {
  const file = path.join(os.tmpdir(), `holdfast-gate-${crypto.randomUUID()}`)
  yield* Effect.addFinalizer(() => Effect.sync(() => fs.rmSync(file, { force: true })))
  return {
    file,
    open: Effect.sync(() => fs.writeFileSync(file, ""))
  }
})
