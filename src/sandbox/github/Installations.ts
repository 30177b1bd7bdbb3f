/**
 * Who has installed the app, and on which repositories. An installation covers repositories of its own account only.
 * https://docs.github.com/en/apps/using-github-apps/about-using-github-apps
 */
import { Data, Either } from "effect"
import {
  account,
  type GithubState,
  type Installation,
  repositoryKey,
  withEntry,
  withoutEntry
} from "./GithubState.ts"
import { firstInstallation } from "./InitialState.ts"
import { Impossible } from "./Pulls.ts"

/** What an account does that installs the app. */
export interface Installing {
  readonly owner: string
  /** An organisation when absent, unless the login is known already. */
  readonly type?: "Organization" | "User" | undefined
  /** What it covers; each is made where it is not there yet. */
  readonly repositories: ReadonlyArray<string>
}

/** What GitHub calls what happens to an installation. */
export type InstallationAction = "created" | "deleted" | "suspend" | "unsuspend"

/** There is no installation of this id, or none any more. */
export class NoSuchInstallation extends Data.TaggedError("NoSuchInstallation")<{
  readonly message: string
}> {}

interface NewRepository {
  readonly owner: string
  readonly name: string
  readonly baseBranch: string
  readonly now: number
}

/** The installation through which the app hears of a repository. */
export const installationOf = (state: GithubState, repository: string): Installation | undefined =>
  [...state.installations.values()].find((one) => one.repositories.has(repository))

const installationAt = (state: GithubState, accountId: number): Installation | undefined =>
  [...state.installations.values()].find((one) => one.account.id === accountId)

/** The repository, made when it is not there yet, and covered by its owner's installation. */
export const ensureRepository = (
  state: GithubState,
  { baseBranch, name, now, owner }: NewRepository
): Either.Either<readonly [key: string, state: GithubState], Impossible> => {
  const key = repositoryKey(owner, name)
  if (state.repositories.has(key)) return Either.right([key, state])
  const [who, known] = account(state, owner, "Organization")
  const covering = installationAt(known, who.id)
  if (covering === undefined) {
    return Either.left(new Impossible({ message: `the app is not installed at ${owner}` }))
  }
  const repository = {
    id: known.nextId,
    owner: who,
    name,
    private: true,
    defaultBranch: baseBranch,
    commits: new Map(),
    branches: new Map(),
    createdAt: now
  }
  const repositories = new Set([...covering.repositories, key])
  return Either.right([
    key,
    {
      ...known,
      nextId: known.nextId + 1,
      repositories: withEntry(known.repositories, key, repository),
      installations: withEntry(known.installations, covering.id, { ...covering, repositories })
    }
  ])
}

/** Installs the app on another account, under an id that no installation had before. */
export const install = (
  state: GithubState,
  { owner, repositories, type = "Organization" }: Installing,
  now: number
): Either.Either<readonly [Installation, GithubState], Impossible> =>
  Either.gen(function* () {
    const [who, known] = account(state, owner, type)
    if (installationAt(known, who.id) !== undefined) {
      return yield* Either.left(new Impossible({ message: `the app is installed at ${owner} already` }))
    }
    const id = known.nextId
    const covered = new Set(repositories.map((name) => repositoryKey(owner, name)))
    const installation = { id, account: who, repositories: covered, suspendedAt: undefined, createdAt: now }
    let next: GithubState = {
      ...known,
      nextId: id + 1,
      installations: withEntry(known.installations, id, installation)
    }
    for (const name of repositories) {
      next = (yield* ensureRepository(next, { owner, name, baseBranch: "main", now }))[1]
    }
    return [installation, next] as const
  })

/** Removes, suspends, lets back in. The first installation alone can be created again under its id once it was removed. */
export const changeInstallation = (
  state: GithubState,
  id: number,
  action: InstallationAction,
  now: number
): Either.Either<readonly [Installation, GithubState], NoSuchInstallation> => {
  const known = state.installations.get(id)
  if (known === undefined && id !== firstInstallation) {
    return Either.left(new NoSuchInstallation({ message: `there is no installation ${id}` }))
  }
  const who = known?.account ?? state.app.owner
  const owned = [...state.repositories].filter(([, { owner }]) => owner.id === who.id)
  const installation: Installation = {
    id,
    account: who,
    repositories: known?.repositories ?? new Set(owned.map(([key]) => key)),
    suspendedAt: action === "suspend" ? now : undefined,
    createdAt: known?.createdAt ?? now
  }
  const installations =
    action === "deleted"
      ? withoutEntry(state.installations, id)
      : withEntry(state.installations, id, installation)
  return Either.right([installation, { ...state, installations }])
}
