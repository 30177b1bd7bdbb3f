/** What a command asks of the store, in the store's own terms. */
import { DateTime, Duration } from "effect"
import type { Settled } from "../../../src/queue/Disposition.ts"
import type { NewJob } from "../../../src/queue/Job.ts"
import type { Ending, Request } from "./Commands.ts"

export const newJob = (request: Request): NewJob => ({
  subject: {
    ...keyOf(request),
    installationId: request.installation,
    title: "",
    commitSha: request.commit,
    baseBranch: "main"
  },
  kind: request.kind,
  generation: request.generation,
  trigger: request.trigger,
  delayMillis: request.delayMillis,
  maxAttempts: request.maxAttempts
})

export const keyOf = (of: Pick<Request, "installation" | "pullRequest">) => ({
  owner: "acme",
  repo: `shop-${of.installation}`,
  pullRequest: of.pullRequest
})

export const dispositionOf = ({ how, millis }: Ending, now: DateTime.Utc): Settled => {
  const until = DateTime.add(now, { millis })
  const failed = { _tag: "Failed", error: "Transient", message: "GitHub answered 502" } as const
  switch (how) {
    case "Complete":
      return { _tag: "Complete" }
    case "Retry":
      return { _tag: "Retry", reason: failed, delay: Duration.millis(Math.max(0, millis)) }
    case "RetryAt":
      return { _tag: "RetryAt", reason: failed, until }
    case "Snooze":
      return { _tag: "Snooze", reason: { _tag: "Snoozed", message: "rate limited" }, until }
    case "Release":
      return { _tag: "Release", reason: { _tag: "Drained" } }
    case "Fail":
      return { _tag: "Fail", reason: { ...failed, error: "Permanent" } }
    case "Cancel":
      return { _tag: "Cancel", reason: { _tag: "Obsolete", message: "the head has moved on" } }
  }
}
