/** What a control is asked about, and how it is found. */
import { Data, Either } from "effect"
import {
  type GithubState,
  type PullRequest,
  pullKey,
  type Repository,
  repositoryKey
} from "../github/GithubState.ts"

/** Names a repository. */
export interface RepositoryName {
  readonly owner: string
  readonly repo: string
}

/** Names a pull request. */
export interface PullName extends RepositoryName {
  readonly number: number
}

/** The pull request, or what else was named, does not exist. */
export class NoSuchPull extends Data.TaggedError("NoSuchPull")<{ readonly message: string }> {}

export const findPull = (
  state: GithubState,
  { number, owner, repo }: PullName
): Either.Either<PullRequest, NoSuchPull> =>
  Either.fromNullable(
    state.pulls.get(pullKey(repositoryKey(owner, repo), number)),
    () => new NoSuchPull({ message: `there is no ${owner}/${repo}#${number}` })
  )

export const findRepository = (
  state: GithubState,
  { owner, repo }: RepositoryName
): Either.Either<readonly [key: string, repository: Repository], NoSuchPull> => {
  const key = repositoryKey(owner, repo)
  const found = state.repositories.get(key)
  return found === undefined
    ? Either.left(new NoSuchPull({ message: `there is no repository ${owner}/${repo}` }))
    : Either.right([key, found])
}
