/** GitHub on the first day: one app, one organisation, one installation, one repository without pull requests. */
import {
  type Account,
  type GithubState,
  type Permission,
  permissionKey,
  repositoryKey
} from "./GithubState.ts"

export interface InitialStateOptions {
  readonly appId: number
  readonly slug: string
  /** SPKI in PEM. */
  readonly publicKey: string
  readonly owner: string
  readonly repo: string
  readonly permissions: GithubState["app"]["permissions"]
  /** What people may do in the repository, where it is not the rule. */
  readonly collaborators?: { readonly [login: string]: Permission }
  /** Milliseconds since 1970. */
  readonly now: number
}

/** The installation that is there from the start. */
export const firstInstallation = 7001

export const initialState = (options: InitialStateOptions): GithubState => {
  const owner: Account = { id: 2001, login: options.owner, type: "Organization" }
  const bot: Account = { id: 2002, login: `${options.slug}[bot]`, type: "Bot" }
  const key = repositoryKey(options.owner, options.repo)
  return {
    app: {
      id: options.appId,
      slug: options.slug,
      name: options.slug,
      clientId: `Iv23li${options.appId}`,
      publicKey: options.publicKey,
      owner,
      bot,
      permissions: options.permissions,
      events: ["check_run", "check_suite", "issue_comment", "pull_request", "pull_request_review_comment"],
      createdAt: options.now
    },
    nextId: 100_001,
    accounts: new Map<string, Account>([
      [owner.login.toLowerCase(), owner],
      [bot.login.toLowerCase(), bot]
    ]),
    installations: new Map([
      [
        firstInstallation,
        {
          id: firstInstallation,
          account: owner,
          repositories: new Set([key]),
          suspendedAt: undefined,
          createdAt: options.now
        }
      ]
    ]),
    repositories: new Map([
      [
        key,
        {
          id: 3001,
          owner,
          name: options.repo,
          private: true,
          defaultBranch: "main",
          commits: new Map(),
          branches: new Map(),
          createdAt: options.now
        }
      ]
    ]),
    pulls: new Map(),
    reviews: new Map(),
    threads: new Map(),
    comments: new Map(),
    permissions: new Map(
      Object.entries(options.collaborators ?? {}).map(([login, permission]) => [
        permissionKey(key, login),
        permission
      ])
    ),
    checkRuns: new Map(),
    tokens: new Map(),
    deliveries: []
  }
}
