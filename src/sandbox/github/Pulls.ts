/** What can happen to a pull request. Each function gives the new state, with the pull request after the change. */
import { Data, Either } from "effect"
import type { FileChange } from "../git/FileChange.ts"
import type { FileTree } from "../git/FileTree.ts"
import { commitId, treeId } from "../git/ObjectId.ts"
import { diffTrees } from "../git/TreeDiff.ts"
import {
  type Account,
  type Commit,
  type GithubState,
  headOf,
  type PullRequest,
  pullKey,
  type Repository,
  withEntry
} from "./GithubState.ts"

/** The control was asked for something that GitHub's own pages would not offer, such as closing what is closed. */
export class Impossible extends Data.TaggedError("Impossible")<{ readonly message: string }> {}

export type Changed = Either.Either<readonly [PullRequest, GithubState], Impossible>

const impossible = (message: string) => Either.left(new Impossible({ message }))

/** Content of a commit, with its id if it has one already (from a real repository). */
export interface Content {
  readonly tree: FileTree
  readonly sha?: string
}

export interface NewPull {
  /** Key of a repository that exists. */
  readonly repository: string
  readonly title: string
  readonly body: string | null
  readonly author: Account
  readonly draft: boolean
  readonly labels: ReadonlyArray<string>
  readonly fork?: Account
  readonly headBranch: string
  readonly baseBranch: string
  readonly base: Content
  readonly head: Content
  /** The diff, when git made it. Made here otherwise. */
  readonly changes?: ReadonlyArray<FileChange>
  readonly commitCount?: number
  readonly now: number
}

const addCommit = (
  repository: Repository,
  content: Content,
  parents: ReadonlyArray<string>,
  details: { readonly author: Account; readonly message: string; readonly at: number }
): readonly [Commit, Repository] => {
  const treeSha = treeId(content.tree)
  const sha = content.sha ?? commitId({ ...details, tree: treeSha, parents, author: details.author.login })
  const commit: Commit = { sha, treeSha, parents, tree: content.tree, ...details }
  return [commit, { ...repository, commits: withEntry(repository.commits, sha, commit) }]
}

const branch = (repository: Repository, name: string, sha: string): Repository => ({
  ...repository,
  branches: withEntry(repository.branches, name, sha)
})

const nextNumber = (state: GithubState, repository: string): number =>
  Math.max(0, ...[...state.pulls.values()].filter((p) => p.repository === repository).map((p) => p.number)) +
  1

/** Opens a pull request; the base becomes the tip of the base branch. */
export const openPull = (state: GithubState, input: NewPull): Changed => {
  const found = state.repositories.get(input.repository)
  if (found === undefined) return impossible(`there is no repository ${input.repository}`)
  const number = nextNumber(state, input.repository)
  const [base, withBase] = addCommit(found, input.base, [], {
    author: found.owner,
    message: "The state of things before",
    at: input.now
  })
  const [head, withHead] = addCommit(withBase, input.head, [base.sha], {
    author: input.author,
    message: `${input.title} (#${number})`,
    at: input.now
  })
  const repository = branch(branch(withHead, input.baseBranch, base.sha), input.headBranch, head.sha)
  const pull: PullRequest = {
    id: state.nextId,
    number,
    repository: input.repository,
    title: input.title,
    body: input.body,
    author: input.author,
    state: "open",
    draft: input.draft,
    merged: false,
    labels: input.labels,
    fork: input.fork ?? null,
    headBranch: input.headBranch,
    baseBranch: input.baseBranch,
    baseSha: base.sha,
    heads: [{ sha: head.sha, changes: input.changes ?? diffTrees(base.tree, head.tree) }],
    commitCount: input.commitCount ?? 1,
    createdAt: input.now,
    updatedAt: input.now,
    closedAt: null
  }
  return Either.right([
    pull,
    {
      ...state,
      nextId: state.nextId + 1,
      repositories: withEntry(state.repositories, input.repository, repository),
      pulls: withEntry(state.pulls, pullKey(input.repository, number), pull)
    }
  ])
}

const change = (
  state: GithubState,
  pull: PullRequest,
  now: number,
  fields: Partial<PullRequest>
): readonly [PullRequest, GithubState] => {
  const changed: PullRequest = { ...pull, ...fields, updatedAt: now }
  const key = pullKey(pull.repository, pull.number)
  return [changed, { ...state, pulls: withEntry(state.pulls, key, changed) }]
}

export interface Push {
  readonly head: Content
  readonly changes?: ReadonlyArray<FileChange>
  readonly message: string
  /** A force push: the commits that were there are no longer part of the pull request. */
  readonly force: boolean
  /** Whether GitHub still has the commits that a force push leaves behind, as it usually has for months. */
  readonly keepsReplaced: boolean
  readonly now: number
}

const withoutCommits = (repository: Repository, heads: PullRequest["heads"]): Repository => {
  const gone = new Set(heads.map(({ sha }) => sha))
  return { ...repository, commits: new Map([...repository.commits].filter(([sha]) => !gone.has(sha))) }
}

/** Moves the head. */
export const pushPull = (state: GithubState, pull: PullRequest, push: Push): Changed => {
  const found = state.repositories.get(pull.repository)
  const base = found?.commits.get(pull.baseSha)
  if (found === undefined || base === undefined) return impossible(`there is no ${pull.repository}`)
  const parent = push.force ? pull.baseSha : headOf(pull).sha
  const kept = push.force && !push.keepsReplaced ? withoutCommits(found, pull.heads) : found
  const [head, withHead] = addCommit(kept, push.head, [parent], {
    author: pull.author,
    message: push.message,
    at: push.now
  })
  if (head.sha === headOf(pull).sha) return impossible("the pull request has this head already")
  const repository = branch(withHead, pull.headBranch, head.sha)
  const next = { sha: head.sha, changes: push.changes ?? diffTrees(base.tree, head.tree) }
  return Either.right(
    change(
      { ...state, repositories: withEntry(state.repositories, pull.repository, repository) },
      pull,
      push.now,
      {
        heads: push.force ? [next] : [...pull.heads, next],
        commitCount: push.force ? 1 : pull.commitCount + 1
      }
    )
  )
}

export const closePull = (state: GithubState, pull: PullRequest, merged: boolean, now: number): Changed =>
  pull.state === "closed"
    ? impossible("it is closed already")
    : Either.right(change(state, pull, now, { state: "closed", merged, closedAt: now }))

export const reopenPull = (state: GithubState, pull: PullRequest, now: number): Changed =>
  pull.state === "open" || pull.merged
    ? impossible(pull.merged ? "a merged pull request can't be reopened" : "it is open")
    : Either.right(change(state, pull, now, { state: "open", closedAt: null }))

/** Converts to a draft, or marks as ready for review. */
export const setDraft = (state: GithubState, pull: PullRequest, draft: boolean, now: number): Changed =>
  pull.draft === draft
    ? impossible(draft ? "it is a draft already" : "it is ready for review already")
    : Either.right(change(state, pull, now, { draft }))

export const renamePull = (state: GithubState, pull: PullRequest, title: string, now: number): Changed =>
  Either.right(change(state, pull, now, { title }))
