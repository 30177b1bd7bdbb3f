/** `commit` and `commit-comparison` */

import type { Relation } from "../git/History.ts"
import { diffTrees } from "../git/TreeDiff.ts"
import type { Commit, Repository } from "../github/GithubState.ts"
import { renderAccount } from "./RenderedAccount.ts"
import { type PatchLimit, renderFile } from "./RenderedPull.ts"
import { repositoryApiUrl, repositoryPage } from "./RenderedRepository.ts"
import { isoTime, nodeId, type Urls } from "./Urls.ts"

/** https://docs.github.com/en/rest/commits/commits#compare-two-commits: "up to 300 changed files" */
const maxFiles = 300

const renderCommit = (repository: Repository, commit: Commit, urls: Urls) => {
  const api = repositoryApiUrl(repository, urls)
  const page = repositoryPage(repository, urls)
  const author = renderAccount(commit.author, urls)
  const signature = {
    name: commit.author.login,
    email: `${commit.author.login}@users.noreply.github.com`,
    date: isoTime(commit.at)
  }
  return {
    sha: commit.sha,
    node_id: nodeId("C", commit.sha),
    commit: {
      author: signature,
      committer: signature,
      message: commit.message,
      tree: { sha: commit.treeSha, url: `${api}/git/trees/${commit.treeSha}` },
      url: `${api}/git/commits/${commit.sha}`,
      comment_count: 0
    },
    url: `${api}/commits/${commit.sha}`,
    html_url: `${page}/commit/${commit.sha}`,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    author,
    committer: author,
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${api}/commits/${sha}`,
      html_url: `${page}/commit/${sha}`
    }))
  }
}

export interface Compared {
  readonly base: Commit
  readonly head: Commit
  readonly mergeBase: Commit
  readonly relation: Relation
  /** Those of the page that was asked for. */
  readonly commits: ReadonlyArray<Commit>
  /** The files are on the first page only. */
  readonly isFirstPage: boolean
}

const statusOf = ({ ahead, behindBy }: Relation) => {
  if (ahead.length === 0) return behindBy === 0 ? "identical" : "behind"
  return behindBy === 0 ? "ahead" : "diverged"
}

export const renderComparison = (
  repository: Repository,
  { base, commits, head, isFirstPage, mergeBase, relation }: Compared,
  limit: PatchLimit,
  urls: Urls
) => {
  const page = `${repositoryPage(repository, urls)}/compare/${base.sha}...${head.sha}`
  const files = diffTrees(mergeBase.tree, head.tree).slice(0, maxFiles)
  return {
    url: `${repositoryApiUrl(repository, urls)}/compare/${base.sha}...${head.sha}`,
    html_url: page,
    permalink_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    base_commit: renderCommit(repository, base, urls),
    merge_base_commit: renderCommit(repository, mergeBase, urls),
    status: statusOf(relation),
    ahead_by: relation.ahead.length,
    behind_by: relation.behindBy,
    total_commits: relation.ahead.length,
    commits: commits.map((commit) => renderCommit(repository, commit, urls)),
    ...(isFirstPage
      ? { files: files.map((file) => renderFile(repository, head.sha, file, limit, urls)) }
      : {})
  }
}
