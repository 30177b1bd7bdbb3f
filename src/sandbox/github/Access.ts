/** From an Authorization header to a viewer, and from a viewer to what it may see. */
import { Either } from "effect"
import { looksLikeJwt, verifyAppJwt } from "./AppJwt.ts"
import type { GithubState, PullRequest, Repository, Viewer } from "./GithubState.ts"
import { pullKey, repositoryKey } from "./GithubState.ts"
import { badCredentials, forbidden, notFound, Rejection } from "./Rejection.ts"

/** `authorization` is the header's value; `now` in milliseconds. */
export const identify = (
  state: GithubState,
  authorization: string | undefined,
  now: number
): Either.Either<Viewer, Rejection> => {
  if (authorization === undefined) {
    return Either.left(new Rejection({ status: 401, message: "Requires authentication" }))
  }
  const credential = /^(?:bearer|token)\s+(.+)$/i.exec(authorization)?.[1]
  if (credential === undefined) return Either.left(badCredentials)
  if (looksLikeJwt(credential)) {
    return Either.map(verifyAppJwt(credential, state.app, now), (): Viewer => ({ kind: "app" }))
  }
  const token = state.tokens.get(credential)
  if (token === undefined || (token.expiresAt !== undefined && token.expiresAt <= now)) {
    return Either.left(badCredentials)
  }
  return Either.right(token.viewer)
}

/** The repository, if the viewer may see it and the app has the permission. */
export const findRepository = (
  state: GithubState,
  viewer: Viewer,
  owner: string,
  name: string,
  permission: readonly [name: string, level: "read" | "write"]
): Either.Either<readonly [key: string, repository: Repository], Rejection> => {
  const key = repositoryKey(owner, name)
  const repository = state.repositories.get(key)
  if (repository === undefined) return Either.left(notFound)
  if (viewer.kind === "installation") {
    const installation = state.installations.get(viewer.installation)
    if (installation?.suspendedAt !== undefined) {
      return Either.left(new Rejection({ status: 403, message: "This installation has been suspended" }))
    }
    if (!installation?.repositories.has(key) || !viewer.repositories.has(key)) return Either.left(notFound)
    const granted = state.app.permissions[permission[0]]
    if (granted === undefined || (permission[1] === "write" && granted !== "write")) {
      return Either.left(forbidden)
    }
  }
  return Either.right([key, repository])
}

/** The pull request of that number in a repository that was found. */
export const findPull = (
  state: GithubState,
  repository: string,
  number: string | undefined
): Either.Either<PullRequest, Rejection> =>
  Either.fromNullable(state.pulls.get(pullKey(repository, Number(number))), () => notFound)
