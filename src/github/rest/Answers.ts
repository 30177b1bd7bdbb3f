/**
 * GitHub's answers, as narrow as our use of them, and what they become in the words of `Github.ts`, where the pages
 * of GitHub's documentation are linked too.
 */
import { Effect, Option, ParseResult, Schema } from "effect"
import {
  type CheckRun,
  type Comment,
  type Comparison,
  type FileContent,
  type Permission,
  type PullRequest,
  PullRequestFile,
  Review
} from "../Github.ts"
import { UnexpectedAnswer } from "../GithubError.ts"
import type { Answer } from "./Refusal.ts"

/** Reads the answer to one route. */
export type Reading<A> = (route: string, answer: Answer) => Effect.Effect<A, UnexpectedAnswer>

export const reading = <Wire, Encoded, A>(
  wire: Schema.Schema<Wire, Encoded>,
  meaning: (wire: Wire) => A
): Reading<A> => {
  const decode = Schema.decodeUnknown(wire)
  return (route, answer) =>
    decode(answer.data).pipe(
      Effect.map(meaning),
      Effect.mapError((error) => new UnexpectedAnswer({ operation: route, message: misfit(error) }))
    )
}

/** Where the answer does not fit, without the answer itself, which may be long or private. */
const misfit = (error: ParseResult.ParseError): string => {
  const issue = ParseResult.ArrayFormatter.formatErrorSync(error)[0]
  const place = issue === undefined || issue.path.length === 0 ? "as a whole" : `at ${issue.path.join(".")}`
  return `GitHub's answer does not have the documented shape ${place}`
}

/** Null where the account was deleted; GitHub shows its work under the name `ghost`. */
const User = Schema.NullOr(Schema.Struct({ login: Schema.String, type: Schema.optional(Schema.String) }))
const loginOf = (user: typeof User.Type): string => user?.login ?? "ghost"

const WirePullRequest = Schema.Struct({
  number: Schema.Int,
  title: Schema.String,
  body: Schema.NullOr(Schema.String),
  state: Schema.Literal("open", "closed"),
  draft: Schema.optional(Schema.Boolean),
  head: Schema.Struct({ sha: Schema.NonEmptyString }),
  base: Schema.Struct({ sha: Schema.NonEmptyString, ref: Schema.NonEmptyString }),
  user: User,
  labels: Schema.Array(Schema.Struct({ name: Schema.String })),
  changed_files: Schema.Int
})

export const readPullRequest: Reading<PullRequest> = reading(WirePullRequest, (wire) => ({
  number: wire.number,
  title: wire.title,
  body: wire.body ?? "",
  state: wire.state,
  draft: wire.draft ?? false,
  headSha: wire.head.sha,
  baseSha: wire.base.sha,
  baseBranch: wire.base.ref,
  authorLogin: loginOf(wire.user),
  authorIsBot: wire.user?.type === "Bot",
  labels: wire.labels.map(({ name }) => name),
  changedFiles: wire.changed_files
}))

const WireFile = Schema.Struct({
  filename: Schema.NonEmptyString,
  previous_filename: Schema.optional(Schema.String),
  status: PullRequestFile.fields.status,
  additions: Schema.Int,
  deletions: Schema.Int,
  patch: Schema.optional(Schema.String)
})

const file = (wire: typeof WireFile.Type): PullRequestFile => ({
  path: wire.filename,
  previousPath: Option.fromNullable(wire.previous_filename),
  status: wire.status,
  additions: wire.additions,
  deletions: wire.deletions,
  patch: Option.fromNullable(wire.patch)
})

export const readFiles: Reading<ReadonlyArray<PullRequestFile>> = reading(Schema.Array(WireFile), (files) =>
  files.map(file)
)

/** "up to 300 changed files for the entire comparison": where there are so many, more may be missing. */
const mostComparedFiles = 300

