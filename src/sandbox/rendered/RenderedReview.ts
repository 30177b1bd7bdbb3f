/** `pull-request-review` and the comments of one */
import type { PullRequest, Repository, Review, ReviewComment } from "../github/GithubState.ts"
import { renderAccount } from "./RenderedAccount.ts"
import { repositoryApiUrl, repositoryPage } from "./RenderedRepository.ts"
import { isoTime, nodeId, type Urls } from "./Urls.ts"

export const renderReview = (repository: Repository, pull: PullRequest, review: Review, urls: Urls) => {
  const page = `${repositoryPage(repository, urls)}/pull/${pull.number}#pullrequestreview-${review.id}`
  const self = `${repositoryApiUrl(repository, urls)}/pulls/${pull.number}`
  return {
    id: review.id,
    node_id: nodeId("PRR", review.id),
    user: renderAccount(review.author, urls),
    body: review.body,
    state: review.state,
    html_url: page,
    pull_request_url: self,
    author_association: review.author.type === "Bot" ? "NONE" : "CONTRIBUTOR",
    _links: { html: { href: page }, pull_request: { href: self } },
    // A pending review has no such field at all.
    ...(review.submittedAt === null ? {} : { submitted_at: isoTime(review.submittedAt) }),
    commit_id: review.commitSha
  }
}

export const renderReviewComment = (
  repository: Repository,
  pull: PullRequest,
  review: Review,
  comment: ReviewComment,
  urls: Urls
) => {
  const api = repositoryApiUrl(repository, urls)
  const page = `${repositoryPage(repository, urls)}/pull/${pull.number}#discussion_r${comment.id}`
  const self = `${api}/pulls/comments/${comment.id}`
  const pullUrl = `${api}/pulls/${pull.number}`
  return {
    url: self,
    pull_request_review_id: review.id,
    id: comment.id,
    node_id: nodeId("PRRC", comment.id),
    diff_hunk: comment.diffHunk,
    path: comment.path,
    commit_id: review.commitSha,
    original_commit_id: review.commitSha,
    user: renderAccount(review.author, urls),
    body: comment.body,
    created_at: isoTime(comment.createdAt),
    updated_at: isoTime(comment.createdAt),
    html_url: page,
    pull_request_url: pullUrl,
    author_association: review.author.type === "Bot" ? "NONE" : "CONTRIBUTOR",
    _links: { self: { href: self }, html: { href: page }, pull_request: { href: pullUrl } },
    position: comment.position,
    original_position: comment.position,
    line: comment.line,
    original_line: comment.line,
    side: comment.side,
    start_line: comment.startLine,
    original_start_line: comment.startLine,
    start_side: comment.startSide
  }
}
