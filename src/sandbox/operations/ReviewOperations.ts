/** https://docs.github.com/en/rest/pulls/reviews */
import { Either, Schema } from "effect"
import type { GithubState, PullRequest, Repository, Review, Viewer } from "../github/GithubState.ts"
import { forbidden, type Rejection } from "../github/Rejection.ts"
import {
  createReview,
  deletePendingReview,
  findReview,
  submitReview,
  updateReview,
  visibleReviews
} from "../github/Reviews.ts"
import { renderReview, renderReviewComment } from "../rendered/RenderedReview.ts"
import { type ApiRequest, decodeBody, ok, operation } from "./Operation.ts"
import { page } from "./Pages.ts"
import { pullOf } from "./PullOperations.ts"

const reviews = "/repos/{owner}/{repo}/pulls/{pull_number}/reviews"
const docs = "pulls/reviews#"

const Side = Schema.Literal("LEFT", "RIGHT")
const Event = Schema.Literal("APPROVE", "REQUEST_CHANGES", "COMMENT")

const CreateBody = Schema.Struct({
  commit_id: Schema.optional(Schema.String),
  body: Schema.optional(Schema.NullOr(Schema.String)),
  event: Schema.optional(Event),
  comments: Schema.optional(
    Schema.Array(
      Schema.Struct({
        path: Schema.String,
        body: Schema.String,
        position: Schema.optional(Schema.Int),
        line: Schema.optional(Schema.Int),
        side: Schema.optional(Side),
        start_line: Schema.optional(Schema.Int),
        start_side: Schema.optional(Side)
      })
    )
  )
})
const SubmitBody = Schema.Struct({ body: Schema.optional(Schema.String), event: Event })
const UpdateBody = Schema.Struct({ body: Schema.String })

/** Only a user or a bot has reviews; an app's own JWT has no account. */
export const authorOf = (viewer: Viewer) =>
  viewer.kind === "app" ? Either.left(forbidden) : Either.right(viewer.account)

const reviewOf = (request: ApiRequest, state: GithubState, level: "read" | "write" = "read") =>
  Either.gen(function* () {
    const { repository, pull } = yield* pullOf(request, state, level)
    const review = yield* findReview(state, pull, request.viewer, request.params["review_id"])
    return { repository, pull, review }
  })

const answer = (
  request: ApiRequest,
  found: { readonly repository: Repository; readonly pull: PullRequest },
  changed: Either.Either<readonly [Review, GithubState], Rejection>
) =>
  Either.map(changed, ([review, next]) =>
    ok(renderReview(found.repository, found.pull, review, request.urls), next)
  )

const list = operation({
  id: "pulls/list-reviews",
  method: "GET",
  path: reviews,
  access: "token",
  docs: `${docs}list-reviews-for-a-pull-request`,
  run: (request, state) =>
    Either.gen(function* () {
      const { repository, pull } = yield* pullOf(request, state)
      const viewer = yield* authorOf(request.viewer)
      const all = visibleReviews(state, pull, viewer.login)
      const { items, headers } = page(all, request.query, request.url)
      const rendered = items.map((review) => renderReview(repository, pull, review, request.urls))
      return { ...ok(rendered), headers }
    })
})

const create = operation({
  id: "pulls/create-review",
  method: "POST",
  path: reviews,
  access: "token",
  docs: `${docs}create-a-review-for-a-pull-request`,
  run: (request, state) =>
    Either.gen(function* () {
      const found = yield* pullOf(request, state, "write")
      const author = yield* authorOf(request.viewer)
      const body = yield* decodeBody(CreateBody, request.body)
      return yield* answer(
        request,
        found,
        createReview(state, found.pull, {
          author,
          commitSha: body.commit_id,
          body: body.body ?? "",
          event: body.event,
          comments: body.comments ?? [],
          now: request.now
        })
      )
    })
})

const get = operation({
  id: "pulls/get-review",
  method: "GET",
  path: `${reviews}/{review_id}`,
  access: "token",
  docs: `${docs}get-a-review-for-a-pull-request`,
  run: (request, state) =>
    Either.map(reviewOf(request, state), ({ repository, pull, review }) =>
      ok(renderReview(repository, pull, review, request.urls))
    )
})

const update = operation({
  id: "pulls/update-review",
  method: "PUT",
  path: `${reviews}/{review_id}`,
  access: "token",
  docs: `${docs}update-a-review-for-a-pull-request`,
  run: (request, state) =>
    Either.gen(function* () {
      const found = yield* reviewOf(request, state, "write")
      const { body } = yield* decodeBody(UpdateBody, request.body)
      return yield* answer(request, found, updateReview(state, found.review, request.viewer, body))
    })
})

const remove = operation({
  id: "pulls/delete-pending-review",
  method: "DELETE",
  path: `${reviews}/{review_id}`,
  access: "token",
  docs: `${docs}delete-a-pending-review-for-a-pull-request`,
  run: (request, state) =>
    Either.flatMap(reviewOf(request, state, "write"), (found) =>
      answer(request, found, deletePendingReview(state, found.review))
    )
})

const submit = operation({
  id: "pulls/submit-review",
  method: "POST",
  path: `${reviews}/{review_id}/events`,
  access: "token",
  docs: `${docs}submit-a-review-for-a-pull-request`,
  run: (request, state) =>
    Either.gen(function* () {
      const found = yield* reviewOf(request, state, "write")
      const { event, body } = yield* decodeBody(SubmitBody, request.body)
      return yield* answer(
        request,
        found,
        submitReview(state, found.pull, found.review, { event, body, now: request.now })
      )
    })
})

const listComments = operation({
  id: "pulls/list-comments-for-review",
  method: "GET",
  path: `${reviews}/{review_id}/comments`,
  access: "token",
  docs: `${docs}list-comments-for-a-pull-request-review`,
  run: (request, state) =>
    Either.map(reviewOf(request, state), ({ repository, pull, review }) => {
      const { items, headers } = page(review.comments, request.query, request.url)
      return {
        ...ok(items.map((comment) => renderReviewComment(repository, pull, review, comment, request.urls))),
        headers
      }
    })
})

export const reviewOperations = [list, create, get, update, remove, submit, listComments]
