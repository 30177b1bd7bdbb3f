/**
 * GitHub as Holdfast sees it. `GithubRest.ts` implements it over HTTP; tests and simulations may implement it otherwise.
 *
 * Reading requests may be repeated by the implementation. Mutating requests are sent once: what to do about an
 * ambiguous answer is for the caller to decide.
 */
import { Context, type Effect, type Option, Schema, type Scope } from "effect"
import type { GithubError } from "./GithubError.ts"

/** Names a repository. */
export interface RepositoryRef {
  readonly owner: string
  readonly repo: string
}

/** Names a pull request. */
export interface PullRequestRef extends RepositoryRef {
  readonly pullRequest: number
}

/** https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request */
export const PullRequest = Schema.Struct({
  number: Schema.Int,
  title: Schema.String,
  body: Schema.String,
  state: Schema.Literal("open", "closed"),
  draft: Schema.Boolean,
  headSha: Schema.String,
  baseSha: Schema.String,
  baseBranch: Schema.String,
  authorLogin: Schema.String,
  authorIsBot: Schema.Boolean,
  labels: Schema.Array(Schema.String),
  changedFiles: Schema.Int
})
export type PullRequest = typeof PullRequest.Type

/** https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files */
export const PullRequestFile = Schema.Struct({
  path: Schema.String,
  previousPath: Schema.OptionFromSelf(Schema.String),
  status: Schema.Literal("added", "removed", "modified", "renamed", "copied", "changed", "unchanged"),
  additions: Schema.Int,
  deletions: Schema.Int,
  /** The hunks in unified format, without file headers. Missing for binary files and for diffs that are too large. */
  patch: Schema.OptionFromSelf(Schema.String)
})
export type PullRequestFile = typeof PullRequestFile.Type

/** https://docs.github.com/en/rest/commits/commits#compare-two-commits */
export interface Comparison {
  /** How `head` stands to `base`: `ahead` when base is an ancestor of head. */
  readonly status: "ahead" | "behind" | "diverged" | "identical"
  /** Commits that `head` has and `base` has not. */
  readonly aheadBy: number
  /** What changed from the merge base to `head`. */
  readonly files: ReadonlyArray<PullRequestFile>
  /** Whether `files` are all of them: GitHub lists 300 at most. */
  readonly isComplete: boolean
}

/** A file's content at a commit. */
export interface FileContent {
  /** Bytes of the whole file, also where `bytes` is left out because the file is over 1 MB. */
  readonly size: number
  readonly bytes: Option.Option<Uint8Array>
}

const ReviewState = Schema.Literal("PENDING", "COMMENTED", "APPROVED", "CHANGES_REQUESTED", "DISMISSED")

/** https://docs.github.com/en/rest/pulls/reviews */
export const Review = Schema.Struct({
  id: Schema.Int,
  state: ReviewState,
  body: Schema.String,
  authorLogin: Schema.String,
  commitSha: Schema.String
})
export type Review = typeof Review.Type

/** A comment on lines of the new side of the diff. */
export interface ReviewComment {
  readonly path: string
  readonly body: string
  readonly line: number
  /** The first line of a comment on several lines; left out for a comment on one. */
  readonly startLine?: number
}

export interface NewReview {
  readonly commitSha: string
  readonly body: string
  readonly comments: ReadonlyArray<ReviewComment>
}

/** A comment on a pull request as a whole, or in a thread. */
export interface Comment {
  readonly id: number
  /** `name[bot]` for an App, as `ownLogin` has it; `ghost` where the account is gone. */
  readonly authorLogin: string
  readonly body: string
}

/** Names a comment. */
export interface CommentRef {
  readonly id: number
  /** Of a comment in a thread, the thread's first; null for one on the pull request as a whole. */
  readonly thread: number | null
}

/**
 * One thread of comments on lines; from the GraphQL API, since the REST API knows nothing of resolving.
 * https://docs.github.com/en/graphql/reference/objects#pullrequestreviewthread
 */
export interface ReviewThread {
  /** GitHub's global node id. */
  readonly id: string
  readonly isResolved: boolean
  /** Whether the lines have changed or gone since. */
  readonly isOutdated: boolean
  readonly path: string
  /** At the head commit; none when it is outdated, or about the whole file. */
  readonly line: Option.Option<number>
  /** The first line of a thread on several lines. */
  readonly startLine: Option.Option<number>
  /** Oldest first, the first twenty. */
  readonly comments: ReadonlyArray<Comment>
}

/** https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user */
export type Permission = "admin" | "write" | "read" | "none"

/** https://docs.github.com/en/rest/reactions/reactions#about-reactions */
export type Reaction = "eyes" | "+1" | "-1" | "confused" | "rocket"

/** A button on a check run: https://docs.github.com/en/rest/guides/using-the-rest-api-to-interact-with-checks#check-runs-and-requested-actions */
export interface CheckAction {
  /** At most 20 characters. */
  readonly label: string
  /** At most 20 characters; comes back with the webhook when somebody presses the button. */
  readonly identifier: string
  /** At most 40 characters. */
  readonly description: string
}

