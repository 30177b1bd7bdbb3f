/** What is to be done about a webhook event. Pure. */
import { Data, Option } from "effect"
import { type NewJob, priorityOf, type Subject, type Trigger } from "../queue/Job.ts"
import { commandJob, nameOfComment, parseCommand, reviewFullAction } from "./Command.ts"
import type { RunAgain } from "./RunAgain.ts"
import type { InstallationState, WebhookEvent } from "./WebhookEvent.ts"

/** How we came to know of an event: GitHub told us, or we found among its deliveries that it could not. */
export type Source = "webhook" | "sweep"

export type Decision = Data.TaggedEnum<{
  Enqueue: { readonly job: NewJob }
  /** Cancels what there is for the commit and begins anew: what it was to do may not hold any more. */
  Restart: { readonly message: string; readonly job: NewJob }
  /** Which pull request is meant is for our own jobs to say. */
  RunAgain: { readonly wanted: RunAgain }
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

/**
 * Whether drafts are reviewed is the repository's to say, and is read when the job runs: so it takes along what we know.
 *
 * What a sweep found runs last. Its trigger stays what the event says: whether pushes are reviewed depends on it.
 */
const jobFor = (event: PullRequestEvent, trigger: Trigger, source: Source): NewJob => ({
  trigger,
  subject: subjectOf(event),
  payload: { draft: event.draft },
  ...(source === "sweep" ? { priority: priorityOf("sweep") } : {})
})

/**
 * A sweep finds events of which later ones may have arrived long ago. A job asks GitHub how the pull request stands and
 * gives way to the true head, so what makes a job is right at any time. What only takes jobs away is not: the pull
 * request may be open again, and the job for that would be lost.
 */
const decidePullRequest = (event: PullRequestEvent, source: Source): Decision => {
  if (event.action === "closed") {
    return source === "sweep"
      ? Decision.Ignore({ reason: "the pull request was closed; its jobs find out for themselves" })
      : Decision.CancelPullRequest({ subject: subjectOf(event), message: "the pull request was closed" })
  }
  if (event.state === "closed") return Decision.Ignore({ reason: "the pull request is closed" })
  switch (event.action) {
    case "opened":
    case "reopened":
      return Decision.Enqueue({ job: jobFor(event, "opened", source) })
    case "synchronize":
      return Decision.Enqueue({ job: jobFor(event, "push", source) })
    case "ready_for_review":
      // A job that runs may just have found that it is a draft.
      return Decision.Restart({
        message: "the pull request became ready for review",
        job: jobFor(event, "opened", source)
      })
    case "converted_to_draft":
      return Decision.Restart({
        message: "the pull request became a draft",
        job: jobFor(event, "push", source)
      })
  }
}

const decideComment = (event: Extract<WebhookEvent, { readonly _tag: "Comment" }>): Decision => {
  if (event.isBot) return Decision.Ignore({ reason: "a bot's comment asks for nothing" })
  return Option.match(parseCommand(event.body), {
    onNone: () => Decision.Ignore({ reason: "the comment holds no command" }),
    onSome: ({ command, mentions }) => {
      const comment = { id: event.commentId, mentions, thread: Option.getOrNull(event.thread) }
      return Decision.Enqueue({
        job: commandJob({ ...event, pullRequest: event.number }, nameOfComment(comment), {
          login: event.authorLogin,
          command,
          comment
        })
      })
    }
  })
}

type CheckEvent = Extract<WebhookEvent, { readonly _tag: "CheckRunAction" | "CheckSuiteRerequested" }>

const runAgain = (
  { headSha, installationId, number, owner, repo, senderLogin }: CheckEvent,
  externalId: Option.Option<string>
): Decision =>
  Decision.RunAgain({
    wanted: { installationId, owner, repo, headSha, externalId, login: senderLogin, number }
  })

const decideCheckRun = (event: Extract<WebhookEvent, { readonly _tag: "CheckRunAction" }>): Decision =>
  event.action === "rerequested" || event.action === reviewFullAction
    ? runAgain(event, Option.some(event.externalId))
    : Decision.Ignore({ reason: "the check run has no such button any more" })

export const decide = (event: WebhookEvent, source: Source = "webhook"): Decision => {
  switch (event._tag) {
    case "PullRequest":
      return decidePullRequest(event, source)
    case "Comment":
      return decideComment(event)
    case "CheckRunAction":
      return decideCheckRun(event)
    case "CheckSuiteRerequested":
      return runAgain(event, Option.none())
    case "Installation":
      return Decision.KeepInstallation({ state: event.state, deleted: event.deleted })
    case "Other":
      return Decision.Ignore({ reason: event.reason })
  }
}
