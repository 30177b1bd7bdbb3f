/**
 * Threads of comments on lines, through the GraphQL API. Its documents are held against GitHub's published schema by
 * the tests.
 */
import { Effect, Option, Schema } from "effect"
import type { Comment, InstallationClient, ReviewThread } from "../Github.ts"
import { UnexpectedAnswer } from "../GithubError.ts"
import { type Reading, reading } from "./Answers.ts"
import { graphqlRoute } from "./Graphql.ts"
import type { InstallationRequests } from "./InstallationRequests.ts"
import type { Operation } from "./Requests.ts"

/** `databaseId` would be shorter and ends at 2³¹, which the ids of comments have passed. */
export const threadsDocument = `query ReviewThreads($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 50, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id
          isResolved
          isOutdated
          path
          line
          startLine
          comments(first: 20) { nodes { fullDatabaseId author { __typename login } body } }
        }
      }
    }
  }
}`

export const resolveDocument = `mutation ResolveReviewThread($threadId: ID!) {
  resolveReviewThread(input: { threadId: $threadId }) { thread { id isResolved } }
}`

/** GitHub writes a BigInt as a string; a number would be as good. */
const BigId = Schema.compose(
  Schema.Union(Schema.NumberFromString, Schema.Number),
  Schema.Int.pipe(Schema.positive())
)

/** Null where the account was deleted. */
const Actor = Schema.NullOr(Schema.Struct({ __typename: Schema.String, login: Schema.String }))

/**
 * The login as the REST API writes it. GraphQL leaves "[bot]" off the login of an App and tells by the type:
 * https://github.com/fullsend-ai/fullsend/issues/6205
 */
const loginOf = (author: typeof Actor.Type): string => {
  if (author === null) return "ghost"
  const { __typename, login } = author
  return __typename === "Bot" && !login.endsWith("[bot]") ? `${login}[bot]` : login
}

const WireComment = Schema.Struct({ fullDatabaseId: BigId, author: Actor, body: Schema.String })
const WireThread = Schema.Struct({
  id: Schema.NonEmptyString,
  isResolved: Schema.Boolean,
  isOutdated: Schema.Boolean,
  path: Schema.String,
  line: Schema.NullOr(Schema.Int),
  startLine: Schema.NullOr(Schema.Int),
  comments: Schema.Struct({ nodes: Schema.Array(WireComment) })
})
const ThreadsPage = Schema.Struct({
  data: Schema.Struct({
    repository: Schema.Struct({
      pullRequest: Schema.Struct({
        reviewThreads: Schema.Struct({
          pageInfo: Schema.Struct({ hasNextPage: Schema.Boolean, endCursor: Schema.NullOr(Schema.String) }),
          nodes: Schema.Array(WireThread)
        })
      })
    })
  })
})

const comment = (wire: typeof WireComment.Type): Comment => ({
  id: wire.fullDatabaseId,
  authorLogin: loginOf(wire.author),
  body: wire.body
})

const thread = (wire: typeof WireThread.Type): ReviewThread => ({
  id: wire.id,
  isResolved: wire.isResolved,
  isOutdated: wire.isOutdated,
  path: wire.path,
  line: wire.isOutdated ? Option.none() : Option.fromNullable(wire.line),
  startLine: wire.isOutdated ? Option.none() : Option.fromNullable(wire.startLine),
  comments: wire.comments.nodes.map(comment)
})

interface Page {
  readonly threads: ReadonlyArray<ReviewThread>
  readonly hasNext: boolean
  readonly cursor: string | null
}

const readPage: Reading<Page> = reading(ThreadsPage, ({ data }) => {
  const { nodes, pageInfo } = data.repository.pullRequest.reviewThreads
  return { threads: nodes.map(thread), hasNext: pageInfo.hasNextPage, cursor: pageInfo.endCursor }
})

const readResolved: Reading<void> = reading(
  Schema.Struct({
    data: Schema.Struct({
      resolveReviewThread: Schema.Struct({ thread: Schema.Struct({ isResolved: Schema.Literal(true) }) })
    })
  }),
  () => undefined
)

/**
 * The GraphQL API stands beside the REST API: at `https://api.github.com/graphql`, and for GitHub Enterprise Server,
 * whose REST API is below `/api/v3`, at `/api/graphql`.
 *
 * https://docs.github.com/en/enterprise-server/graphql/guides/forming-calls-with-graphql#the-graphql-endpoint
 */
const graphqlBase = (apiUrl: string): string => apiUrl.replace(/\/+$/, "").replace(/\/api\/v3$/, "/api")

const operationOf =
  (apiUrl: string) =>
  (query: string, variables: Readonly<Record<string, unknown>>): Operation => ({
    route: graphqlRoute,
    parameters: { baseUrl: graphqlBase(apiUrl), query, variables }
  })

/** 10,000 threads; a server that never says "last" must not keep a job for ever. */
const mostPages = 200

const endless = (message: string) => new UnexpectedAnswer({ operation: graphqlRoute, message })

export const makeThreads = (
  github: InstallationRequests,
  apiUrl: string
): Pick<InstallationClient, "listThreads" | "resolveThread"> => {
  const operation = operationOf(apiUrl)
  return {
    listThreads: Effect.fn("Github.listThreads")(function* ({ owner, pullRequest, repo }) {
      const all: Array<ReviewThread> = []
      let after: string | null = null
      for (let number = 1; number <= mostPages; number++) {
        const variables = { owner, name: repo, number: pullRequest, after }
        const page: Page = yield* github.read(operation(threadsDocument, variables), readPage)
        all.push(...page.threads)
        if (!page.hasNext) return all
        if (page.cursor === null || page.cursor === after) {
          return yield* endless("GitHub's list of threads goes on, but does not say where")
        }
        after = page.cursor
      }
      return yield* endless(`GitHub's list of threads does not end after ${mostPages} pages`)
    }),

    resolveThread: Effect.fn("Github.resolveThread")((id) =>
      github.write(operation(resolveDocument, { threadId: id }), readResolved)
    )
  }
}
