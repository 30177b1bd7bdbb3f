/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#issue_comment */
import { commentsOf } from "../github/Comments.ts"
import type { WebhookEvent } from "../github/Delivery.ts"
import type { Account, Comment, GithubState, PullRequest, Repository } from "../github/GithubState.ts"
import { installationOf } from "../github/Installations.ts"
import { renderAccount } from "./RenderedAccount.ts"
import { renderComment, renderReactions } from "./RenderedComment.ts"
import { renderInstallationLite } from "./RenderedEvent.ts"
import { renderPull } from "./RenderedPull.ts"
import { renderRepository, repositoryApiUrl } from "./RenderedRepository.ts"
import type { Urls } from "./Urls.ts"

/** A pull request as the issue that it is too. */
const renderIssue = (state: GithubState, repository: Repository, pull: PullRequest, urls: Urls) => {
  const whole = renderPull(state, repository, pull, urls)
  const api = repositoryApiUrl(repository, urls)
  const self = `${api}/issues/${pull.number}`
  return {
    url: self,
    repository_url: api,
    labels_url: `${self}/labels{/name}`,
    comments_url: `${self}/comments`,
    events_url: `${self}/events`,
    timeline_url: `${self}/timeline`,
    html_url: whole.html_url,
    id: pull.id,
    node_id: whole.node_id,
    number: pull.number,
    title: pull.title,
    user: whole.user,
    labels: whole.labels,
    state: pull.state,
    locked: false,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: commentsOf(state, pull).length,
    created_at: whole.created_at,
    updated_at: whole.updated_at,
    closed_at: whole.closed_at,
    author_association: whole.author_association,
    active_lock_reason: null,
    draft: pull.draft,
    pull_request: {
      url: whole.url,
      html_url: whole.html_url,
      diff_url: whole.diff_url,
      patch_url: whole.patch_url,
      merged_at: whole.merged_at
    },
    body: pull.body,
    reactions: renderReactions([], self),
    performed_via_github_app: null
  }
}

/** Somebody commented on a pull request as a whole. Undefined where the app is not installed. */
export const commentEvent = (
  state: GithubState,
  repository: Repository,
  pull: PullRequest,
  { comment, sender }: { readonly comment: Comment; readonly sender: Account },
  urls: Urls
): WebhookEvent | undefined => {
  const installation = installationOf(state, pull.repository)
  if (installation === undefined) return undefined
  return {
    event: "issue_comment",
    action: "created",
    installationId: installation.id,
    repositoryId: repository.id,
    payload: {
      action: "created",
      issue: renderIssue(state, repository, pull, urls),
      comment: renderComment(repository, comment, urls),
      repository: renderRepository(repository, urls),
      sender: renderAccount(sender, urls),
      installation: renderInstallationLite(installation)
    }
  }
}
