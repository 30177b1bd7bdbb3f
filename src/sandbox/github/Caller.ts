/** Who a request is told to come from: in the journal, to the rate limit, and to faults. */
import { Either } from "effect"
import type { Viewer } from "./GithubState.ts"
import type { Rejection } from "./Rejection.ts"

/** Under which name the journal has the request. */
export const named = {
  onLeft: () => "",
  onRight: (viewer: Viewer) => (viewer.kind === "app" ? "app" : viewer.account.login)
}

/** The installation whose token it is. */
export const installationAsking = (identity: Either.Either<Viewer, Rejection>): number | undefined =>
  Either.isRight(identity) && identity.right.kind === "installation" ? identity.right.installation : undefined

/** Whose rate limit a request counts against, in GitHub's words: all tokens of an installation share one. */
export const counted = {
  onLeft: () => "anonymous",
  onRight: (viewer: Viewer) =>
    viewer.kind === "installation" ? `installation ID ${viewer.installation}` : named.onRight(viewer)
}
