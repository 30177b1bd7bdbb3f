/** How much of a pull request is reviewed: on a push what has changed since the last review, where that can be told. */
import { Effect, Option } from "effect"
import type { InstallationClient } from "../github/Github.ts"
import type { GithubError } from "../github/GithubError.ts"
import type { Subject } from "../queue/Job.ts"
import type { Earlier } from "./Earlier.ts"
import type { Since } from "./Incremental.ts"
import { parseFile } from "./ParseDiff.ts"
import type { History } from "./ReviewReport.ts"

export type Scope =
  /** There was no review before. */
  | { readonly _tag: "First" }
  | { readonly _tag: "Everything"; readonly why: "Asked" | "Rewritten" | "TooMuch" }
  | { readonly _tag: "Since"; readonly since: Since; readonly before: NonNullable<Earlier["last"]> }

/**
 * Everything, unless the last reviewed head is an ancestor of this one, and GitHub lists all files that have changed
 * between the two.
 *
 * @param everything whether that is what somebody wants
 */
export const scopeOf = (
  client: InstallationClient,
  subject: Subject,
  { last }: Earlier,
  everything: boolean
): Effect.Effect<Scope, GithubError> =>
  Effect.gen(function* () {
    if (last === null) return { _tag: "First" } as const
    if (everything || last.commitSha === subject.commitSha)
      return { _tag: "Everything", why: "Asked" } as const
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
