/** https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app */
import { Either } from "effect"
import { type GithubState, type Token, withEntry } from "./GithubState.ts"
import { notFound, Rejection } from "./Rejection.ts"

export interface TokenRequest {
  readonly installation: number
  /** Names or ids that the token is limited to; all of the installation's repositories otherwise. */
  readonly repositories: ReadonlyArray<string | number> | undefined
  /** The token's text, made by the caller. */
  readonly token: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

export const createToken = (
  state: GithubState,
  request: TokenRequest
): Either.Either<readonly [Token, GithubState], Rejection> => {
  const installation = state.installations.get(request.installation)
  if (installation === undefined) return Either.left(notFound)
  if (installation.suspendedAt !== undefined) {
    return Either.left(new Rejection({ status: 403, message: "This installation has been suspended" }))
  }
  const all = [...installation.repositories]
  const wanted =
    request.repositories === undefined
      ? all
      : all.filter((key) => {
          const repository = state.repositories.get(key)
          return request.repositories?.some((one) => one === repository?.name || one === repository?.id)
        })
  if (request.repositories !== undefined && wanted.length < request.repositories.length) {
    return Either.left(
      new Rejection({
        status: 422,
        message:
          "There is at least one repository that does not exist or is not accessible to the parent installation."
      })
    )
  }
  const token: Token = {
    viewer: {
      kind: "installation",
      installation: installation.id,
      account: state.app.bot,
      repositories: new Set(wanted)
    },
    expiresAt: request.expiresAt
  }
  return Either.right([token, { ...state, tokens: withEntry(state.tokens, request.token, token) }])
}
