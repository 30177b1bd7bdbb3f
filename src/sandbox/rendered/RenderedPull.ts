/** `pull-request` and `diff-entry` */
import type { FileChange } from "../git/FileChange.ts"
import { commentsOf } from "../github/Comments.ts"
import { type GithubState, headOf, type PullRequest, type Repository } from "../github/GithubState.ts"
import { visibleReviews } from "../github/Reviews.ts"
import { renderAccount } from "./RenderedAccount.ts"
import { renderRepository, repositoryApiUrl, repositoryPage } from "./RenderedRepository.ts"
import { isoTime, nodeId, type Urls } from "./Urls.ts"

const sum = (changes: ReadonlyArray<FileChange>, side: "additions" | "deletions"): number =>
  changes.reduce((total, file) => total + file[side], 0)

const renderLabel = (name: string, api: string, index: number) => ({
  id: index + 1,
  node_id: nodeId("LA", name),
  url: `${api}/labels/${encodeURIComponent(name)}`,
  name,
  description: null,
  color: "ededed",
  default: false
})

const renderSide = (repository: Repository, ref: string, sha: string, urls: Urls) => ({
  label: `${repository.owner.login}:${ref}`,
  ref,
  sha,
  user: renderAccount(repository.owner, urls),
  repo: renderRepository(repository, urls)
})

/** A fork is a repository of its own, whose id only has to differ and be stable. */
const renderHead = (repository: Repository, pull: PullRequest, sha: string, urls: Urls) => {
  if (pull.fork === null) return renderSide(repository, pull.headBranch, sha, urls)
  const fork = { ...repository, owner: pull.fork, id: repository.id * 1000 + (pull.fork.id % 1000) }
  const side = renderSide(fork, pull.headBranch, sha, urls)
  return { ...side, repo: { ...side.repo, fork: true } }
}

/** `repository` is the one that the pull request is in. */
export const renderPull = (state: GithubState, repository: Repository, pull: PullRequest, urls: Urls) => {
  const api = repositoryApiUrl(repository, urls)
  const page = `${repositoryPage(repository, urls)}/pull/${pull.number}`
  const self = `${api}/pulls/${pull.number}`
  const issue = `${api}/issues/${pull.number}`
  const { sha, changes } = headOf(pull)
  const reviews = visibleReviews(state, pull, undefined)
  const links = {
    self,
    html: page,
    issue,
    comments: `${issue}/comments`,
    review_comments: `${self}/comments`,
    review_comment: `${api}/pulls/comments{/number}`,
    commits: `${self}/commits`,
    statuses: `${api}/statuses/${sha}`
  }
  return {
    url: self,
    id: pull.id,
    node_id: nodeId("PR", pull.id),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issue,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: renderAccount(pull.author, urls),
    body: pull.body,
    created_at: isoTime(pull.createdAt),
    updated_at: isoTime(pull.updatedAt),
    closed_at: pull.closedAt === null ? null : isoTime(pull.closedAt),
    merged_at: pull.merged && pull.closedAt !== null ? isoTime(pull.closedAt) : null,
    merge_commit_sha: null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: pull.labels.map((name, index) => renderLabel(name, api, index)),
    milestone: null,
    draft: pull.draft,
    commits_url: links.commits,
    review_comments_url: links.review_comments,
    review_comment_url: links.review_comment,
    comments_url: links.comments,
    statuses_url: links.statuses,
    head: renderHead(repository, pull, sha, urls),
    base: renderSide(repository, pull.baseBranch, pull.baseSha, urls),
    _links: Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }])),
    author_association: "CONTRIBUTOR",
    auto_merge: null,
    active_lock_reason: null,
    merged: pull.merged,
    mergeable: null,
    rebaseable: null,
    mergeable_state: "unknown",
    merged_by: pull.merged ? renderAccount(repository.owner, urls) : null,
    comments: commentsOf(state, pull).length,
    review_comments: reviews.reduce((total, review) => total + review.comments.length, 0),
    maintainer_can_modify: false,
    commits: pull.commitCount,
    additions: sum(changes, "additions"),
    deletions: sum(changes, "deletions"),
    changed_files: changes.length
  }
}

/** GitHub leaves the patch out when it is over this many lines; the number is not documented. */
export interface PatchLimit {
  readonly lines: number
}

export const renderFile = (
  repository: Repository,
  sha: string,
  file: FileChange,
  limit: PatchLimit,
  urls: Urls
) => {
  const path = file.path.split("/").map(encodeURIComponent).join("/")
  const page = repositoryPage(repository, urls)
  const shown = file.patch !== undefined && file.patch.split("\n").length <= limit.lines
  return {
    sha: file.blob,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${page}/blob/${sha}/${path}`,
    raw_url: `${page}/raw/${sha}/${path}`,
    contents_url: `${repositoryApiUrl(repository, urls)}/contents/${path}?ref=${sha}`,
    ...(shown ? { patch: file.patch } : {}),
    ...(file.previousPath === undefined ? {} : { previous_filename: file.previousPath })
  }
}