export const readComparison: Reading<Comparison> = reading(
  Schema.Struct({
    status: Schema.Literal("ahead", "behind", "diverged", "identical"),
    ahead_by: Schema.Int,
    files: Schema.Array(WireFile)
  }),
  ({ ahead_by, files, status }) => ({
    status,
    aheadBy: ahead_by,
    files: files.map(file),
    isComplete: files.length < mostComparedFiles
  })
)

const WireContent = Schema.Union(
  Schema.Struct({
    type: Schema.Literal("file"),
    size: Schema.Int,
    encoding: Schema.String,
    content: Schema.String
  }),
  /** A symbolic link that leads out of the repository, or a submodule. */
  Schema.Struct({ type: Schema.Literal("symlink", "submodule") }),
  /** A folder. */
  Schema.Array(Schema.Unknown)
)

export const readContent: Reading<Option.Option<FileContent>> = reading(WireContent, (wire) => {
  if (!("type" in wire) || wire.type !== "file") return Option.none()
  // Over 1 MB GitHub names the encoding "none" and leaves the content empty.
  const bytes =
    wire.encoding === "base64"
      ? Option.some(new Uint8Array(Buffer.from(wire.content, "base64")))
      : Option.none()
  return Option.some({ size: wire.size, bytes })
})

const WireReview = Schema.Struct({
  id: Schema.Int,
  state: Review.fields.state,
  body: Schema.NullOr(Schema.String),
  user: User,
  commit_id: Schema.optional(Schema.NullOr(Schema.String))
})

const review = (wire: typeof WireReview.Type): Review => ({
  id: wire.id,
  state: wire.state,
  body: wire.body ?? "",
  authorLogin: loginOf(wire.user),
  commitSha: wire.commit_id ?? ""
})

export const readReview: Reading<Review> = reading(WireReview, review)
export const readReviews: Reading<ReadonlyArray<Review>> = reading(Schema.Array(WireReview), (reviews) =>
  reviews.map(review)
)

const WireCheckRun = Schema.Struct({
  id: Schema.Int,
  external_id: Schema.optional(Schema.NullOr(Schema.String)),
  /** Runs of GitHub Actions have more states than an App can set. */
  status: Schema.String,
  conclusion: Schema.NullOr(Schema.String)
})

const checkRun = (wire: typeof WireCheckRun.Type): CheckRun => ({
  id: wire.id,
  externalId: wire.external_id ?? "",
  status: wire.status === "completed" || wire.status === "in_progress" ? wire.status : "queued",
  conclusion: Option.fromNullable(wire.conclusion)
})

export const readCheckRun: Reading<CheckRun> = reading(WireCheckRun, checkRun)
export const readCheckRuns: Reading<ReadonlyArray<CheckRun>> = reading(
  Schema.Struct({ check_runs: Schema.Array(WireCheckRun) }),
  ({ check_runs }) => check_runs.map(checkRun)
)

const WireComment = Schema.Struct({
  id: Schema.Int,
  user: User,
  body: Schema.optional(Schema.NullOr(Schema.String))
})

const comment = (wire: typeof WireComment.Type): Comment => ({
  id: wire.id,
  authorLogin: loginOf(wire.user),
  body: wire.body ?? ""
})

export const readComments: Reading<ReadonlyArray<Comment>> = reading(Schema.Array(WireComment), (comments) =>
  comments.map(comment)
)

/** Of what was made, its id. */
export const readId: Reading<{ readonly id: number }> = reading(
  Schema.Struct({ id: Schema.Int }),
  ({ id }) => ({ id })
)

export const readPermission: Reading<Permission> = reading(
  Schema.Struct({ permission: Schema.Literal("admin", "write", "read", "none") }),
  ({ permission }) => permission
)

/** The login under which the App writes. */
export const readAppLogin: Reading<string> = reading(
  Schema.Struct({ slug: Schema.NonEmptyString }),
  ({ slug }) => `${slug}[bot]`
)
