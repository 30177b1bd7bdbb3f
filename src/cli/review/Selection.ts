/** What is to be reviewed, from the command's arguments. */
import { Either, Option } from "effect"

export type Selection =
  | { readonly _tag: "WorkingTree" }
  | { readonly _tag: "Staged" }
  | { readonly _tag: "Base"; readonly ref: string }
  /** `symmetric`: from the merge base, as `a...b` means it. */
  | { readonly _tag: "Range"; readonly from: string; readonly to: string; readonly symmetric: boolean }
  /** `-` is standard input. */
  | { readonly _tag: "Patch"; readonly file: string }
  | { readonly _tag: "PullRequest"; readonly owner: string; readonly repo: string; readonly number: number }

export interface SelectionOptions {
  readonly change: Option.Option<string>
  readonly base: Option.Option<string>
  readonly staged: boolean
  readonly patch: Option.Option<string>
  readonly dryRun: boolean
}

const reference = /^([A-Za-z0-9-]+)\/([A-Za-z0-9_.-]+)#([1-9]\d{0,14})$/

const pullRequestOf = (change: string): Either.Either<Selection, string> => {
  const [, owner, repo, number] = reference.exec(change) ?? []
  return owner === undefined || repo === undefined || number === undefined
    ? Either.left(`"${change}" does not name a pull request. Write it as owner/repo#12.`)
    : Either.right({ _tag: "PullRequest", owner, repo, number: Number(number) })
}

const rangeOf = (change: string): Either.Either<Selection, string> => {
  const [, from = "", dots, to = ""] = /^(.*?)(\.{2,3})(.*)$/s.exec(change) ?? []
  if (dots !== undefined) {
    if (from === "" && to === "") return Either.left(`"${change}" names neither end of a range.`)
    return Either.right({
      _tag: "Range",
      from: from === "" ? "HEAD" : from,
      to: to === "" ? "HEAD" : to,
      symmetric: dots === "..."
    })
  }
  return Either.left(
    change.includes("#")
      ? `Holdfast reviews pull requests when it is told by a webhook. To see what it would post, and post nothing: holdfast review '${change}' --dry-run`
      : `"${change}" is not a range. Write it as main..topic or main...topic. For the change since you left a branch: --base ${change}`
  )
}

/** Left: why the arguments don't fit. */
export const select = (options: SelectionOptions): Either.Either<Selection, string> => {
  const { base, change, dryRun, patch, staged } = options
  const named = [
    ...Option.toArray(Option.map(change, () => "a range or pull request")),
    ...Option.toArray(Option.map(base, () => "--base")),
    ...(staged ? ["--staged"] : []),
    ...Option.toArray(Option.map(patch, () => "--patch"))
  ]
  if (named.length > 1) {
    return Either.left(`Only one change is reviewed at once, but there are ${named.join(" and ")}. Keep one.`)
  }
  if (dryRun) {
    return Option.match(change, {
      onNone: () =>
        Either.left(
          "--dry-run shows what would be posted to a pull request. Name one: holdfast review 'owner/repo#12' --dry-run"
        ),
      onSome: pullRequestOf
    })
  }
  if (Option.isSome(change)) return rangeOf(change.value)
  if (Option.isSome(base)) return Either.right({ _tag: "Base", ref: base.value })
  if (Option.isSome(patch)) return Either.right({ _tag: "Patch", file: patch.value })
  return Either.right({ _tag: staged ? "Staged" : "WorkingTree" })
}
