/**
 * One request to GitHub, and its repetition where that is safe: bounded in time, aborted when the fiber is
 * interrupted, and answered with typed errors only.
 */
import type { Octokit } from "@octokit/rest"
import { Data, DateTime, Duration, Effect, Option, Redacted, Ref, Schedule, Schema } from "effect"
import { type GithubError, NetworkError } from "../GithubError.ts"
import type { GithubSettings } from "../GithubSettings.ts"
import { type Answer, refused } from "./Refusal.ts"

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
}

/** How many rate limits without a named time came in a row. It outlives a client, so that waits grow from job to job. */
export type LimitsInARow = Ref.Ref<number>

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

/** Three more tries within about two seconds. What takes longer is for the job's own backoff. */
const stumbles = Schedule.exponential(Duration.millis(250)).pipe(
  Schedule.jittered,
  Schedule.intersect(Schedule.recurs(3))
)

export const makeRequests = (
  octokit: Octokit,
  settings: Pick<GithubSettings.Settings, "requestTimeout">,
  limitsInARow: LimitsInARow
): Requests => {
  const timedOut = (route: string) =>
    new NetworkError({
      operation: route,
      message: `GitHub did not answer within ${Duration.format(settings.requestTimeout)}`
    })

  const failure = (route: string, { answer, reason }: Failed): Effect.Effect<never, GithubError> =>
    Effect.gen(function* () {
      if (Option.isNone(answer)) {
        return yield* new NetworkError({ operation: route, message: `GitHub can't be reached: ${reason}` })
      }
      const now = yield* DateTime.now
      const { error, unnamedLimit } = refused(route, answer.value, now, yield* Ref.get(limitsInARow))
      if (unnamedLimit) yield* Ref.update(limitsInARow, (limits) => limits + 1)
      return yield* error
    })

  const once: Requests["once"] = ({ parameters, route }, authorization) =>
    Effect.tryPromise({
      try: (signal): Promise<Answer> =>
        octokit.request(route, {
          ...parameters,
          headers: { ...pinned, authorization: Redacted.value(authorization) },
          request: { signal }
        }),
      catch: Failed.from
    }).pipe(
      Effect.catchTag("Failed", (failed) => failure(route, failed)),
      Effect.tap(() => Ref.set(limitsInARow, 0)),
      // Not repeated below: who let us wait for so long is not helped by more of the same.
      Effect.timeoutOption(settings.requestTimeout),
      Effect.flatMap(Option.match({ onNone: () => Effect.fail(timedOut(route)), onSome: Effect.succeed })),
      Effect.withSpan("Github.request", { attributes: { route } })
    )

  return {
    once,
    repeated: (operation, authorization) => {
      const late = timedOut(operation.route).message
      return Effect.retry(once(operation, authorization), {
        schedule: stumbles,
        while: (error) =>
          error._tag === "ServerError" || (error._tag === "NetworkError" && error.message !== late)
      })
    }
  }
}
