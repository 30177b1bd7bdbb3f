/** Shows what a review of a pull request would post, and posts nothing. */
import { Console, Effect, Layer, Option } from "effect"
import * as Config from "../../Config.ts"
import { findInstallation } from "../../github/FindInstallation.ts"
import { Github, type PullRequest, type PullRequestRef } from "../../github/Github.ts"
import * as GithubRest from "../../github/GithubRest.ts"
import { GithubSettings } from "../../github/GithubSettings.ts"
import { conclusionOf, renderCheckOutput } from "../../review/CheckOutput.ts"
import { fromGithub } from "../../review/Material.ts"
import type { Policy } from "../../review/Policy.ts"
import { readPolicy } from "../../review/ReadPolicy.ts"
import { renderReviewBody } from "../../review/ReviewBody.ts"
import { reviewChange } from "../../review/ReviewChange.ts"
import type { ReviewReport } from "../../review/ReviewReport.ts"
import { redactSecrets } from "../../review/Secrets.ts"
import { nothingSet, Settings } from "../../review/Settings.ts"
import { CommandFailed } from "../Failure.ts"
import { modelSettings } from "./Models.ts"
import { encodePosting, type Posting, renderPosting } from "./Posting.ts"
import { print, showProgress } from "./Print.ts"
import { reviewers } from "./Reviewers.ts"
import type { ReviewOptions } from "./ReviewOptions.ts"
import { exitCodeOf, toResult } from "./ReviewResult.ts"
import type { Selection } from "./Selection.ts"

type PullRequestSelection = Extract<Selection, { readonly _tag: "PullRequest" }>

/** The first review of a commit; a re-run has a higher one. */
const firstGeneration = 0

const leftOut =
  "Left out is what only the database knows: the installation's own settings and key, and reviews that were posted before."

/** Why Holdfast would leave the pull request alone. */
const whyNot = (policy: Policy, pullRequest: PullRequest): Option.Option<string> => {
  if (pullRequest.state === "closed") return Option.some("the pull request is closed")
  if (pullRequest.draft) return Option.some("the pull request is a draft")
  return policy.skip(pullRequest)
}

const printed = (posting: Posting, { format }: ReviewOptions) =>
  print(format === "json" ? JSON.stringify(encodePosting(posting)) : renderPosting(posting))

const pull = (ref: PullRequestRef, options: ReviewOptions) =>
  Effect.gen(function* () {
    const id = yield* findInstallation(ref.owner, ref.repo)
    const client = yield* Effect.flatMap(Github, (github) => github.installation(id))
    const pullRequest = yield* client.getPullRequest(ref)
    const policy = yield* readPolicy(client, id, ref, pullRequest)
    const nothing: Posting = {
      version: 1,
      commitSha: pullRequest.headSha,
      skipped: Option.getOrNull(whyNot(policy, pullRequest)),
      body: null,
      comments: [],
      check: null
    }
    if (nothing.skipped !== null) {
      yield* printed(nothing, options)
      return 0
    }
    const reviewed = yield* reviewChange({
      source: fromGithub(client, ref, pullRequest),
      policy,
      title: pullRequest.title,
      progress: showProgress
    })
    const report: ReviewReport = {
      ...reviewed,
      key: { ...ref, commitSha: pullRequest.headSha, generation: firstGeneration }
    }
    const { title, summary } = renderCheckOutput(report)
    yield* printed(
      {
        ...nothing,
        body: yield* redactSecrets(renderReviewBody(report)),
        comments: report.placement.comments.map(({ comment }) => ({
          path: comment.path,
          startLine: comment.startLine ?? comment.line,
          line: comment.line,
          body: comment.body
        })),
        check: { conclusion: conclusionOf(report, policy.onFindings), title, summary }
      },
      options
    )
    return exitCodeOf(yield* toResult(reviewed, policy), options.failOn)
  })

export const dryRun = ({ number, owner, repo }: PullRequestSelection, options: ReviewOptions) =>
  Effect.gen(function* () {
    if (options.format === "sarif" || options.format === "github") {
      return yield* new CommandFailed({
        message: `--dry-run shows what would be posted, as pretty or json; not as ${options.format}.`
      })
    }
    if (Option.isSome(options.config)) {
      return yield* new CommandFailed({
        message: "A pull request is reviewed with its repository's own configuration: leave --config out."
      })
    }
    const models = yield* modelSettings(options)
    const { app } = yield* Config.load({ app: Config.githubApp })
    const settings = Layer.succeed(GithubSettings, { ...GithubSettings.defaults, ...app })
    const outside = Layer.mergeAll(
      GithubRest.layer.pipe(Layer.provideMerge(settings)),
      Layer.succeed(Settings, { load: () => Effect.succeed(nothingSet) }),
      reviewers(models)
    )
    yield* Console.error(leftOut)
    return yield* pull({ owner, repo, pullRequest: number }, options).pipe(
      Effect.scoped,
      Effect.provide(outside)
    )
  })
