/** Looking at the state without HTTP: what a person would see on GitHub's pages. */
import { Effect } from "effect"
import type { PullName } from "./Controls/PullName.ts"
import { checkRunsFor } from "./github/CheckRuns.ts"
import { commentsOf } from "./github/Comments.ts"
import {
  type CheckRun,
  type Comment,
  type GithubState,
  headOf,
  type PullRequest,
  pullKey,
  type Review,
  repositoryKey
} from "./github/GithubState.ts"
import { visibleReviews } from "./github/Reviews.ts"
import { type Thread, threadsOf } from "./github/Threads.ts"
import type { World } from "./World.ts"

export interface Views {
  /** All of it, for what the others don't show. */
  readonly state: Effect.Effect<GithubState>
  readonly pull: (name: PullName) => Effect.Effect<PullRequest | undefined>
  /** Oldest first, as this login sees them; without a login, as the public does: no pending ones. */
  readonly reviews: (name: PullName, login?: string) => Effect.Effect<ReadonlyArray<Review>>
  /** All reviews, pending ones of everybody included: what nobody on GitHub can see, for tests. */
  readonly allReviews: (name: PullName) => Effect.Effect<ReadonlyArray<Review>>
  /** The comments on the pull request as a whole, oldest first. */
  readonly comments: (name: PullName) => Effect.Effect<ReadonlyArray<Comment>>
  /** Oldest first, with where they stand at the head. */
  readonly threads: (name: PullName) => Effect.Effect<ReadonlyArray<Thread>>
  /** Oldest first, of every commit that was a head of the pull request. */
  readonly checkRuns: (name: PullName) => Effect.Effect<ReadonlyArray<CheckRun>>
}

export const makeViews = (world: World): Views => {
  const find = (state: GithubState, name: PullName) =>
    state.pulls.get(pullKey(repositoryKey(name.owner, name.repo), name.number))
  return {
    state: world.state,
    pull: (name) => Effect.map(world.state, (state) => find(state, name)),
    reviews: (name, login) =>
      Effect.map(world.state, (state) => {
        const pull = find(state, name)
        return pull === undefined ? [] : visibleReviews(state, pull, login)
      }),
    allReviews: (name) =>
      Effect.map(world.state, (state) => {
        const key = pullKey(repositoryKey(name.owner, name.repo), name.number)
        return [...state.reviews.values()].filter((review) => review.pull === key)
      }),
    comments: (name) =>
      Effect.map(world.state, (state) => {
        const pull = find(state, name)
        return pull === undefined ? [] : commentsOf(state, pull)
      }),
    threads: (name) =>
      Effect.map(world.state, (state) => {
        const pull = find(state, name)
        return pull === undefined ? [] : threadsOf(state, pull)
      }),
    checkRuns: (name) =>
      Effect.map(world.state, (state) => {
        const pull = find(state, name)
        return pull === undefined
          ? []
          : pull.heads
              .flatMap(({ sha }) => checkRunsFor(state, pull.repository, sha))
              .sort((a, b) => a.id - b.id)
      })
  }
}

/** What `GET /_sandbox/state` shows of a pull request. */
export const summarise = (state: GithubState, pull: PullRequest, login: string | undefined) => ({
  repository: pull.repository,
  number: pull.number,
  title: pull.title,
  state: pull.state,
  draft: pull.draft,
  headSha: headOf(pull).sha,
  baseSha: pull.baseSha,
  changedFiles: headOf(pull).changes.length,
  reviews: visibleReviews(state, pull, login).map((review) => ({
    id: review.id,
    author: review.author.login,
    state: review.state,
    commitSha: review.commitSha,
    submittedAt: review.submittedAt,
    body: review.body,
    comments: review.comments.map(({ path, line, side, startLine, body }) => ({
      path,
      line,
      side,
      startLine,
      body
    }))
  })),
  comments: commentsOf(state, pull).map(({ author, body, id, reactions }) => ({
    id,
    author: author?.login ?? "ghost",
    body,
    reactions: reactions.map(({ content, user }) => ({ content, user: user.login }))
  })),
  threads: threadsOf(state, pull).map(({ first, line, outdated, replies, resolved, startLine }) => ({
    id: first.id,
    path: first.path,
    line,
    startLine,
    outdated,
    resolved,
    replies: replies.map(({ author, body, id, reactions }) => ({
      id,
      author: author?.login ?? "ghost",
      body,
      reactions: reactions.map(({ content, user }) => ({ content, user: user.login }))
    }))
  })),
  checkRuns: pull.heads
    .flatMap(({ sha }) => checkRunsFor(state, pull.repository, sha))
    .map(
      ({ actions, detailsUrl, id, name, headSha, externalId, status, conclusion, title, summary, text }) => ({
        id,
        name,
        headSha,
        externalId,
        status,
        conclusion,
        title,
        summary,
        text,
        detailsUrl,
        actions
      })
    )
})
