/** The rules of review threads. https://docs.github.com/en/graphql/reference/objects#pullrequestreviewthread */
import { Either } from "effect"
import { commentableLines } from "../git/CommentableLines.ts"
import { followLine } from "../git/FollowLine.ts"
import { makeComment } from "./Comments.ts"
import {
  type Account,
  type Comment,
  type GithubState,
  headOf,
  type PullRequest,
  pullKey,
  type Review,
  type ReviewComment,
  type ThreadState,
  withEntry
} from "./GithubState.ts"
import { notFound, type Rejection } from "./Rejection.ts"
import { visibleReviews } from "./Reviews.ts"

/** A comment on lines with what came after it. */
export interface Thread extends ThreadState {
  readonly pull: PullRequest
  readonly review: Review
  readonly first: ReviewComment
  readonly outdated: boolean
  /** At the head; null when it is outdated. */
  readonly line: number | null
  readonly startLine: number | null
}

const untouched: ThreadState = { replies: [], resolved: false, reactions: [] }
const decoder = new TextDecoder()

/** Where the lines of a comment are at the head, if the diff still shows them there. */
const follow = (state: GithubState, pull: PullRequest, review: Review, comment: ReviewComment) => {
  const head = headOf(pull)
  const commits = state.repositories.get(pull.repository)?.commits
  const text = (sha: string): string | undefined => {
    const content = commits?.get(sha)?.tree.get(comment.path)
    return content === undefined ? undefined : decoder.decode(content)
  }
  // The base of a pull request does not move, so that its lines stay where they were.
  const stays = review.commitSha === head.sha || comment.side === "LEFT"
  const before = stays ? "" : text(review.commitSha)
  const after = stays ? "" : text(head.sha)
  if (before === undefined || after === undefined) return undefined
  const line = stays ? comment.line : followLine(before, after, comment.line)
  const startLine =
    comment.startLine === null || stays ? comment.startLine : followLine(before, after, comment.startLine)
  if (line === undefined || startLine === undefined) return undefined
  const patch = head.changes.find((file) => file.path === comment.path)?.patch ?? ""
  const shown = commentableLines(patch).some((one) => one.line === line && one.side === comment.side)
  return shown ? { line, startLine } : undefined
}

const threadOf = (state: GithubState, pull: PullRequest, review: Review, first: ReviewComment): Thread => {
  const place = follow(state, pull, review, first)
  return {
    ...(state.threads.get(first.id) ?? untouched),
    pull,
    review,
    first,
    outdated: place === undefined,
    line: place?.line ?? null,
    startLine: place?.startLine ?? null
  }
}

/** Each comment of a review that everybody sees is the first of a thread. Oldest first. */
export const threadsOf = (state: GithubState, pull: PullRequest): ReadonlyArray<Thread> =>
  visibleReviews(state, pull, undefined).flatMap((review) =>
    review.comments.map((comment) => threadOf(state, pull, review, comment))
  )

/** The thread that begins with this comment, wherever it is. */
export const findThread = (state: GithubState, firstComment: number): Thread | undefined => {
  for (const review of state.reviews.values()) {
    const first = review.comments.find(({ id }) => id === firstComment)
    const pull = state.pulls.get(review.pull)
    if (first !== undefined && pull !== undefined && review.state !== "PENDING") {
      return threadOf(state, pull, review, first)
    }
  }
  return undefined
}

const stateOf = ({ reactions, replies, resolved }: Thread): ThreadState => ({ reactions, replies, resolved })

/** What is resolved may be resolved again. */
export const resolveThread = (state: GithubState, thread: Thread): GithubState => ({
  ...state,
  threads: withEntry(state.threads, thread.first.id, { ...stateOf(thread), resolved: true })
})

export const replyToThread = (
  state: GithubState,
  thread: Thread,
  input: { readonly author: Account; readonly body: string; readonly now: number }
): Either.Either<readonly [Comment, GithubState], Rejection> =>
  Either.map(makeComment(state, thread.pull, input), ([reply, next]) => [
    reply,
    {
      ...next,
      threads: withEntry(next.threads, thread.first.id, {
        ...stateOf(thread),
        replies: [...thread.replies, reply]
      })
    }
  ])

/** All comments of a thread, oldest first. */
export const commentsOfThread = ({
  first,
  pull,
  reactions,
  replies,
  review
}: Thread): ReadonlyArray<Comment> => [
  {
    id: first.id,
    pull: pullKey(pull.repository, pull.number),
    author: review.author,
    body: first.body,
    createdAt: first.createdAt,
    reactions
  },
  ...replies
]

/** The comment of that id in a thread of the repository, and how it is kept when it has changed. */
export const findThreadComment = (
  state: GithubState,
  repository: string,
  id: string | undefined
): Either.Either<readonly [Comment, (state: GithubState, comment: Comment) => GithubState], Rejection> => {
  for (const pull of state.pulls.values()) {
    if (pull.repository !== repository) continue
    for (const thread of threadsOf(state, pull)) {
      const found = commentsOfThread(thread).find((comment) => comment.id === Number(id))
      if (found === undefined) continue
      return Either.right([
        found,
        (next, comment) => ({
          ...next,
          threads: withEntry(next.threads, thread.first.id, {
            resolved: thread.resolved,
            reactions: comment.id === thread.first.id ? comment.reactions : thread.reactions,
            replies: thread.replies.map((reply) => (reply.id === comment.id ? comment : reply))
          })
        })
      ])
    }
  }
  return Either.left(notFound)
}
