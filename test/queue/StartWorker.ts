/** `programs/QueueWorker.ts` as a process, from wherever the programs were built. */
import * as os from "node:os"
import { Array as Arr, Effect, Redacted, Schema, type Scope } from "effect"
import * as Process from "../../src/cli/demo/Process.ts"
import { Event, Settings } from "./programs/Protocol.ts"

const decode = Schema.decodeUnknownOption(Schema.parseJson(Event))
const encode = Schema.encode(Schema.parseJson(Settings))

export interface WorkerProcess extends Omit<Process.Process, "saw"> {
  /** What it has told so far. */
  readonly events: () => ReadonlyArray<Event>
  /** Waits until it has told this, of any job or of this one. Dies when the process ends without it. */
  readonly saw: (event: Event["event"], job?: number) => Effect.Effect<void>
}

/** Starts a worker; when the scope closes it is killed, if it still lives. It claims once it has told that it is up. */
export const start = (
  programs: string,
  url: Redacted.Redacted,
  settings: Omit<typeof Settings.Type, "url">
): Effect.Effect<WorkerProcess, never, Scope.Scope> =>
  Effect.gen(function* () {
    const argument = yield* Effect.orDie(encode({ url: Redacted.value(url), ...settings }))
    const child = yield* Process.start({
      main: `${programs}/QueueWorker.js`,
      args: [argument],
      env: {},
      cwd: os.tmpdir()
    })
    return {
      ...child,
      saw: (event, job) =>
        Effect.asVoid(
          child.saw(
            new RegExp(`^\\{"event":"${event}",${job === undefined ? "" : `"job":${job},`}.*\\}$`, "m")
          )
        ),
      events: () => Arr.filterMap(child.output().split("\n"), (line) => decode(line))
    }
  })
