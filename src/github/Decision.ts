/** What is to be done about a webhook event. Pure. */
import { Data } from "effect"
import type { NewJob, Trigger } from "../queue/Job.ts"
import type { PullRequestKey } from "../queue/JobStore.ts"
import type { InstallationState, WebhookEvent } from "./WebhookEvent.ts"

export type Decision = Data.TaggedEnum<{
  Enqueue: { readonly job: NewJob }
  CancelPullRequest: { readonly key: PullRequestKey; readonly message: string }
  KeepInstallation: { readonly state: InstallationState; readonly deleted: boolean }
  Ignore: { readonly reason: string }
}>
export const Decision = Data.taggedEnum<Decision>()

type PullRequestEvent = Extract<WebhookEvent, { readonly _tag: "PullRequest" }>

const enqueue = (event: PullRequestEvent, trigger: Trigger): Decision => {
  if (event.state === "closed") return Decision.Ignore({ reason: "the pull request is closed" })
  if (event.draft) {
    return Decision.Ignore({ reason: "the pull request is a draft; it waits until it is ready for review" })
  }
  return Decision.Enqueue({
    job: {
      trigger,
      subject: {
        installationId: event.installationId,
        owner: event.owner,
        repo: event.repo,
        pullRequest: event.number,
        title: event.title,
        commitSha: event.headSha,
        baseBranch: event.baseBranch
      }
    }
  })
}

const cancel = (event: PullRequestEvent, message: string): Decision =>
  Decision.CancelPullRequest({
    key: { owner: event.owner, repo: event.repo, pullRequest: event.number },
    message
  })

const decidePullRequest = (event: PullRequestEvent): Decision => {
  switch (event.action) {
    case "opened":
    case "reopened":
    case "ready_for_review":
      return enqueue(event, "opened")
    case "synchronize":
      return enqueue(event, "push")
    case "closed":
      return cancel(event, "the pull request was closed")
    case "converted_to_draft":
      return cancel(event, "the pull request became a draft")
  }
}

export const decide = (event: WebhookEvent): Decision => {
  switch (event._tag) {
    case "PullRequest":
      return decidePullRequest(event)
    case "Installation":
      return Decision.KeepInstallation({ state: event.state, deleted: event.deleted })
    case "Other":
      return Decision.Ignore({ reason: event.reason })
  }
}
