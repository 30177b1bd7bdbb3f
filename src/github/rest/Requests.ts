/**
 * One request to GitHub, and its repetition where that is safe: bounded in time, aborted when the fiber is
 * interrupted, and answered with typed errors only.
 */
import type { Octokit } from "@octokit/rest"
import { Clock, Data, DateTime, Duration, Effect, Option, Redacted, Ref, Schedule, Schema } from "effect"
import { type GithubError, NetworkError } from "../GithubError.ts"
import type { GithubSettings } from "../GithubSettings.ts"
import { graphqlRefused, graphqlRoute } from "./Graphql.ts"
import { type Answer, type Refused, refused, serverTime } from "./Refusal.ts"
import type { UnnamedLimits } from "./UnnamedLimits.ts"

/** What goes into `authorization`, as in `Bearer …`. */
export type Authorization = Redacted.Redacted<string>

/** An operation as GitHub documents it, such as `GET /repos/{owner}/{repo}`, with what fills it. */
export interface Operation {
  readonly route: string
  readonly parameters: Readonly<Record<string, unknown>>
}

export interface Requests {
  /** Sends the request once. Its failure may be ambiguous: see `isAmbiguous`. */
  readonly once: (operation: Operation, authorization: Authorization) => Effect.Effect<Answer, GithubError>
  /** Sends a request that changes nothing, and repeats it a few times when GitHub or the network stumbles. */
  readonly repeated: (
    operation: Operation,
    authorization: Authorization
  ) => Effect.Effect<Answer, GithubError>
  /** By how many seconds GitHub's clock is ahead of ours, by its last answer. 0 before the first one. */
  readonly clockAhead: Effect.Effect<number>
}

/** What outlives one client: nothing of it is secret. */
export interface Memory {
  readonly limits: UnnamedLimits
  readonly clockAhead: Ref.Ref<number>
}

/** The clock by which JWTs are signed, also where the program's own time is a test's. */
const systemClock = Clock.make()

const pinned = { "x-github-api-version": "2022-11-28" }

/** Octokit throws an error that carries the answer when there was one. */
const Thrown = Schema.Struct({
  response: Schema.Struct({
    status: Schema.Int,
    headers: Schema.Record({
      key: Schema.String,
      value: Schema.UndefinedOr(Schema.Union(Schema.String, Schema.Number))
    }),
    data: Schema.Unknown
  })
})
const decodeThrown = Schema.decodeUnknownOption(Thrown)

/** The request failed: with an answer, or without. */
class Failed extends Data.TaggedError("Failed")<{
  readonly answer: Option.Option<Answer>
  readonly reason: string
}> {
  static readonly from = (cause: unknown): Failed =>
    new Failed({
      answer: Option.map(decodeThrown(cause), ({ response }) => response),
      reason: cause instanceof Error ? cause.message : "no answer"
    })
}

/** There was no answer in time. */
class TimedOut extends Data.TaggedError("TimedOut") {}

/** Three more tries within about two seconds. What takes longer is for the job's own backoff. */
const stumbles = Schedule.exponential(Duration.millis(250)).pipe(
  Schedule.jittered,
  Schedule.intersect(Schedule.recurs(3))
)

export const makeRequests = (
  octokit: Octokit,
  settings: Pick<GithubSettings.Settings, "requestTimeout">,
  { clockAhead, limits }: Memory
): Requests => {
  const compareClocks = (answer: Answer): Effect.Effect<void> =>
    Option.match(serverTime(answer), {
      onNone: () => Effect.void,
      onSome: (theirs) =>
        Effect.flatMap(systemClock.currentTimeMillis, (ours) =>
          Ref.set(clockAhead, Math.round((DateTime.toEpochMillis(theirs) - ours) / 1000))
        )
    })

  const failure = (route: string, { answer, reason }: Failed): Effect.Effect<never, GithubError> =>
    Effect.gen(function* () {
      if (Option.isNone(answer)) {
        return yield* new NetworkError({ operation: route, message: `GitHub can't be reached: ${reason}` })
      }
      yield* compareClocks(answer.value)
      return yield* fail(refused(route, answer.value, yield* DateTime.now, yield* limits.inARow))
    })

  const fail = ({ error, unnamedLimit }: Refused): Effect.Effect<never, GithubError> =>
    Effect.zipRight(
      unnamedLimit && error._tag === "RateLimited" ? limits.another(error.until) : Effect.void,
      Effect.fail(error)
    )

  /** The GraphQL API says 200 where it refuses. */
  const accepted = (route: string, answer: Answer): Effect.Effect<Answer, GithubError> =>
    route !== graphqlRoute
      ? Effect.succeed(answer)
      : Effect.gen(function* () {
          const refusal = graphqlRefused(route, answer, yield* DateTime.now, yield* limits.inARow)
          return Option.isSome(refusal) ? yield* fail(refusal.value) : answer
        })

  const attempt = (
    { parameters, route }: Operation,
    authorization: Authorization
  ): Effect.Effect<Answer, GithubError | TimedOut> =>
    Effect.tryPromise({
      try: (signal): Promise<Answer> =>
        octokit.request(route, {
          ...parameters,
          headers: { ...pinned, authorization: Redacted.value(authorization) },
          request: { signal }
        }),
      catch: Failed.from
    }).pipe(
      Effect.tap(compareClocks),
      Effect.catchTag("Failed", (failed) => failure(route, failed)),
      Effect.flatMap((answer) => accepted(route, answer)),
      Effect.timeoutFail({ duration: settings.requestTimeout, onTimeout: () => new TimedOut() }),
      Effect.withSpan("Github.request", { attributes: { route } })
    )

  const late = (operation: Operation): NetworkError =>
    new NetworkError({
      operation: operation.route,
      message: `GitHub did not answer within ${Duration.format(settings.requestTimeout)}`
    })

  return {
    clockAhead: Ref.get(clockAhead),
    once: (operation, authorization) =>
      Effect.catchTag(attempt(operation, authorization), "TimedOut", () => Effect.fail(late(operation))),
    repeated: (operation, authorization) =>
      attempt(operation, authorization).pipe(
        // Not what timed out: who let us wait for so long is not helped by more of the same.
        Effect.retry({
          schedule: stumbles,
          while: ({ _tag }) => _tag === "ServerError" || _tag === "NetworkError"
        }),
        Effect.catchTag("TimedOut", () => Effect.fail(late(operation)))
      )
  }
}
