/** Comments on a pull request as a whole, which are those of an issue, and reactions to comments. https://docs.github.com/en/rest/issues/comments */
import { Either, Schema } from "effect"
import { findPull } from "../github/Access.ts"
import { commentsOf, createComment, findComment, keepComment, react } from "../github/Comments.ts"
import { type Comment, type GithubState, reactionContents } from "../github/GithubState.ts"
import { findThreadComment } from "../github/Threads.ts"
import { commentEvent } from "../rendered/CommentEvent.ts"
import { renderComment, renderReaction } from "../rendered/RenderedComment.ts"
import { type ApiRequest, created, decodeBody, ok, operation } from "./Operation.ts"
import { page } from "./Pages.ts"
import { repositoryOf } from "./PullOperations.ts"
import { authorOf } from "./ReviewOperations.ts"

const comments = "/repos/{owner}/{repo}/issues/{issue_number}/comments"

const Body = Schema.Struct({ body: Schema.String })
const ReactionBody = Schema.Struct({ content: Schema.Literal(...reactionContents) })

/** One of two permissions is enough, as GitHub documents for each of these operations. */
const allowed = (request: ApiRequest, state: GithubState, level: "read" | "write") =>
  Either.orElse(repositoryOf(request, state, "issues", level), () =>
    repositoryOf(request, state, "pull_requests", level)
  )

/** Of issues, only those are played that are pull requests. */
const pullOf = (request: ApiRequest, state: GithubState, level: "read" | "write") =>
  Either.gen(function* () {
    const [key, repository] = yield* allowed(request, state, level)
    return { repository, pull: yield* findPull(state, key, request.params["issue_number"]) }
  })

const list = operation({
  id: "issues/list-comments",
  method: "GET",
  path: comments,
  access: "token",
  docs: "issues/comments#list-issue-comments",
  run: (request, state) =>
    Either.map(pullOf(request, state, "read"), ({ pull, repository }) => {
      const { headers, items } = page(commentsOf(state, pull), request.query, request.url)
      return { ...ok(items.map((comment) => renderComment(repository, comment, request.urls))), headers }
    })
})

/** Whoever listens to comments hears of this one too, also who wrote it. */
const create = operation({
  id: "issues/create-comment",
  method: "POST",
  path: comments,
  access: "token",
  docs: "issues/comments#create-an-issue-comment",
  run: (request, state) =>
    Either.gen(function* () {
      const { pull, repository } = yield* pullOf(request, state, "write")
      const author = yield* authorOf(request.viewer)
      const { body } = yield* decodeBody(Body, request.body)
      const [comment, next] = yield* createComment(state, pull, { author, body, now: request.now })
      const event = commentEvent(next, repository, pull, { comment, sender: author }, request.urls)
      return {
        ...created(renderComment(repository, comment, request.urls), next),
        ...(event === undefined ? {} : { event })
      }
    })
})

const reactTo = (
  request: ApiRequest,
  state: GithubState,
  comment: Comment,
  keep: Parameters<typeof react>[3]
) =>
  Either.gen(function* () {
    const user = yield* authorOf(request.viewer)
    const { content } = yield* decodeBody(ReactionBody, request.body)
    const [reaction, isNew, next] = react(state, comment, { user, content, now: request.now }, keep)
    const rendered = renderReaction(reaction, request.urls)
    return isNew ? created(rendered, next) : ok(rendered)
  })

const createReaction = operation({
  id: "reactions/create-for-issue-comment",
  method: "POST",
  path: "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions",
  access: "token",
  docs: "reactions/reactions#create-reaction-for-an-issue-comment",
  run: (request, state) =>
    Either.gen(function* () {
      const [key] = yield* allowed(request, state, "write")
      const comment = yield* findComment(state, key, request.params["comment_id"])
      return yield* reactTo(request, state, comment, keepComment)
    })
})

const createReactionInThread = operation({
  id: "reactions/create-for-pull-request-review-comment",
  method: "POST",
  path: "/repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions",
  access: "token",
  docs: "reactions/reactions#create-reaction-for-a-pull-request-review-comment",
  run: (request, state) =>
    Either.gen(function* () {
      const [key] = yield* repositoryOf(request, state, "pull_requests", "write")
      const [comment, keep] = yield* findThreadComment(state, key, request.params["comment_id"])
      return yield* reactTo(request, state, comment, keep)
    })
})

export const commentOperations = [list, create, createReaction, createReactionInThread]
