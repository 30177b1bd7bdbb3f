/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request_review_comment */
import type { WebhookEvent } from "../github/Delivery.ts"
import type { Account, Comment, GithubState, Repository } from "../github/GithubState.ts"
import { installationOf } from "../github/Installations.ts"
import type { Thread } from "../github/Threads.ts"
import { renderAccount } from "./RenderedAccount.ts"
import { renderReactions } from "./RenderedComment.ts"
import { renderInstallationLite } from "./RenderedEvent.ts"
import { renderPull } from "./RenderedPull.ts"
import { renderRepository } from "./RenderedRepository.ts"
import { renderReviewComment } from "./RenderedReview.ts"
import { isoTime, type Urls } from "./Urls.ts"

/** A reply has the place of the comment that the thread begins with, and names it. */
const renderReply = (
  repository: Repository,
  { first, line, pull, review, startLine }: Thread,
  reply: Comment,
  urls: Urls
) => {
  const { body, createdAt, id } = reply
  const whole = renderReviewComment(repository, pull, review, { ...first, body, createdAt, id }, urls)
  return {
    ...whole,
    line,
    start_line: startLine,
    user: reply.author === null ? null : renderAccount(reply.author, urls),
    author_association: reply.author?.type === "User" ? "CONTRIBUTOR" : "NONE",
    created_at: isoTime(createdAt),
    reactions: renderReactions(reply.reactions, whole.url),
    in_reply_to_id: first.id
  }
}

/** What of a pull request is only told who asks for that one. */
const onlyWhole = [
  "merged",
  "mergeable",
  "rebaseable",
  "mergeable_state",
  "merged_by",
  "comments",
  "review_comments",
  "maintainer_can_modify",
  "commits",
  "additions",
  "deletions",
  "changed_files"
]

/** Somebody answered in a thread. Undefined where the app is not installed. */
export const replyEvent = (
  state: GithubState,
  repository: Repository,
  thread: Thread,
  { reply, sender }: { readonly reply: Comment; readonly sender: Account },
  urls: Urls
): WebhookEvent | undefined => {
  const installation = installationOf(state, thread.pull.repository)
  if (installation === undefined) return undefined
  const pull = Object.entries(renderPull(state, repository, thread.pull, urls))
  return {
    event: "pull_request_review_comment",
    action: "created",
    installationId: installation.id,
    repositoryId: repository.id,
    payload: {
      action: "created",
      comment: renderReply(repository, thread, reply, urls),
      pull_request: Object.fromEntries(pull.filter(([name]) => !onlyWhole.includes(name))),
      repository: renderRepository(repository, urls),
      sender: renderAccount(sender, urls),
      installation: renderInstallationLite(installation)
    }
  }
}
