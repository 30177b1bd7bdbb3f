/** What a person may do in a repository. https://docs.github.com/en/rest/collaborators/collaborators */
import { Either } from "effect"
import { type Account, account, type GithubState, type Permission, permissionKey } from "./GithubState.ts"
import { Rejection } from "./Rejection.ts"

/**
 * As set, or else: the owner is its admin, everybody else may read. The words of the refusal are those that people
 * report for the logins of Apps: https://github.com/anthropics/claude-code-action/issues/1133
 */
export const permissionOf = (
  state: GithubState,
  repository: string,
  login: string
): Either.Either<readonly [Account, Permission], Rejection> => {
  const [who] = account(state, login)
  const set = state.permissions.get(permissionKey(repository, login))
  const isOwner = state.repositories.get(repository)?.owner.id === who.id
  if (who.type === "Bot" || login.toLowerCase() === "ghost") {
    return Either.left(new Rejection({ status: 404, message: `${login} is not a user` }))
  }
  return Either.right([who, set ?? (isOwner ? "admin" : "read")])
}
