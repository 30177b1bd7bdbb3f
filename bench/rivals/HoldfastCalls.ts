/** The store's calls that are measured, as this version of Holdfast has them. */
import { Effect } from "effect"
import type { Claimed, Job, JobStore } from "../../src/index.ts"

type Store = typeof JobStore.Service
type WorkerId = Job.WorkerId

export const enqueueAll = (store: Store, jobs: ReadonlyArray<Job.NewJob>) =>
  Effect.forEach(jobs, (job) => store.enqueue(job), { concurrency: 10, discard: true })

export const claimOne = (store: Store, worker: WorkerId): Effect.Effect<ReadonlyArray<Claimed>, unknown> =>
  store.claim(worker, 1)
