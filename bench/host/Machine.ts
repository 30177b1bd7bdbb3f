/** What the figures were measured on. */
import { cpus, platform, release, totalmem } from "node:os"
import { Effect } from "effect"
import { Stage } from "./Stage.ts"

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly system: string
  readonly node: string
  readonly postgres: string
  readonly fsync: string
  readonly synchronousCommit: string
}

export const describe = Effect.gen(function* () {
  const { server } = yield* Stage
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.version,
    postgres: yield* server.show("server_version"),
    fsync: yield* server.show("fsync"),
    synchronousCommit: yield* server.show("synchronous_commit")
  } satisfies Machine
})
