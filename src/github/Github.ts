/**
 * GitHub as Holdfast sees it. `GithubRest.ts` implements it over HTTP; tests and simulations may implement it otherwise.
 *
 * Reading requests may be repeated by the implementation. Mutating requests are sent once: what to do about an
 * ambiguous answer is for the caller to decide.
 */
import { Context, type Effect, type Option, Schema, type Scope } from "effect"
import type { GithubError } from "./GithubError.ts"

/** Names a repository. */
interface RepositoryRef {
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

/** https://docs.github.com/en/rest/checks/runs */
export type CheckConclusion = "success" | "neutral" | "failure" | "cancelled" | "skipped"
export interface CheckRunState {
  readonly status: "queued" | "in_progress" | "completed"
  /** Given if and only if `status` is `completed`. */
  readonly conclusion?: CheckConclusion
  readonly title: string
  readonly summary: string
  readonly text?: string
}
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
