/**
 * The line by which Holdfast knows its own review again. It is an HTML comment, so that nobody sees it, and it names
 * the pull request, the commit and the generation, so that it is the same on every try to publish one review.
 */
import { Option, Schema } from "effect"

export const MarkerKey = Schema.Struct({
  owner: Schema.String,
  repo: Schema.String,
  pullRequest: Schema.Int,
  commitSha: Schema.String,
  generation: Schema.Int
})
export type MarkerKey = typeof MarkerKey.Type

/** `<!-- holdfast:review:v1:<owner>/<repo>#<pr>@<sha>:<generation> -->` */
export const renderMarker = (key: MarkerKey): string =>
  `<!-- holdfast:review:v1:${key.owner}/${key.repo}#${key.pullRequest}@${key.commitSha}:${key.generation} -->`

const pattern =
  /^<!-- holdfast:review:v1:([A-Za-z0-9_.-]+)\/([A-Za-z0-9_.-]+)#([1-9]\d{0,14})@([0-9a-f]{40}|[0-9a-f]{64}):(0|[1-9]\d{0,8}) -->$/

/** The marker of a review's body, which fills its first line. Anywhere else it is text. */
export const findMarker = (body: string): Option.Option<MarkerKey> => {
  const [firstLine = ""] = body.split(/\r?\n/, 1)
  const [, owner, repo, pullRequest, commitSha, generation] = pattern.exec(firstLine) ?? []
  return owner === undefined || repo === undefined || commitSha === undefined
    ? Option.none()
    : Option.some({
        owner,
        repo,
        pullRequest: Number(pullRequest),
        commitSha,
        generation: Number(generation)
      })
}

/**
 * Whether two markers found on one pull request mean the same review. The repository's name is left out: it may have
 * been renamed or transferred since, and the pull request is the same.
 */
export const isSameReview = (one: MarkerKey, other: MarkerKey): boolean =>
  one.pullRequest === other.pullRequest &&
  one.commitSha === other.commitSha &&
  one.generation === other.generation

/** Whether the body is that of the review that the key names. */
export const bearsMarker = (body: string, key: MarkerKey): boolean =>
  Option.exists(findMarker(body), (found) => isSameReview(found, key))

/** `<!-- holdfast:finding:v1:<fingerprint> -->`: by which the comment on a finding is known again. */
export const renderFindingMarker = (fingerprint: string): string =>
  `<!-- holdfast:finding:v1:${fingerprint} -->`

const findingPattern = /^<!-- holdfast:finding:v1:([0-9a-f]{32}) -->$/

/** The fingerprint in the marker of a comment, which fills its last line. Anywhere else it is text. */
export const findFindingMarker = (body: string): Option.Option<string> =>
  Option.fromNullable(findingPattern.exec(body.trimEnd().split(/\r?\n/).at(-1) ?? "")?.[1])

/** What people call a finding by: the beginning of its fingerprint. */
export const findingName = (fingerprint: string): string => fingerprint.slice(0, 8)
