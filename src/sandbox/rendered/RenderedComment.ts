/** `issue-comment` and `reaction` */
import { type Comment, type Reaction, type Repository, reactionContents } from "../github/GithubState.ts"
import { renderAccount } from "./RenderedAccount.ts"
import { repositoryApiUrl, repositoryPage } from "./RenderedRepository.ts"
import { isoTime, nodeId, type Urls } from "./Urls.ts"

/** How often each was given. */
export const renderReactions = (reactions: ReadonlyArray<Reaction>, of: string) => ({
  url: `${of}/reactions`,
  total_count: reactions.length,
  ...Object.fromEntries(
    reactionContents.map((content) => [content, reactions.filter((one) => one.content === content).length])
  )
})

export const renderReaction = (reaction: Reaction, urls: Urls) => ({
  id: reaction.id,
  node_id: nodeId("REA", reaction.id),
  user: renderAccount(reaction.user, urls),
  content: reaction.content,
  created_at: isoTime(reaction.createdAt)
})

export const renderComment = (repository: Repository, comment: Comment, urls: Urls) => {
  const api = repositoryApiUrl(repository, urls)
  const number = comment.pull.split("#")[1] ?? ""
  const self = `${api}/issues/comments/${comment.id}`
  return {
    id: comment.id,
    node_id: nodeId("IC", comment.id),
    url: self,
    html_url: `${repositoryPage(repository, urls)}/pull/${number}#issuecomment-${comment.id}`,
    issue_url: `${api}/issues/${number}`,
    body: comment.body,
    user: comment.author === null ? null : renderAccount(comment.author, urls),
    created_at: isoTime(comment.createdAt),
    updated_at: isoTime(comment.createdAt),
    author_association: comment.author?.type === "User" ? "CONTRIBUTOR" : "NONE",
    performed_via_github_app: null,
    reactions: renderReactions(comment.reactions, self)
  }
}
