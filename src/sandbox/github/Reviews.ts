/**
 * The rules of reviews. https://docs.github.com/en/rest/pulls/reviews
 * Where GitHub documents a refusal but not its words, the words are those that people report in issue threads.
 */
import { Either } from "effect"
import { type CommentableLine, commentableLines, type Side } from "../git/CommentableLines.ts"
import {
  type Account,
  type GithubState,
  type Head,
  headOf,
  type PullRequest,
  pullKey,
  type Review,
  type ReviewComment,
  type Viewer,
  withEntry,
  withoutEntry
} from "./GithubState.ts"
import { forbidden, notFound, type Rejection, unprocessable } from "./Rejection.ts"

/** Of a review's body, and of a comment's. */
const maxBody = 65536

export type ReviewEvent = "COMMENT" | "APPROVE" | "REQUEST_CHANGES"

interface NewComment {
  readonly path: string
  readonly body: string
  readonly position?: number | undefined
  readonly line?: number | undefined
  readonly side?: Side | undefined
  readonly start_line?: number | undefined
  readonly start_side?: Side | undefined
}

export interface NewReview {
  readonly author: Account
  readonly commitSha: string | undefined
  readonly body: string
  /** None makes it pending. */
  readonly event: ReviewEvent | undefined
  readonly comments: ReadonlyArray<NewComment>
  readonly now: number
}

type Result<A> = Either.Either<A, Rejection>
type Changed = Result<readonly [Review, GithubState]>

const refuse = (...sentences: ReadonlyArray<string>) => Either.left(unprocessable(...sentences))

const submittedState: { readonly [E in ReviewEvent]: Review["state"] } = {
  COMMENT: "COMMENTED",
  APPROVE: "APPROVED",
  REQUEST_CHANGES: "CHANGES_REQUESTED"
}

/** A pending review is seen by its author alone. https://docs.github.com/en/rest/pulls/reviews#list-reviews-for-a-pull-request */
const isVisible = (review: Review, login: string | undefined): boolean =>
  review.state !== "PENDING" || review.author.login === login

const loginOf = (viewer: Viewer): string | undefined =>
  viewer.kind === "app" ? undefined : viewer.account.login

/** What a viewer sees, oldest first. */
export const visibleReviews = (
  state: GithubState,
  pull: PullRequest,
  login: string | undefined
): ReadonlyArray<Review> =>
  [...state.reviews.values()].filter(
    (review) => review.pull === pullKey(pull.repository, pull.number) && isVisible(review, login)
  )

/** One review, if the viewer may see it. */
export const findReview = (
  state: GithubState,
  pull: PullRequest,
  viewer: Viewer,
  id: string | undefined
): Result<Review> => {
  const review = state.reviews.get(Number(id))
  return review !== undefined &&
    review.pull === pullKey(pull.repository, pull.number) &&
    isVisible(review, loginOf(viewer))
    ? Either.right(review)
    : Either.left(notFound)
}

const findLine = (lines: ReadonlyArray<CommentableLine>, line: number, side: Side) =>
  lines.find((one) => one.line === line && one.side === side)

/** Puts a comment on the diff, or says why GitHub would not. */
const place = (head: Head, comment: NewComment, id: number, now: number): Result<ReviewComment> => {
  if (comment.body.trim() === "") return refuse("Body can't be blank")
  if (comment.body.length > maxBody) return refuse(`Body is too long (maximum is ${maxBody} characters)`)
  const changed = head.changes.find((file) => file.path === comment.path)
  if (changed === undefined) return refuse("Path could not be resolved")
  const lines = commentableLines(changed.patch ?? "")
  const side = comment.side ?? "RIGHT"
  const end =
    comment.line === undefined
      ? lines.find((one) => one.position === comment.position)
      : findLine(lines, comment.line, side)
  if (end === undefined) return refuse("Line could not be resolved")
  let start: CommentableLine | undefined
  if (comment.start_line !== undefined) {
    start = findLine(lines, comment.start_line, comment.start_side ?? side)
    if (start === undefined) return refuse("Start line could not be resolved")
    if (start.hunk !== end.hunk) {
      return refuse("Pull request review thread start line must be part of the same hunk as the line.")
    }
    if (start.position >= end.position) {
      return refuse("Pull request review thread start line must precede the end line.")
    }
  }
  return Either.right({
    id,
    path: comment.path,
    body: comment.body,
    line: end.line,
    side: end.side,
    startLine: start?.line ?? null,
    startSide: start?.side ?? null,
    position: end.position,
    diffHunk: end.diffHunk,
    createdAt: now
  })
}

