/** The `Github` Tag over GitHub's REST API, and its GraphQL API where that alone has what is asked for. */
import { Effect, Layer, Option, Ref } from "effect"
import { askAsApp, makeInstallationToken } from "./AppAuth.ts"
import { type CheckRunState, Github, type InstallationClient, type NewReview } from "./Github.ts"
import type { GithubError } from "./GithubError.ts"
import { GithubSettings } from "./GithubSettings.ts"
import {
  readAppLogin,
  readCheckRun,
  readCheckRuns,
  readComparison,
  readContent,
  readFiles,
  readPermission,
  readPullRequest,
  readReview,
  readReviews
} from "./rest/Answers.ts"
import { makeComments } from "./rest/Comments.ts"
import { type InstallationRequests, makeInstallationRequests } from "./rest/InstallationRequests.ts"
import { makeOctokit } from "./rest/Octokit.ts"
import { makeRequests, type Requests } from "./rest/Requests.ts"
import { makeThreads } from "./rest/Threads.ts"
import { makeUnnamedLimits } from "./rest/UnnamedLimits.ts"

/** The check run's name on the pull request. */
const checkName = "Holdfast"

const reviewOf = (review: NewReview) => ({
  commit_id: review.commitSha,
  body: review.body,
  comments: review.comments.map(({ body, line, path, startLine }) => ({
    path,
    body,
    line,
    side: "RIGHT",
    ...(startLine === undefined ? {} : { start_line: startLine, start_side: "RIGHT" })
  }))
})

const checkRunOf = ({ actions, conclusion, detailsUrl, status, summary, text, title }: CheckRunState) => ({
  status,
  ...(conclusion === undefined ? {} : { conclusion }),
  ...(detailsUrl === undefined ? {} : { details_url: detailsUrl }),
  ...(actions === undefined ? {} : { actions }),
  output: { title, summary, ...(text === undefined ? {} : { text }) }
})

const pullRequestOf = ({
  owner,
  pullRequest,
  repo
}: {
  readonly owner: string
  readonly repo: string
  readonly pullRequest: number
}) => ({ owner, repo, pull_number: pullRequest })

