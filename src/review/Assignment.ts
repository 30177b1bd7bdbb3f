import type { InstallationClient } from "../github/Github.ts"
import type { Claimed } from "../queue/JobStore.ts"
import type { CheckReporter } from "./CheckRun.ts"
import type { MarkerKey } from "./Marker.ts"

/** What a review works with. */
export interface Assignment {
  readonly claimed: Claimed
  readonly client: InstallationClient
  readonly check: CheckReporter
}

export const markerOf = ({ job }: Claimed): MarkerKey => ({
  owner: job.subject.owner,
  repo: job.subject.repo,
  pullRequest: job.subject.pullRequest,
  commitSha: job.subject.commitSha,
  generation: job.generation
})