/** What a review must have before it may be seen by others. */
const checkSubmission = (
  pull: PullRequest,
  author: Account,
  event: ReviewEvent,
  body: string,
  comments: number
): Result<void> => {
  if (event !== "COMMENT" && author.login === pull.author.login) {
    return refuse(
      event === "APPROVE"
        ? "Can not approve your own pull request"
        : "Can not request changes on your own pull request"
    )
  }
  if (body.trim() === "" && event === "REQUEST_CHANGES") {
    return refuse("You need to leave a comment indicating the requested changes.")
  }
  if (body.trim() === "" && event === "COMMENT" && comments === 0) return refuse("Body can't be blank")
  return Either.void
}

/** One bad comment refuses the whole review. */
export const createReview = (state: GithubState, pull: PullRequest, input: NewReview): Changed =>
  Either.gen(function* () {
    const key = pullKey(pull.repository, pull.number)
    const commitSha = input.commitSha ?? headOf(pull).sha
    const head = pull.heads.find((one) => one.sha === commitSha)
    if (head === undefined) return yield* refuse("Commit is not part of the pull request")
    // Also for a review that is submitted at once: GitHub makes it pending first.
    const own = [...state.reviews.values()].filter(
      (one) => one.pull === key && one.author.id === input.author.id
    )
    if (own.some((one) => one.state === "PENDING")) {
      return yield* refuse("User can only have one pending review per pull request")
    }
    if (input.body.length > maxBody) {
      return yield* refuse(`Body is too long (maximum is ${maxBody} characters)`)
    }
    if (input.event !== undefined) {
      yield* checkSubmission(pull, input.author, input.event, input.body, input.comments.length)
    }
    const comments: Array<ReviewComment> = []
    for (const comment of input.comments) {
      comments.push(yield* place(head, comment, state.nextId + 1 + comments.length, input.now))
    }
    const review: Review = {
      id: state.nextId,
      pull: key,
      author: input.author,
      body: input.body,
      state: input.event === undefined ? "PENDING" : submittedState[input.event],
      commitSha,
      submittedAt: input.event === undefined ? null : input.now,
      comments
    }
    return [
      review,
      {
        ...state,
        nextId: state.nextId + 1 + comments.length,
        reviews: withEntry(state.reviews, review.id, review)
      }
    ]
  })

/** Makes a pending review visible. An absent body keeps the one it was created with. */
export const submitReview = (
  state: GithubState,
  pull: PullRequest,
  review: Review,
  input: { readonly event: ReviewEvent; readonly body: string | undefined; readonly now: number }
): Changed =>
  Either.gen(function* () {
    if (review.state !== "PENDING") return yield* refuse("Pull request review has already been submitted")
    const body = input.body ?? review.body
    yield* checkSubmission(pull, review.author, input.event, body, review.comments.length)
    const submitted: Review = {
      ...review,
      body,
      state: submittedState[input.event],
      submittedAt: input.now
    }
    return [submitted, { ...state, reviews: withEntry(state.reviews, review.id, submitted) }]
  })

/** Replaces the body of one's own review, pending or not. */
export const updateReview = (state: GithubState, review: Review, viewer: Viewer, body: string): Changed => {
  if (review.author.login !== loginOf(viewer)) return Either.left(forbidden)
  const updated: Review = { ...review, body }
  return Either.right([updated, { ...state, reviews: withEntry(state.reviews, review.id, updated) }])
}

/** Only a pending review can be deleted. */
export const deletePendingReview = (state: GithubState, review: Review): Changed =>
  review.state === "PENDING"
    ? Either.right([review, { ...state, reviews: withoutEntry(state.reviews, review.id) }])
    : refuse("Can not delete a non-pending pull request review")
