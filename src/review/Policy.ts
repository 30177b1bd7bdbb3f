import type { Duration, Option } from "effect"
import type { PullRequest } from "../github/Github.ts"
import type { OnFindings } from "./CheckOutput.ts"
import type { ConfigValues } from "./EffectiveConfig.ts"
import type { Glob } from "./Glob.ts"
import type { PlaceLimits } from "./Place.ts"
import type { Brief } from "./Prompt.ts"
import type { ModelChoice } from "./ReviewModel.ts"

/** How one pull request is reviewed: what operator, installation and repository want, put together. */
export interface Policy extends PlaceLimits {
  readonly model: ModelChoice
  /** What a model is told of how to review. */
  readonly brief: Pick<Brief, "instructions" | "language" | "pathInstructions" | "style">
  /** Paths of files that a model is given to read. */
  readonly contextFiles: ReadonlyArray<string>
  readonly ignore: ReadonlyArray<Glob>
  readonly generated: "skip" | "review"
  readonly maxFiles: number
  readonly maxTokens: number
  readonly onFindings: OnFindings
  /** Whether a push is reviewed, and then what has changed since the last review or all of it. */
  readonly onPush: ConfigValues["review.on_push"]
  /** How long it must have been quiet after a push. */
  readonly debounce: Duration.Duration
  /** Whether a review is published that has nothing new to say; else only the check run tells of it. */
  readonly summary: boolean
  /** Why this pull request is not reviewed at all; of one that a person asked for only what nobody can ask away. */
  readonly skip: (pullRequest: PullRequest, isAsked?: boolean) => Option.Option<string>
  /** What the reader should know of the configuration. */
  readonly notes: ReadonlyArray<string>
}
