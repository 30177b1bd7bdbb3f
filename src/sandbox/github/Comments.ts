/** The rules of comments on a pull request as a whole. https://docs.github.com/en/rest/issues/comments */
import { Either } from "effect"
import {
  type Account,
  type Comment,
  type GithubState,
  type PullRequest,
  pullKey,
  type Reaction,
  withEntry
} from "./GithubState.ts"
import { notFound, type Rejection, validationFailed } from "./Rejection.ts"

const maxBody = 65536

/** Oldest first. */
export const commentsOf = (state: GithubState, pull: PullRequest): ReadonlyArray<Comment> => {
  const key = pullKey(pull.repository, pull.number)
  return [...state.comments.values()].filter((comment) => comment.pull === key)
}

/** What GitHub refuses as the text of a comment. */
export const refusedBody = (body: string): Rejection | undefined => {
  const invalid = (message: string) =>
    validationFailed({ resource: "IssueComment", code: "unprocessable", field: "data", message })
  if (body.trim() === "") return invalid("Body cannot be blank")
  return body.length > maxBody ? invalid(`Body is too long (maximum is ${maxBody} characters)`) : undefined
}

export const makeComment = (
  state: GithubState,
  pull: PullRequest,
  input: { readonly author: Account; readonly body: string; readonly now: number }
): Either.Either<readonly [Comment, GithubState], Rejection> => {
  const refused = refusedBody(input.body)
  if (refused) return Either.left(refused)
  const comment: Comment = {
    id: state.nextId,
    pull: pullKey(pull.repository, pull.number),
    // The account that stands in for those that were deleted is shown as nobody.
    author: input.author.login === "ghost" ? null : input.author,
    body: input.body,
    createdAt: input.now,
    reactions: []
  }
  return Either.right([comment, { ...state, nextId: state.nextId + 1 }])
}

export const createComment = (
  state: GithubState,
  pull: PullRequest,
  input: { readonly author: Account; readonly body: string; readonly now: number }
): Either.Either<readonly [Comment, GithubState], Rejection> =>
  Either.map(makeComment(state, pull, input), ([comment, next]) => [
    comment,
    { ...next, comments: withEntry(next.comments, comment.id, comment) }
  ])

/** The comment of that id in the repository. */
export const findComment = (
  state: GithubState,
  repository: string,
  id: string | undefined
): Either.Either<Comment, Rejection> => {
  const comment = state.comments.get(Number(id))
  return comment?.pull.startsWith(`${repository}#`) ? Either.right(comment) : Either.left(notFound)
}

/** Keeps a comment with one reaction more. */
export const keepComment = (state: GithubState, comment: Comment): GithubState => ({
  ...state,
  comments: withEntry(state.comments, comment.id, comment)
})

/**
 * The same reaction of the same account is there once. Says whether it is new.
 *
 * @param keep puts the comment back where it was found
 */
export const react = (
  state: GithubState,
  comment: Comment,
  reacting: { readonly user: Account; readonly content: Reaction["content"]; readonly now: number },
  keep: (state: GithubState, comment: Comment) => GithubState
): readonly [reaction: Reaction, isNew: boolean, state: GithubState] => {
  const { content, now, user } = reacting
  const known = comment.reactions.find((one) => one.content === content && one.user.id === user.id)
  if (known !== undefined) return [known, false, state]
  const reaction: Reaction = { id: state.nextId, user, content, createdAt: now }
  const changed = { ...comment, reactions: [...comment.reactions, reaction] }
  return [reaction, true, keep({ ...state, nextId: state.nextId + 1 }, changed)]
}
