/** Puts together how a pull request is reviewed: the operator's defaults, the installation's settings. */
import { Effect, Option } from "effect"
import type { InstallationClient, PullRequest, PullRequestRef } from "../github/Github.ts"
import type { Policy } from "./Policy.ts"
import { Settings } from "./Settings.ts"

/** What the operator set for all installations. */
export interface Defaults {
  readonly provider: string
}

export const readPolicy = Effect.fn("Review.readPolicy")(function* (
  _client: InstallationClient,
  installationId: number,
  _ref: PullRequestRef,
  _pullRequest: PullRequest,
  defaults: Defaults
) {
  const settings = yield* Effect.flatMap(Settings, (service) => service.load(installationId))
  const policy: Policy = {
    provider: Option.getOrElse(settings.provider, () => defaults.provider),
    minSeverity: Option.getOrElse(settings.minSeverity, () => "low" as const),
    maxComments: Option.getOrElse(settings.maxComments, () => 20),
    suggestions: true,
    ignore: [],
    generated: "skip",
    maxFiles: Option.getOrElse(settings.maxFiles, () => 100),
    maxTokens: Option.getOrElse(settings.maxTokens, () => 200_000),
    onFindings: "neutral",
    skip: () => Option.none(),
    notes: []
  }
  return policy
})
