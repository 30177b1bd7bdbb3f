/** Whether a pull request is left alone altogether, as the configuration's section `skip` has it. */
import { Either, Option } from "effect"
import type { PullRequest } from "../github/Github.ts"
import type { ConfigValues } from "./EffectiveConfig.ts"
import { compileGlob } from "./Glob.ts"
import { titleMatches } from "./TitlePattern.ts"

type Subject = Pick<PullRequest, "draft" | "authorIsBot" | "labels" | "title" | "baseBranch">

const draft = "it is a draft; it will be reviewed when it is marked as ready for review"

/** GitHub does not distinguish labels by case. */
const sameLabel = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()

const branchMatches = (glob: string, branch: string): boolean =>
  Either.match(compileGlob(glob.includes("/") || glob === "**" ? glob : `/${glob}`), {
    onLeft: () => false,
    onRight: ({ matches }) => matches(branch)
  })

/**
 * Why the pull request is not reviewed, in words for its author; none when it is.
 *
 * @param isAsked a person with write access asks for this review: then only that reviews are switched off stands against it
 */
export const skipPullRequest = (
  values: ConfigValues,
  pullRequest: Subject,
  isAsked = false
): Option.Option<string> => {
  if (!values.enabled) return Option.some("reviews are switched off")
  if (isAsked) return Option.none()
  if (values["skip.drafts"] && pullRequest.draft) return Option.some(draft)
  if (values["skip.bots"] && pullRequest.authorIsBot) return Option.some("its author is a bot")
  const label = pullRequest.labels.find((has) => values["skip.labels"].some((skip) => sameLabel(skip, has)))
  if (label !== undefined) return Option.some(`it has the label ${label}`)
  const title = values["skip.titles"].find((pattern) => titleMatches(pattern, pullRequest.title))
  if (title !== undefined) return Option.some(`its title matches ${title}`)
  const branch = values["skip.base_branches"].find((glob) => branchMatches(glob, pullRequest.baseBranch))
  return Option.map(Option.fromNullable(branch), (glob) => `its base branch matches ${glob}`)
}
