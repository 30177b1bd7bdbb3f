/** `holdfast review`: a review without a server. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Effect } from "effect"
import { providerNames } from "../model/ProviderName.ts"

const change = Args.text({ name: "change" }).pipe(
  Args.withDescription(
    "A range: a..b is the change from a to b, a...b that from their merge base to b; an end that is left out is HEAD. Or with --dry-run a pull request, as owner/repo#12. Without it: the working tree against HEAD, files that git does not know and does not ignore included."
  ),
  Args.optional
)

const options = {
  base: Options.text("base").pipe(
    Options.withDescription(
      "Review from the merge base of this ref and HEAD to the working tree: what you have done since you left that branch, committed or not."
    ),
    Options.optional
  ),
  staged: Options.boolean("staged").pipe(
    Options.withDescription("Review what is staged, against HEAD: what git commit would commit.")
  ),
  patch: Options.text("patch").pipe(
    Options.withDescription(
      "Review this file, which holds the output of git diff; - is standard input. Needs no repository."
    ),
    Options.optional
  ),
  config: Options.text("config").pipe(
    Options.withDescription(
      "A holdfast.yml to go by, instead of the repository's .github/holdfast.yml or .holdfast.yml as it was before the change."
    ),
    Options.optional
  ),
  provider: Options.choice("provider", providerNames).pipe(
    Options.withDescription(
      "Who reviews. Else HOLDFAST_PROVIDER, else the rules alone. Keys come from the environment only; a file .env is not read, since it may be the repository's."
    ),
    Options.optional
  ),
  model: Options.text("model").pipe(
    Options.withDescription(
      "The model at that provider. Else HOLDFAST_MODEL, else the provider's usual one."
    ),
    Options.optional
  ),
  format: Options.choice("format", ["pretty", "json", "sarif", "github"]).pipe(
    Options.withDescription(
      "For people, as one JSON object, as SARIF 2.1.0, or as GitHub Actions' annotations. It alone goes to standard output."
    ),
    Options.withDefault("pretty" as const)
  ),
  failOn: Options.choice("fail-on", ["low", "medium", "high", "critical", "never"]).pipe(
    Options.withDescription(
      "The least severity that ends with 1: high unless given, as errors fail and warnings don't. Findings from it on are shown, whatever the configuration's min_severity."
    ),
    Options.withDefault("high" as const)
  ),
  dryRun: Options.boolean("dry-run").pipe(
    Options.withDescription(
      "Show what would be posted to a pull request, and post nothing. Needs GITHUB_APP_ID and the App's private key, and no database."
    )
  )
}

/** `holdfast review` */
export const review = Command.make("review", { change, ...options }, (given) =>
  Effect.flatMap(
    Effect.promise(() => import("./review/RunReview.ts")),
    ({ run }) => run(given)
  )
).pipe(
  Command.withDescription(
    "Review a change before it is a pull request, in any git repository. Ends with 0 when nothing was found at or above --fail-on, with 1 when something was, and with 2 when something could not be reviewed: wrong arguments or settings, a model that failed for a part, files over a limit."
  )
)
