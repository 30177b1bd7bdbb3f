/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#issue_comment */
import { type Effect, Schema } from "effect"
import { type Delivery, type IncompleteEvent, WebhookEvent } from "./Event.ts"
import { decodeOfApp, Id, Installation, PullRequestNumber, Repository, Text } from "./Fields.ts"

export const CommentPayload = Schema.Struct({
  installation: Installation,
  repository: Repository,
  issue: Schema.Struct({
    number: PullRequestNumber,
    title: Text,
    state: Schema.Literal("open", "closed"),
    /** To GitHub every pull request is an issue too; only of these it tells where the pull request is. */
    pull_request: Schema.optional(Schema.NullOr(Schema.Struct({})))
  }),
  comment: Schema.Struct({
    id: Id,
    /** Null where the account was deleted since. */
    user: Schema.NullOr(Schema.Struct({ login: Text, type: Schema.optional(Text) })),
    body: Text
  })
})

export const readComment = (delivery: Delivery): Effect.Effect<WebhookEvent, IncompleteEvent> =>
  decodeOfApp(delivery, CommentPayload, ({ comment, installation, issue, repository }) =>
    issue.pull_request === undefined || issue.pull_request === null
      ? WebhookEvent.Other({ reason: "the comment is on an issue that is no pull request" })
      : WebhookEvent.Comment({
          installationId: installation.id,
          owner: repository.owner.login,
          repo: repository.name,
          number: issue.number,
          title: issue.title,
          state: issue.state,
          commentId: comment.id,
          authorLogin: comment.user?.login ?? "ghost",
          isBot: comment.user?.type === "Bot",
          body: comment.body
        })
  )
