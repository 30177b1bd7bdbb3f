/** The whole worker: everything between a `JobStore` and the handlers, in the order in which it must be taken down. */
import { Layer } from "effect"
import * as Heartbeat from "./Heartbeat.ts"
import type { WorkerInfo } from "./JobStore.ts"
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
