/**
 * How the App proves who it is: a short-lived JWT signed with its private key, and for each client an installation
 * token that is bought with it.
 *
 * @octokit/auth-app signs. It does not keep the tokens: it joins requests for a token in a map of its module that knows
 * the installation's id only (auth-app 8.3.1, `pendingPromises`), so that two jobs would share one token, the
 * interruption of one would fail the other, and two Apps in one process could get each other's token. Here a token
 * lives in the client that bought it and is forgotten with its scope.
 */
import { createAppAuth } from "@octokit/auth-app"
import { DateTime, Duration, Effect, Option, Redacted, Schema, type Scope, SynchronizedRef } from "effect"
import { Forbidden, type GithubError, UnexpectedAnswer } from "./GithubError.ts"
import type { GithubSettings } from "./GithubSettings.ts"
import { type Answer, serverTime } from "./rest/Refusal.ts"
import type { Authorization, Operation, Requests } from "./rest/Requests.ts"

/** https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app */
export const tokenRoute = "POST /app/installations/{installation_id}/access_tokens"

type App = Pick<GithubSettings.Settings, "appId" | "privateKey">

/** The App's JWT, good for ten minutes at most and made anew for each use, as of GitHub's time. */
const sign = ({ appId, privateKey }: App, clockAhead: number): Effect.Effect<Authorization, Forbidden> =>
  Effect.tryPromise({
    try: () =>
      createAppAuth({ appId, privateKey: Redacted.value(privateKey), timeDifference: clockAhead })({
        type: "app"
      }),
    // The cause may quote what it was given, so nothing of it is passed on.
    catch: () =>
      new Forbidden({
        operation: "sign as the App",
        status: 401,
        message: "The App's private key can't sign. It must be the whole PEM file that GitHub handed out."
      })
  }).pipe(Effect.map(({ token }) => Redacted.make(`Bearer ${token}`)))

/** So far GitHub forgives a clock that is off. */
const forgivenSeconds = 30

/**
 * Sends a request as the App itself; only for requests that may be repeated.
 *
 * Where this machine's clock is so far off that GitHub refuses the JWT, its answer tells by how much, and a JWT as of
 * GitHub's time is tried.
 */
export const askAsApp = (
  app: App,
  requests: Requests,
  operation: Operation
): Effect.Effect<Answer, GithubError> =>
  Effect.gen(function* () {
    const before = yield* requests.clockAhead
    const refused = (error: Forbidden) =>
      Effect.gen(function* () {
        const ahead = yield* requests.clockAhead
        if (error.status !== 401) return yield* error
        if (Math.abs(ahead - before) <= forgivenSeconds) return yield* explained(error, ahead)
        return yield* Effect.flatMap(sign(app, ahead), (jwt) => requests.repeated(operation, jwt))
      })
    const jwt = yield* sign(app, before)
    return yield* requests.repeated(operation, jwt).pipe(Effect.catchTag("Forbidden", refused))
  })

/** A JWT is refused for a wrong id, a wrong key, or a clock that is off; the message should help to tell which. */
const explained = (error: Forbidden, clockAhead: number): Forbidden =>
  new Forbidden({
    operation: error.operation,
    status: error.status,
    message: `${error.message}. Check that the App's id and its private key belong together. GitHub's clock is ${clockAhead} seconds ahead of this machine's.`
  })

/** An installation's token, bought when it is first needed and again before it runs out. */
export interface InstallationToken {
  readonly get: Effect.Effect<Authorization, GithubError>
  /**
   * Says that GitHub refused the token. A fresh one is given a second chance, because GitHub needs a moment until all
   * its servers know it; otherwise it has been revoked, and the next `get` buys another.
   */
  readonly refused: (authorization: Authorization) => Effect.Effect<void>
}

interface Held {
  readonly authorization: Authorization
  readonly boughtAt: DateTime.Utc
  readonly goodUntil: DateTime.Utc
  readonly refusals: number
}

const freshFor = Duration.seconds(5)
/** Bought again this long before its end, so that no request arrives with a token that has just run out. */
const margin = (lifeMillis: number): number =>
  Math.min(Duration.toMillis(Duration.minutes(1)), lifeMillis / 4)

const Token = Schema.Struct({ token: Schema.NonEmptyString, expires_at: Schema.DateTimeUtc })

export const makeInstallationToken = (
  app: App,
  requests: Requests,
  installationId: number
): Effect.Effect<InstallationToken, never, Scope.Scope> =>
  Effect.gen(function* () {
    const held = yield* SynchronizedRef.make(Option.none<Held>())
    yield* Effect.addFinalizer(() => SynchronizedRef.set(held, Option.none()))

    // Safe to repeat: a token that nobody received harms nobody.
    const buy = askAsApp(app, requests, {
      route: tokenRoute,
      parameters: { installation_id: installationId }
    }).pipe(
      Effect.catchTag("NotFound", ({ message, operation }) =>
        Effect.fail(
          new Forbidden({
            operation,
            status: 404,
            message: `${message}. The App is not installed there any more, or this is another App's installation.`
          })
        )
      ),
      Effect.flatMap(hold)
    )

    return {
      get: SynchronizedRef.modifyEffect(held, (current) =>
        Effect.gen(function* () {
          const now = yield* DateTime.now
          if (Option.isSome(current) && DateTime.lessThan(now, current.value.goodUntil)) {
            return [current.value.authorization, current] as const
          }
          const bought = yield* buy
          return [bought.authorization, Option.some(bought)] as const
        })
      ),
      refused: (authorization) =>
        Effect.flatMap(DateTime.now, (now) =>
          SynchronizedRef.update(
            held,
            Option.flatMap((token) => {
              if (token.authorization !== authorization) return Option.some(token)
              const fresh = DateTime.lessThan(now, DateTime.addDuration(token.boughtAt, freshFor))
              return fresh && token.refusals === 0
                ? Option.some({ ...token, refusals: 1 })
                : Option.none<Held>()
            })
          )
        )
    }
  })

/** How long the token is good is counted from GitHub's own time of the answer, whatever our clock says. */
const hold = (answer: Answer): Effect.Effect<Held, UnexpectedAnswer> =>
  Effect.gen(function* () {
    const { expires_at, token } = yield* Schema.decodeUnknown(Token)(answer.data).pipe(
      // The decoding error would quote the token.
      Effect.mapError(
        () => new UnexpectedAnswer({ operation: tokenRoute, message: "GitHub's answer holds no token" })
      )
    )
    const boughtAt = yield* DateTime.now
    const life = DateTime.distance(
      Option.getOrElse(serverTime(answer), () => boughtAt),
      expires_at
    )
    return {
      authorization: Redacted.make(`token ${token}`),
      boughtAt,
      refusals: 0,
      goodUntil: DateTime.add(boughtAt, { millis: life - margin(life) })
    }
  })
