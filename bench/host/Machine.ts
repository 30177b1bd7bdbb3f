/** What the figures were measured on. */
import { cpus, loadavg, platform, release, totalmem } from "node:os"
import { Effect } from "effect"
import { Stage } from "./Stage.ts"

export interface Computer {
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly system: string
  readonly node: string
}

export interface Machine extends Computer {
  readonly postgres: string
  readonly fsync: string
  readonly synchronousCommit: string
}

export const computer = (): Computer => ({
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  system: `${platform()} ${release()}`,
  node: process.version
})

/** As in "2 cores, 24 GB, …". */
export const sayComputer = ({ cores, cpu, memoryGb, node, system }: Computer): string =>
  `${cpu}, ${cores} cores, ${memoryGb} GB, ${system}, Node ${node}`

/** How many processes wanted to run in the last minute. */
export const load = (): number => loadavg()[0] ?? 0

export const describe = Effect.gen(function* () {
  const { server } = yield* Stage
  return {
    ...computer(),
    postgres: yield* server.show("server_version"),
    fsync: yield* server.show("fsync"),
    synchronousCommit: yield* server.show("synchronous_commit")
  } satisfies Machine
})
