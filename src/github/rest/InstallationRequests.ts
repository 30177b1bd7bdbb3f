/** Requests on behalf of one installation: each bears a token that is good, and lists are read to their end. */
import { Effect, Schedule } from "effect"
import { type InstallationToken, tokenRoute } from "../AppAuth.ts"
import { type GithubError, UnexpectedAnswer } from "../GithubError.ts"
import type { Reading } from "./Answers.ts"
import type { Answer } from "./Refusal.ts"
import type { Authorization, Operation, Requests } from "./Requests.ts"

export interface InstallationRequests {
  /** A request that changes nothing. */
  readonly read: <A>(operation: Operation, reading: Reading<A>) => Effect.Effect<A, GithubError>
  /** All pages of a list. */
  readonly readAll: <A>(
    operation: Operation,
    reading: Reading<ReadonlyArray<A>>
  ) => Effect.Effect<ReadonlyArray<A>, GithubError>
  /** A request that changes something: GitHub accepts it at most once. */
  readonly write: <A>(operation: Operation, reading: Reading<A>) => Effect.Effect<A, GithubError>
}

const pageSize = 100
/** No list that we read is this long; a server that never says "last" must not keep a job for ever. */
const mostPages = 1000

export const makeInstallationRequests = (
  requests: Requests,
  token: InstallationToken
): InstallationRequests => {
  /**
   * A 401 says that nothing was applied, also for a mutating request, so that it may be sent again; GitHub gives it for
   * a moment after it handed out a token, until all its servers know the token.
   */
  const authorised = (send: (authorization: Authorization) => Effect.Effect<Answer, GithubError>) =>
    token.get.pipe(
      Effect.flatMap((authorization) =>
        Effect.tapError(send(authorization), (error) =>
          isUnauthorised(error) ? token.refused(authorization) : Effect.void
        )
      ),
      Effect.retry({ while: isUnauthorised, times: 3, schedule: Schedule.spaced("1 second") })
    )

  const page = (operation: Operation, number: number) => ({
    route: operation.route,
    parameters: { ...operation.parameters, per_page: pageSize, page: number }
  })

  return {
    read: (operation, reading) =>
      authorised((authorization) => requests.repeated(operation, authorization)).pipe(
        Effect.flatMap((answer) => reading(operation.route, answer))
      ),
    write: (operation, reading) =>
      authorised((authorization) => requests.once(operation, authorization)).pipe(
        Effect.flatMap((answer) => reading(operation.route, answer))
      ),
    // Not Octokit's `paginate`, which takes a 409 for the end of the list (plugin-paginate-rest 14.0.0): "no review of
    // ours" must never be read out of an error.
    readAll: <A>(operation: Operation, reading: Reading<ReadonlyArray<A>>) =>
      Effect.gen(function* () {
        const all: Array<A> = []
        for (let number = 1; number <= mostPages; number++) {
          const answer = yield* authorised((authorization) =>
            requests.repeated(page(operation, number), authorization)
          )
          const items = yield* reading(operation.route, answer)
          all.push(...items)
          if (!hasNext(answer, items.length)) return all
        }
        return yield* new UnexpectedAnswer({
          operation: operation.route,
          message: `GitHub's list does not end after ${mostPages} pages`
        })
      })
  }
}

const isUnauthorised = (error: GithubError): boolean =>
  error._tag === "Forbidden" && error.status === 401 && error.operation !== tokenRoute

/** GitHub links the next page. Where a proxy has removed the links, a full page may have a successor. */
const hasNext = (answer: Answer, items: number): boolean => {
  const links = answer.headers["link"]
  return links === undefined ? items === pageSize : /\brel="?next"?/.test(String(links))
}