/** https://docs.github.com/en/rest/checks/runs */
export type CheckConclusion = "success" | "neutral" | "failure" | "cancelled" | "skipped"
export interface CheckRunState {
  readonly status: "queued" | "in_progress" | "completed"
  /** Given if and only if `status` is `completed`. */
  readonly conclusion?: CheckConclusion
  readonly title: string
  readonly summary: string
  readonly text?: string
  /** Where "Details" on the check run leads; GitHub takes the App's own page when absent. */
  readonly detailsUrl?: string
  /** At most three. */
  readonly actions?: ReadonlyArray<CheckAction>
}
/** The kind of the job that ends check runs of jobs which ended with nobody to tell; see `CheckRunsJob.ts`. */
export const checkRunsKind = "check-runs"

export interface CheckRun {
  readonly id: number
  readonly externalId: string
  readonly status: "queued" | "in_progress" | "completed"
  readonly conclusion: Option.Option<string>
}

/** GitHub on behalf of one installation. It lives no longer than the scope it was made in. */
export interface InstallationClient {
  /** The login under which this app writes, as in `holdfast[bot]`. */
  readonly ownLogin: Effect.Effect<string, GithubError>
  readonly getPullRequest: (ref: PullRequestRef) => Effect.Effect<PullRequest, GithubError>
  /** All pages, up to GitHub's limit of 3,000 files. */
  readonly listFiles: (ref: PullRequestRef) => Effect.Effect<ReadonlyArray<PullRequestFile>, GithubError>
  /** None when there is no such file at that commit, or when it is not a file. */
  readonly getContent: (
    ref: RepositoryRef,
    path: string,
    commitSha: string
  ) => Effect.Effect<Option.Option<FileContent>, GithubError>
  /** All pages. Pending reviews of others are never among them: GitHub shows a pending review to its author only. */
  readonly listReviews: (ref: PullRequestRef) => Effect.Effect<ReadonlyArray<Review>, GithubError>
  readonly getReview: (ref: PullRequestRef, id: number) => Effect.Effect<Review, GithubError>
  /** Creates it without an event, so that it is PENDING and nobody else sees it. */
  readonly createPendingReview: (ref: PullRequestRef, review: NewReview) => Effect.Effect<Review, GithubError>
  /** Makes a pending review visible, with the event COMMENT. */
  readonly submitReview: (ref: PullRequestRef, id: number) => Effect.Effect<Review, GithubError>
  readonly deletePendingReview: (ref: PullRequestRef, id: number) => Effect.Effect<void, GithubError>
  /** This app's check runs on the commit. */
  readonly listCheckRuns: (
    ref: RepositoryRef,
    commitSha: string
  ) => Effect.Effect<ReadonlyArray<CheckRun>, GithubError>
  readonly createCheckRun: (
    ref: RepositoryRef,
    run: CheckRunState & { readonly commitSha: string; readonly externalId: string }
  ) => Effect.Effect<CheckRun, GithubError>
  readonly updateCheckRun: (
    ref: RepositoryRef,
    id: number,
    run: CheckRunState
  ) => Effect.Effect<CheckRun, GithubError>
  /** None when one of the commits is not there (any more), or they have no common ancestor. */
  readonly compare: (
    ref: RepositoryRef,
    base: string,
    head: string
  ) => Effect.Effect<Option.Option<Comparison>, GithubError>
  /** All pages of all threads; of each thread its first comments, enough to see whether anybody but the app has answered. */
  readonly listThreads: (ref: PullRequestRef) => Effect.Effect<ReadonlyArray<ReviewThread>, GithubError>
  /**
   * Resolves a thread; one that is resolved stays so. Needs the permission "Contents: write", which an App may not
   * have; then it fails with Forbidden: https://github.com/orgs/community/discussions/44650
   */
  readonly resolveThread: (id: string) => Effect.Effect<void, GithubError>
  /** What the account may do in the repository. `none` also for a login that is no user's, such as an App's. */
  readonly permissionOf: (ref: RepositoryRef, login: string) => Effect.Effect<Permission, GithubError>
  /** Reacts to a comment. The same reaction twice is one. */
  readonly addReaction: (
    ref: RepositoryRef,
    comment: CommentRef,
    content: Reaction
  ) => Effect.Effect<void, GithubError>
  /** The comments on a pull request as a whole, oldest first. All pages. */
  readonly listIssueComments: (ref: PullRequestRef) => Effect.Effect<ReadonlyArray<Comment>, GithubError>
  readonly createIssueComment: (
    ref: PullRequestRef,
    body: string
  ) => Effect.Effect<{ readonly id: number }, GithubError>
}

export class Github extends Context.Tag("holdfast/Github")<
  Github,
  {
    /**
     * Makes a client for one installation, with its own authentication from the app's id and private key. Its token
     * is kept in that client only and is gone with the scope: no token outlives a job.
     */
    readonly installation: (
      installationId: number
    ) => Effect.Effect<InstallationClient, GithubError, Scope.Scope>
  }
>() {}
