/**
 * All that the sandbox knows, as one immutable value. Every rule of GitHub is a function from a state and a request to
 * an answer and perhaps a new state, so a rule can be tested without HTTP and a reading can be answered from the past.
 */

import type { Side } from "../git/CommentableLines.ts"
import type { FileChange } from "../git/FileChange.ts"
import type { FileTree } from "../git/FileTree.ts"
import type { Delivery } from "./Delivery.ts"

export interface Account {
  readonly id: number
  readonly login: string
  readonly type: "User" | "Organization" | "Bot"
}

/** Times are milliseconds since 1970 throughout. */
export interface AppIdentity {
  readonly id: number
  readonly slug: string
  readonly name: string
  readonly clientId: string
  /** SPKI in PEM: all that GitHub keeps of an app's key. */
  readonly publicKey: string
  readonly owner: Account
  /** The account under which the app writes: `<slug>[bot]`. */
  readonly bot: Account
  readonly permissions: { readonly [name: string]: "read" | "write" }
  readonly events: ReadonlyArray<string>
  readonly createdAt: number
}

export interface Installation {
  readonly id: number
  readonly account: Account
  /** Keys of `repositories`. */
  readonly repositories: ReadonlySet<string>
  readonly suspendedAt: number | undefined
  readonly createdAt: number
}

export interface Commit {
  readonly sha: string
  readonly treeSha: string
  readonly parents: ReadonlyArray<string>
  readonly author: Account
  readonly message: string
  readonly tree: FileTree
  readonly at: number
}

export interface Repository {
  readonly id: number
  readonly owner: Account
  readonly name: string
  readonly private: boolean
  readonly defaultBranch: string
  readonly commits: ReadonlyMap<string, Commit>
  /** Branch name → commit. */
  readonly branches: ReadonlyMap<string, string>
  readonly createdAt: number
}

/** A commit that is, or was, the head of a pull request, with the diff that GitHub shows for it. */
export interface Head {
  readonly sha: string
  readonly changes: ReadonlyArray<FileChange>
}

export interface PullRequest {
  readonly id: number
  readonly number: number
  /** Key of `repositories`. */
  readonly repository: string
  readonly title: string
  readonly body: string | null
  readonly author: Account
  readonly state: "open" | "closed"
  readonly draft: boolean
  readonly merged: boolean
  readonly labels: ReadonlyArray<string>
  /** Whose fork the head is in; null where it is in the repository itself. */
  readonly fork: Account | null
  readonly headBranch: string
  readonly baseBranch: string
  readonly baseSha: string
  /** Oldest first; the last is the head. A force push starts anew. */
  readonly heads: readonly [Head, ...ReadonlyArray<Head>]
  /** Commits on the branch. */
  readonly commitCount: number
  readonly createdAt: number
  readonly updatedAt: number
  readonly closedAt: number | null
}

export interface ReviewComment {
  readonly id: number
  readonly path: string
  readonly body: string
  readonly line: number
  readonly side: Side
  readonly startLine: number | null
  readonly startSide: Side | null
  readonly position: number
  readonly diffHunk: string
  readonly createdAt: number
}

export interface Review {
  readonly id: number
  /** Key of `pulls`. */
  readonly pull: string
  readonly author: Account
  readonly body: string
  readonly state: "PENDING" | "COMMENTED" | "APPROVED" | "CHANGES_REQUESTED" | "DISMISSED"
  readonly commitSha: string
  /** Null while pending. */
  readonly submittedAt: number | null
  readonly comments: ReadonlyArray<ReviewComment>
}

/** A comment on a pull request as a whole, or a reply in a thread. */
export interface Comment {
  readonly id: number
  /** Key of `pulls`. */
  readonly pull: string
  /** Null where the account was deleted since. */
  readonly author: Account | null
  readonly body: string
  readonly createdAt: number
  readonly reactions: ReadonlyArray<Reaction>
}

export const reactionContents = [
  "+1",
  "-1",
  "laugh",
  "confused",
  "heart",
  "hooray",
  "rocket",
  "eyes"
] as const

