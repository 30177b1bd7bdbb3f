/** What is to be done about a webhook event. Pure. */
import { Data } from "effect"
import type { NewJob, Subject, Trigger } from "../queue/Job.ts"
import type { InstallationState, WebhookEvent } from "./WebhookEvent.ts"

export type Decision = Data.TaggedEnum<{
  Enqueue: { readonly job: NewJob }
  /** Cancels what there is for the pull request and begins anew: what it was to do may not hold any more. */
  Restart: { readonly message: string; readonly job: NewJob }
  CancelPullRequest: { readonly subject: Subject; readonly message: string }
  KeepInstallation: { readonly state: InstallationState; readonly deleted: boolean }
  Ignore: { readonly reason: string }
}>
export const Decision = Data.taggedEnum<Decision>()

type PullRequestEvent = Extract<WebhookEvent, { readonly _tag: "PullRequest" }>

const subjectOf = (event: PullRequestEvent): Subject => ({
  installationId: event.installationId,
  owner: event.owner,
  repo: event.repo,
  pullRequest: event.number,
  title: event.title,
  commitSha: event.headSha,
  baseBranch: event.baseBranch
})

/** Whether drafts are reviewed is the repository's to say, and is read when the job runs: so it takes along what we know. */
const jobFor = (event: PullRequestEvent, trigger: Trigger): NewJob => ({
  trigger,
  subject: subjectOf(event),
  payload: { draft: event.draft }
})

const decidePullRequest = (event: PullRequestEvent): Decision => {
  if (event.action === "closed") {
    return Decision.CancelPullRequest({ subject: subjectOf(event), message: "the pull request was closed" })
  }
  if (event.state === "closed") return Decision.Ignore({ reason: "the pull request is closed" })
  switch (event.action) {
    case "opened":
    case "reopened":
      return Decision.Enqueue({ job: jobFor(event, "opened") })
    case "synchronize":
      return Decision.Enqueue({ job: jobFor(event, "push") })
    case "ready_for_review":
      // A job that runs may just have found that it is a draft.
      return Decision.Restart({
        message: "the pull request became ready for review",
        job: jobFor(event, "opened")
      })
    case "converted_to_draft":
      return Decision.Restart({ message: "the pull request became a draft", job: jobFor(event, "push") })
  }
}

export const decide = (event: WebhookEvent): Decision => {
  switch (event._tag) {
    case "PullRequest":
      return decidePullRequest(event)
    case "Comment":
      return Decision.Ignore({
        reason: event.isBot ? "a bot's comment asks for nothing" : "comments ask for nothing yet"
      })
    case "CheckRunAction":
    case "CheckSuiteRerequested":
      return Decision.Ignore({ reason: "checks are not run again yet" })
    case "Installation":
      return Decision.KeepInstallation({ state: event.state, deleted: event.deleted })
    case "Other":
      return Decision.Ignore({ reason: event.reason })
  }
}
