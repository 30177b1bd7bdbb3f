/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request */
import { type Effect, Schema } from "effect"
import { type Delivery, type IncompleteEvent, type PullRequestAction, WebhookEvent } from "./Event.ts"
import { Branch, decodeOfApp, Installation, Name, PullRequestNumber, Sha, Text } from "./Fields.ts"

export const PullRequestPayload = Schema.Struct({
  installation: Installation,
  repository: Schema.Struct({ name: Name, owner: Schema.Struct({ login: Name }) }),
  pull_request: Schema.Struct({
    number: PullRequestNumber,
    title: Text,
    state: Schema.Literal("open", "closed"),
    draft: Schema.optional(Schema.Boolean),
    head: Schema.Struct({ sha: Sha }),
    base: Schema.Struct({ ref: Branch })
  })
})

export const readPullRequest = (
  delivery: Delivery,
  action: PullRequestAction
): Effect.Effect<WebhookEvent, IncompleteEvent> =>
  decodeOfApp(delivery, PullRequestPayload, ({ installation, pull_request, repository }) =>
    WebhookEvent.PullRequest({
      action,
      installationId: installation.id,
      owner: repository.owner.login,
      repo: repository.name,
      number: pull_request.number,
      title: pull_request.title,
      state: pull_request.state,
      draft: pull_request.draft ?? false,
      headSha: pull_request.head.sha,
      baseBranch: pull_request.base.ref
    })
  )
