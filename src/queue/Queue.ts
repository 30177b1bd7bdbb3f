/** The whole worker: everything between a `JobStore` and the handlers, in the order in which it must be taken down. */
import * as os from "node:os"
import { Effect, Layer } from "effect"
import * as Heartbeat from "./Heartbeat.ts"
import type { StoreUnavailable } from "./JobError.ts"
import { JobHandlers } from "./JobHandlers.ts"
import type { JobStore, WorkerInfo } from "./JobStore.ts"
import * as Rescuer from "./Rescuer.ts"
import * as RunningJobs from "./RunningJobs.ts"
import * as Wakeup from "./Wakeup.ts"
import * as Worker from "./Worker.ts"
import * as WorkerPool from "./WorkerPool.ts"

/**
 * Claims and runs jobs for as long as the scope lives; needs a `JobStore` and the `JobHandlers`. When the scope ends it
 * drains: first the pool, then the rescuer and the heartbeat, then the worker's session and its registration.
 */
export const worker = (info: WorkerInfo) =>
  WorkerPool.layer.pipe(
    Layer.provideMerge(Rescuer.layer),
    Layer.provideMerge(Heartbeat.layer),
    Layer.provideMerge(Wakeup.layer),
    Layer.provideMerge(RunningJobs.layer),
    Layer.provide(Worker.layer(info))
  )

export interface Options<Needs> {
  /** The handlers by the kind of job, which may need services; these are what the layer needs beside the store. */
  readonly handlers: JobHandlers.Needing<Needs>
  /** What operators see of this worker. By default the machine's name, the process's id, and no version. */
  readonly worker?: Partial<WorkerInfo> | undefined
}

/** A worker with the given handlers, for a program that embeds the queue. */
export const layer = <Needs extends { readonly [kind: string]: unknown }>({
  handlers,
  worker: info
}: Options<Needs>): Layer.Layer<WorkerPool.WorkerPool, StoreUnavailable, JobStore | Needs[keyof Needs]> =>
  Layer.unwrapEffect(
    Effect.sync(() => worker({ host: os.hostname(), pid: process.pid, version: "unknown", ...info }))
  ).pipe(Layer.provide(JobHandlers.layer(handlers)))
