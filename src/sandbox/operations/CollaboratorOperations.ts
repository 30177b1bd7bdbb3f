/** https://docs.github.com/en/rest/collaborators/collaborators */
import { Either } from "effect"
import type { Permission } from "../github/GithubState.ts"
import { permissionOf } from "../github/Permissions.ts"
import { renderAccount } from "../rendered/RenderedAccount.ts"
import { ok, operation } from "./Operation.ts"
import { repositoryOf } from "./PullOperations.ts"

const granted = (permission: Permission) => ({
  admin: permission === "admin",
  maintain: permission === "admin",
  push: permission === "admin" || permission === "write",
  triage: permission === "admin" || permission === "write",
  pull: permission !== "none"
})

const getPermission = operation({
  id: "repos/get-collaborator-permission-level",
  method: "GET",
  path: "/repos/{owner}/{repo}/collaborators/{username}/permission",
  access: "token",
  docs: "collaborators/collaborators#get-repository-permissions-for-a-user",
  run: (request, state) =>
    Either.gen(function* () {
      const [key] = yield* repositoryOf(request, state, "metadata")
      const [who, permission] = yield* permissionOf(state, key, request.params["username"] ?? "")
      return ok({
        permission,
        role_name: permission,
        user: {
          ...renderAccount(who, request.urls),
          permissions: granted(permission),
          role_name: permission
        }
      })
    })
})

export const collaboratorOperations = [getPermission]
