import { Context, Option } from "effect"
import type { CheckRunState } from "../github/Github.ts"
import type { JobId } from "../queue/Job.ts"

/** Where the operator has jobs shown: a URL without a slash at its end. By default nowhere. */
export class Dashboard extends Context.Reference<Dashboard>()("holdfast/Dashboard", {
  defaultValue: (): Option.Option<string> => Option.none()
}) {}

/** The state with "Details" leading to the job, where jobs are shown. */
export const linked = (dashboard: Option.Option<string>, job: JobId, state: CheckRunState): CheckRunState =>
  Option.match(dashboard, {
    onNone: () => state,
    onSome: (url) => ({ ...state, detailsUrl: `${url}/jobs/${job}` })
  })
