/** Workers of the queue as processes of their own: `programs/QueueWorker.ts`, started, watched and signalled. */
import { Effect, type Redacted, type Scope } from "effect"
import { inject } from "vitest"
import type { Settings } from "./programs/Protocol.ts"
import * as StartWorker from "./StartWorker.ts"

export type WorkerProcess = StartWorker.WorkerProcess

/** Starts a worker and waits until it claims; when the scope closes it is killed, if it still lives. */
export const start = (
  url: Redacted.Redacted,
  settings: Omit<typeof Settings.Type, "url"> = {}
): Effect.Effect<WorkerProcess, never, Scope.Scope> =>
  Effect.tap(
    Effect.suspend(() => StartWorker.start(inject("builtPrograms"), url, settings)),
    (worker) => worker.saw("up")
  )
