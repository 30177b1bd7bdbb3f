/** How much of a pull request is reviewed: on a push what has changed since the last review, where that can be told. */
import { Effect, Option } from "effect"
import type { InstallationClient } from "../github/Github.ts"
import type { GithubError } from "../github/GithubError.ts"
import type { Subject } from "../queue/Job.ts"
import { type Earlier, rulesAlone } from "./Earlier.ts"
import type { Since } from "./Incremental.ts"
import { parseFile } from "./ParseDiff.ts"
import type { History } from "./ReviewReport.ts"

export type Scope =
  /** There was no review before. */
  | { readonly _tag: "First" }
  | { readonly _tag: "Everything"; readonly why: "Asked" | "ByRules" | "Rewritten" | "TooMuch" }
  | { readonly _tag: "Since"; readonly since: Since; readonly before: NonNullable<Earlier["last"]> }

/** What is wanted of a review. */
export interface Wish {
  /** Whether somebody wants everything reviewed. */
  readonly everything: boolean
  /** Whether a model reviews: for it, what the rules alone have read is not read yet. */
  readonly byModel: boolean
}

/**
 * Everything, unless the last reviewed head is an ancestor of this one, and GitHub lists all files that have changed
 * between the two.
 */
export const scopeOf = (
  client: InstallationClient,
  subject: Subject,
  { last }: Earlier,
  { byModel, everything }: Wish
): Effect.Effect<Scope, GithubError> =>
  Effect.gen(function* () {
    if (last === null) return { _tag: "First" } as const
    if (everything || last.commitSha === subject.commitSha)
      return { _tag: "Everything", why: "Asked" } as const
    if (byModel && last.provider === rulesAlone) return { _tag: "Everything", why: "ByRules" } as const
    const comparison = yield* client.compare(subject, last.commitSha, subject.commitSha)
    if (Option.isNone(comparison) || comparison.value.status !== "ahead")
      return { _tag: "Everything", why: "Rewritten" } as const
    const { aheadBy, files, isComplete } = comparison.value
    if (!isComplete) return { _tag: "Everything", why: "TooMuch" } as const
    return {
      _tag: "Since",
      since: { commitSha: last.commitSha, commits: aheadBy, files: files.map(parseFile) },
      before: last
    } as const
  })

/** The scope as it is told. */
export const toldScope = (scope: Exclude<Scope, { readonly _tag: "First" }>): History["scope"] =>
  scope._tag === "Since" ? { _tag: "Since", commits: scope.since.commits } : { _tag: scope.why }
