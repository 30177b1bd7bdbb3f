/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#issue_comment and `#pull_request_review_comment` */
import { type Effect, Option, Schema } from "effect"
import { type Delivery, type IncompleteEvent, WebhookEvent } from "./Event.ts"
import { decodeOfApp, Id, Installation, PullRequestNumber, Repository, Text } from "./Fields.ts"

const comment = {
  id: Id,
  /** Null where the account was deleted since. */
  user: Schema.NullOr(Schema.Struct({ login: Text, type: Schema.optional(Text) })),
  body: Text
}

const State = Schema.Literal("open", "closed")

export const CommentPayload = Schema.Struct({
  installation: Installation,
  repository: Repository,
  issue: Schema.Struct({
    number: PullRequestNumber,
    title: Text,
    state: State,
    /** To GitHub every pull request is an issue too; only of these it tells where the pull request is. */
    pull_request: Schema.optional(Schema.NullOr(Schema.Struct({})))
  }),
  comment: Schema.Struct(comment)
})

export const ReviewCommentPayload = Schema.Struct({
  installation: Installation,
  repository: Repository,
  pull_request: Schema.Struct({ number: PullRequestNumber, title: Text, state: State }),
  /** Of a reply GitHub names the first comment of the thread, also where it answers a later one. */
  comment: Schema.Struct({ ...comment, in_reply_to_id: Schema.optional(Schema.NullOr(Id)) })
})

type Written = Pick<typeof CommentPayload.Type, "comment" | "installation" | "repository">
type On = Pick<(typeof CommentPayload.Type)["issue"], "number" | "state" | "title">

const commentOn = (
  { comment, installation, repository }: Written,
  { number, state, title }: On,
  thread: Option.Option<number>
) =>
  WebhookEvent.Comment({
    installationId: installation.id,
    owner: repository.owner.login,
    repo: repository.name,
    number,
    title,
    state,
    commentId: comment.id,
    thread,
    authorLogin: comment.user?.login ?? "ghost",
    isBot: comment.user?.type === "Bot",
    body: comment.body
  })

export const readComment = (delivery: Delivery): Effect.Effect<WebhookEvent, IncompleteEvent> =>
  decodeOfApp(delivery, CommentPayload, (payload) =>
    payload.issue.pull_request === undefined || payload.issue.pull_request === null
      ? WebhookEvent.Other({ reason: "the comment is on an issue that is no pull request" })
      : commentOn(payload, payload.issue, Option.none())
  )

export const readReviewComment = (delivery: Delivery): Effect.Effect<WebhookEvent, IncompleteEvent> =>
  decodeOfApp(delivery, ReviewCommentPayload, (payload) =>
    commentOn(
      payload,
      payload.pull_request,
      Option.some(payload.comment.in_reply_to_id ?? payload.comment.id)
    )
  )
