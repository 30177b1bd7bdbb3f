/** What of GitHub's graph is played: the threads of pull requests. https://docs.github.com/en/graphql/reference */
import { Either } from "effect"
import { findPull, findRepository } from "../github/Access.ts"
import type { Account, Comment, GithubState, PullRequest, Repository, Viewer } from "../github/GithubState.ts"
import { forbidden } from "../github/Rejection.ts"
import { commentsOfThread, findThread, resolveThread, type Thread, threadsOf } from "../github/Threads.ts"
import { nodeId } from "../rendered/Urls.ts"
import { connection } from "./Connection.ts"
import { type GraphqlError, type Node, Resolver } from "./Execute.ts"

/** The state that a document leaves behind. */
export interface Held {
  state: GithubState
}

const refused: GraphqlError = { type: "FORBIDDEN", message: forbidden.message }

const notFound = (message: string): GraphqlError => ({ type: "NOT_FOUND", message })

/** GraphQL tells an App by its type and writes its login without "[bot]"; nobody where the account is gone. */
const actor = (account: Account | null): Node | null =>
  account === null ? null : { __typename: account.type, login: account.login.replace(/\[bot\]$/, "") }

const comment = ({ author, body, id }: Comment): Node => ({
  __typename: "PullRequestReviewComment",
  id: nodeId("PRRC", id),
  fullDatabaseId: String(id),
  author: actor(author),
  body
})

const threadId = ({ first }: Thread): string => nodeId("PRRT", first.id)

const thread = (one: Thread): Node => ({
  __typename: "PullRequestReviewThread",
  id: threadId(one),
  isResolved: one.resolved,
  isOutdated: one.outdated,
  path: one.first.path,
  line: one.line,
  startLine: one.startLine,
  originalLine: one.first.line,
  originalStartLine: one.first.startLine,
  comments: connection("comments", "PullRequestReviewCommentConnection", commentsOfThread(one), comment)
})

const pullRequest = (state: GithubState, pull: PullRequest): Node => ({
  __typename: "PullRequest",
  id: nodeId("PR", pull.id),
  number: pull.number,
  reviewThreads: connection(
    "reviewThreads",
    "PullRequestReviewThreadConnection",
    threadsOf(state, pull).map((one) => ({ ...one, id: one.first.id })),
    thread
  )
})

const repository = (state: GithubState, viewer: Viewer, key: string, { name, owner }: Repository): Node => ({
  __typename: "Repository",
  name,
  pullRequest: new Resolver(({ number }) => {
    if (Either.isLeft(findRepository(state, viewer, owner.login, name, ["pull_requests", "read"]))) {
      return Either.left(refused)
    }
    return Either.mapBoth(findPull(state, key, String(number)), {
      onLeft: () => notFound(`Could not resolve to a PullRequest with the number of ${number}.`),
      onRight: (pull) => pullRequest(state, pull)
    })
  })
})

export const query = (state: GithubState, viewer: Viewer): Node => ({
  __typename: "Query",
  repository: new Resolver(({ name, owner }) =>
    Either.mapBoth(findRepository(state, viewer, String(owner), String(name), ["metadata", "read"]), {
      onLeft: () => notFound(`Could not resolve to a Repository with the name '${owner}/${name}'.`),
      onRight: ([key, found]) => repository(state, viewer, key, found)
    })
  )
})

/** Resolving needs more than reviewing does: https://github.com/orgs/community/discussions/44650 */
const mayResolve = (
  state: GithubState,
  viewer: Viewer,
  { pull }: Thread
): Either.Either<void, GraphqlError> => {
  const [owner = "", name = ""] = pull.repository.split("/")
  const allowed = (permission: string, level: "read" | "write") =>
    Either.isRight(findRepository(state, viewer, owner, name, [permission, level]))
  return allowed("contents", "write") && allowed("pull_requests", "write")
    ? Either.void
    : Either.left(refused)
}

const idOf = (input: unknown): string =>
  typeof input === "object" && input !== null && "threadId" in input ? String(input.threadId) : ""

/** Nothing of what the viewer may not see is there. */
const threadFor = (state: GithubState, viewer: Viewer, id: string): Thread | undefined => {
  const number = /^PRRT:(\d+)$/.exec(Buffer.from(id.replace(/^PRRT_/, ""), "base64url").toString())?.[1]
  const found = number === undefined ? undefined : findThread(state, Number(number))
  const [owner = "", name = ""] = found?.pull.repository.split("/") ?? []
  return Either.isRight(findRepository(state, viewer, owner, name, ["metadata", "read"])) ? found : undefined
}

export const mutation = (held: Held, viewer: Viewer): Node => ({
  __typename: "Mutation",
  resolveReviewThread: new Resolver(({ input }) => {
    const id = idOf(input)
    const found = threadFor(held.state, viewer, id)
    if (found === undefined) {
      return Either.left(notFound(`Could not resolve to a node with the global id of '${id}'.`))
    }
    return Either.map(mayResolve(held.state, viewer, found), () => {
      held.state = resolveThread(held.state, found)
      return {
        __typename: "ResolveReviewThreadPayload",
        clientMutationId: null,
        thread: thread({ ...found, resolved: true })
      }
    })
  })
})
