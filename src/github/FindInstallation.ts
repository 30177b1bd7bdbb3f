/** Which installation of the App a repository belongs to, for who starts from a repository and not from a webhook. */
import { Effect, Ref, Schema } from "effect"
import { askAsApp } from "./AppAuth.ts"
import { Forbidden, UnexpectedAnswer } from "./GithubError.ts"
import { GithubSettings } from "./GithubSettings.ts"
import { makeOctokit } from "./rest/Octokit.ts"
import { makeRequests } from "./rest/Requests.ts"
import { makeUnnamedLimits } from "./rest/UnnamedLimits.ts"

const Answer = Schema.Struct({ id: Schema.Int })

/** https://docs.github.com/en/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app */
const route = "GET /repos/{owner}/{repo}/installation"

/** No installation has this number. */
const none = 0

/** The installation's number. Fails with `Forbidden` when there is no such repository, or the App isn't installed there. */
export const findInstallation = Effect.fn("Github.findInstallation")(function* (owner: string, repo: string) {
  const settings = yield* GithubSettings
  const limitsOf = yield* makeUnnamedLimits
  const requests = makeRequests(makeOctokit(settings.apiUrl), settings, {
    clockAhead: yield* Ref.make(0),
    limits: limitsOf(none)
  })
  const answer = yield* askAsApp(settings, requests, { route, parameters: { owner, repo } }).pipe(
    Effect.catchTag(
      "NotFound",
      () =>
        new Forbidden({
          operation: route,
          status: 404,
          message: `The App is not installed on ${owner}/${repo}, or there is no such repository. Install it there, or check the name.`
        })
    )
  )
  const { id } = yield* Schema.decodeUnknown(Answer)(answer.data).pipe(
    Effect.mapError(
      () => new UnexpectedAnswer({ operation: route, message: "GitHub's answer names no installation" })
    )
  )
  return id
})