const makeClient = (
  github: InstallationRequests,
  ownLogin: Effect.Effect<string, GithubError>,
  { apiUrl, appId }: GithubSettings.Settings
): InstallationClient => ({
  ownLogin,
  ...makeThreads(github, apiUrl),
  ...makeComments(github),

  getPullRequest: Effect.fn("Github.getPullRequest")((ref) =>
    github.read(
      { route: "GET /repos/{owner}/{repo}/pulls/{pull_number}", parameters: pullRequestOf(ref) },
      readPullRequest
    )
  ),

  listFiles: Effect.fn("Github.listFiles")((ref) =>
    github.readAll(
      { route: "GET /repos/{owner}/{repo}/pulls/{pull_number}/files", parameters: pullRequestOf(ref) },
      readFiles
    )
  ),

  getContent: Effect.fn("Github.getContent")(({ owner, repo }, path, commitSha) =>
    github
      .read(
        {
          route: "GET /repos/{owner}/{repo}/contents/{path}",
          parameters: { owner, repo, path, ref: commitSha }
        },
        readContent
      )
      .pipe(
        Effect.catchTag("NotFound", (error) =>
          // The file may be missing; the commit may not.
          error.message.includes("No commit found") ? Effect.fail(error) : Effect.succeed(Option.none())
        )
      )
  ),

  listReviews: Effect.fn("Github.listReviews")((ref) =>
    github.readAll(
      { route: "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews", parameters: pullRequestOf(ref) },
      readReviews
    )
  ),

  getReview: Effect.fn("Github.getReview")((ref, id) =>
    github.read(
      {
        route: "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}",
        parameters: { ...pullRequestOf(ref), review_id: id }
      },
      readReview
    )
  ),

  createPendingReview: Effect.fn("Github.createPendingReview")((ref, review) =>
    github.write(
      {
        route: "POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews",
        parameters: { ...pullRequestOf(ref), ...reviewOf(review) }
      },
      readReview
    )
  ),

  submitReview: Effect.fn("Github.submitReview")((ref, id) =>
    github.write(
      {
        route: "POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/events",
        parameters: { ...pullRequestOf(ref), review_id: id, event: "COMMENT" }
      },
      readReview
    )
  ),

  deletePendingReview: Effect.fn("Github.deletePendingReview")((ref, id) =>
    github.write(
      {
        route: "DELETE /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}",
        parameters: { ...pullRequestOf(ref), review_id: id }
      },
      () => Effect.void
    )
  ),

  listCheckRuns: Effect.fn("Github.listCheckRuns")(({ owner, repo }, commitSha) =>
    github.readAll(
      {
        route: "GET /repos/{owner}/{repo}/commits/{ref}/check-runs",
        parameters: { owner, repo, ref: commitSha, app_id: appId, filter: "all" }
      },
      readCheckRuns
    )
  ),

  createCheckRun: Effect.fn("Github.createCheckRun")(({ owner, repo }, run) =>
    github.write(
      {
        route: "POST /repos/{owner}/{repo}/check-runs",
        parameters: {
          owner,
          repo,
          name: checkName,
          head_sha: run.commitSha,
          external_id: run.externalId,
          ...checkRunOf(run)
        }
      },
      readCheckRun
    )
  ),

  updateCheckRun: Effect.fn("Github.updateCheckRun")(({ owner, repo }, id, run) =>
    github.write(
      {
        route: "PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}",
        parameters: { owner, repo, check_run_id: id, ...checkRunOf(run) }
      },
      readCheckRun
    )
  ),

  compare: Effect.fn("Github.compare")(({ owner, repo }, base, head) =>
    github
      .read(
        {
          route: "GET /repos/{owner}/{repo}/compare/{basehead}",
          // The files are on the first page, all that GitHub lists, however few commits a page has.
          parameters: { owner, repo, basehead: `${base}...${head}`, per_page: 1, page: 1 }
        },
        readComparison
      )
      .pipe(
        Effect.map(Option.some),
        Effect.catchTag("NotFound", () => Effect.succeed(Option.none()))
      )
  ),

  permissionOf: Effect.fn("Github.permissionOf")(({ owner, repo }, login) =>
    github
      .read(
        {
          route: "GET /repos/{owner}/{repo}/collaborators/{username}/permission",
          parameters: { owner, repo, username: login }
        },
        readPermission
      )
      .pipe(
        Effect.catchTag("NotFound", (error) =>
          // GitHub's words for an App's login and for an account that is gone; otherwise it is the repository.
          error.message.includes("is not a user") ? Effect.succeed("none" as const) : Effect.fail(error)
        )
      )
  )
})

const makeOwnLogin = (
  settings: GithubSettings.Settings,
  requests: Requests
): Effect.Effect<Effect.Effect<string, GithubError>> => {
  const operation = { route: "GET /app", parameters: {} }
  return Effect.map(Ref.make(Option.none<string>()), (known) =>
    Ref.get(known).pipe(
      Effect.flatten,
      Effect.catchTag("NoSuchElementException", () =>
        askAsApp(settings, requests, operation).pipe(
          Effect.flatMap((answer) => readAppLogin(operation.route, answer)),
          Effect.tap((login) => Ref.set(known, Option.some(login)))
        )
      ),
      Effect.withSpan("Github.ownLogin")
    )
  )
}

/**
 * GitHub over HTTP. Each client authenticates by itself, with a token that nobody else sees.
 *
 * Fails with `Forbidden` when the App's key can't sign, the App isn't installed there, or it is suspended.
 */
export const layer: Layer.Layer<Github, never, GithubSettings> = Layer.effect(
  Github,
  Effect.gen(function* () {
    const settings = yield* GithubSettings
    const limitsOf = yield* makeUnnamedLimits
    const clockAhead = yield* Ref.make(0)
    return {
      installation: Effect.fn("Github.installation")(function* (installationId: number) {
        const requests = makeRequests(makeOctokit(settings.apiUrl), settings, {
          clockAhead,
          limits: limitsOf(installationId)
        })
        const token = yield* makeInstallationToken(settings, requests, installationId)
        // Bought now, so that an installation that is gone is told apart from whatever is asked later.
        yield* token.get
        return makeClient(
          makeInstallationRequests(requests, token),
          yield* makeOwnLogin(settings, requests),
          settings
        )
      })
    }
  })
)