export interface Reaction {
  readonly id: number
  readonly user: Account
  readonly content: (typeof reactionContents)[number]
  readonly createdAt: number
}

/** What happened to a thread since its first comment, which is a review's. */
export interface ThreadState {
  readonly replies: ReadonlyArray<Comment>
  readonly resolved: boolean
  /** To the first comment. */
  readonly reactions: ReadonlyArray<Reaction>
}

export type Permission = "admin" | "write" | "read" | "none"

export type CheckStatus = "queued" | "in_progress" | "completed"

export interface CheckRun {
  readonly id: number
  /** Key of `repositories`. */
  readonly repository: string
  readonly name: string
  readonly headSha: string
  readonly externalId: string
  readonly detailsUrl: string | null
  readonly status: CheckStatus
  readonly conclusion: string | null
  readonly startedAt: number
  readonly completedAt: number | null
  readonly title: string | null
  readonly summary: string | null
  readonly text: string | null
  readonly annotations: number
  readonly actions: ReadonlyArray<CheckAction>
}

/** A button on a check run. */
export interface CheckAction {
  readonly label: string
  readonly identifier: string
  readonly description: string
}

/** Who a request comes from, as far as GitHub can tell from its credentials. */
export type Viewer =
  | { readonly kind: "app" }
  | {
      readonly kind: "installation"
      readonly installation: number
      readonly account: Account
      /** Keys of `repositories`; a token may be narrower than its installation. */
      readonly repositories: ReadonlySet<string>
    }
  | { readonly kind: "user"; readonly account: Account }

export interface Token {
  readonly viewer: Exclude<Viewer, { readonly kind: "app" }>
  /** Undefined for a user's token, which the sandbox lets live for ever. */
  readonly expiresAt: number | undefined
}

export interface GithubState {
  readonly app: AppIdentity
  /** The next id of anything. */
  readonly nextId: number
  readonly accounts: ReadonlyMap<string, Account>
  readonly installations: ReadonlyMap<number, Installation>
  readonly repositories: ReadonlyMap<string, Repository>
  readonly pulls: ReadonlyMap<string, PullRequest>
  readonly reviews: ReadonlyMap<number, Review>
  /** By the id of the first comment; a thread that nothing happened to is not here. */
  readonly threads: ReadonlyMap<number, ThreadState>
  /** Those on pull requests as a whole. */
  readonly comments: ReadonlyMap<number, Comment>
  /** What is not the rule: by `permissionKey`. */
  readonly permissions: ReadonlyMap<string, Permission>
  readonly checkRuns: ReadonlyMap<number, CheckRun>
  readonly tokens: ReadonlyMap<string, Token>
  /** Newest first. */
  readonly deliveries: ReadonlyArray<Delivery>
}

/** GitHub takes owner and name without regard to case. */
export const repositoryKey = (owner: string, name: string): string => `${owner}/${name}`.toLowerCase()

export const pullKey = (repository: string, number: number): string => `${repository}#${number}`

/** GitHub takes logins without regard to case. */
export const permissionKey = (repository: string, login: string): string =>
  `${repository} ${login.toLowerCase()}`

export const headOf = (pull: PullRequest): Head => pull.heads.at(-1) ?? pull.heads[0]

/** The map with one entry set. */
export const withEntry = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> =>
  new Map(map).set(key, value)

/** The map with one entry less. */
export const withoutEntry = <K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> => {
  const next = new Map(map)
  next.delete(key)
  return next
}

/** Finds an account by its login, or makes one. */
export const account = (
  state: GithubState,
  login: string,
  type: Account["type"] = login.endsWith("[bot]") ? "Bot" : "User"
): readonly [Account, GithubState] => {
  const known = state.accounts.get(login.toLowerCase())
  if (known) return [known, state]
  const made: Account = { id: state.nextId, login, type }
  return [
    made,
    {
      ...state,
      nextId: state.nextId + 1,
      accounts: withEntry(state.accounts, login.toLowerCase(), made)
    }
  ]
}
