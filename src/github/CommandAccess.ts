/** Who may give commands, and whether one is meant for us. */
import { Effect } from "effect"
import type { CommandPayload } from "./Command.ts"
import type { InstallationClient, RepositoryRef } from "./Github.ts"
import type { GithubError } from "./GithubError.ts"

export type Access = "granted" | "may not" | "not ours"

/**
 * What GitHub says of who asks. Only people with write access give commands: a review costs money, and a pause or a
 * dismissal speaks for the repository. Others get no sign, so that nobody can make the App talk.
 *
 * https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user
 */
export const accessOf = (
  client: InstallationClient,
  repository: RepositoryRef,
  { comment, login }: CommandPayload
): Effect.Effect<Access, GithubError> =>
  Effect.gen(function* () {
    const mentions = comment?.mentions ?? null
    if (mentions !== null) {
      const own = yield* client.ownLogin
      if (own.toLowerCase() !== `${mentions.toLowerCase()}[bot]`) return "not ours"
    }
    const permission = yield* client.permissionOf(repository, login)
    return permission === "admin" || permission === "write" ? "granted" : "may not"
  })
