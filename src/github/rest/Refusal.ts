/**
 * What an answer outside 2xx means, as a typed error. Pure: status, headers and body in, error out.
 *
 * The rules for rate limits are GitHub's:
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
import { DateTime, Duration, Option, Schema } from "effect"
import {
  Forbidden,
  type GithubError,
  NotFound,
  RateLimited,
  ServerError,
  ValidationFailed
} from "../GithubError.ts"

/** What GitHub answered. Header names are lower case. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number | undefined>>
  readonly data: unknown
}

/** GitHub asks to wait for at least this long when it limits and names no time. */
const unnamedWait = Duration.minutes(1)
const longestUnnamedWait = Duration.hours(1)
/** No window of GitHub's is longer than an hour, so a longer wait is somebody's mistake and must not bury a job. */
const longestNamedWait = Duration.hours(2)
const shortestWait = Duration.seconds(1)

const Refusal = Schema.Struct({
  message: Schema.String,
  errors: Schema.optional(Schema.Array(Schema.Unknown))
})
const decodeRefusal = Schema.decodeUnknownOption(Refusal)

const header = (answer: Answer, name: string): Option.Option<string> => {
  const value = answer.headers[name]
  return value === undefined ? Option.none() : Option.some(String(value).trim())
}

const seconds = (answer: Answer, name: string): Option.Option<number> =>
  header(answer, name).pipe(
    Option.filter((value) => /^\d{1,12}$/.test(value)),
    Option.map(Number)
  )

/** GitHub's own time when it answered: a reset time compared with it is right whatever our clock says. */
export const serverTime = (answer: Answer): Option.Option<DateTime.Utc> =>
  // `DateTime.make` does not know the format of HTTP's dates, which end in "GMT".
  header(answer, "date").pipe(Option.map(Date.parse), Option.flatMap(DateTime.make))

/** Says that GitHub's limits are the reason, in words that its messages have used over the years. */
export const saysLimited = (message: string): boolean => /rate limit|abuse detection/i.test(message)

const waitNamed = (answer: Answer, now: DateTime.Utc): Option.Option<Duration.Duration> =>
  seconds(answer, "retry-after").pipe(
    Option.map(Duration.seconds),
    Option.orElse(() =>
      Option.all({
        reset: seconds(answer, "x-ratelimit-reset"),
        remaining: seconds(answer, "x-ratelimit-remaining")
      }).pipe(
        Option.filter(({ remaining }) => remaining === 0),
        Option.map(({ reset }) => {
          const answeredAt = Option.getOrElse(serverTime(answer), () => now)
          return Duration.millis(Math.max(0, reset * 1000 - DateTime.toEpochMillis(answeredAt)))
        })
      )
    ),
    Option.map(Duration.clamp({ minimum: shortestWait, maximum: longestNamedWait }))
  )

const waitUnnamed = (limitsBefore: number): Duration.Duration =>
  Duration.min(Duration.times(unnamedWait, 2 ** Math.min(limitsBefore, 10)), longestUnnamedWait)

/** What was refused, and whether it is a rate limit that names no time, for which waits grow. */
export interface Refused {
  readonly error: GithubError
  readonly unnamedLimit: boolean
}

/**
 * @param limitsBefore how many rate limits without a named time came directly before this answer
 */
export const refused = (
  operation: string,
  answer: Answer,
  now: DateTime.Utc,
  limitsBefore: number
): Refused => {
  const { errors, message } = words(answer)
  const error = (error: GithubError): Refused => ({ error, unnamedLimit: false })
  const status = answer.status

  if (status === 403 || status === 429) {
    if (Option.isSome(waitNamed(answer, now)) || status === 429 || saysLimited(message)) {
      return limited(operation, message, answer, now, limitsBefore)
    }
  }
  if (status >= 500) return error(new ServerError({ operation, message, status }))
  if (status === 404 || status === 410) return error(new NotFound({ operation, message }))
  if (status === 401 || status === 403) return error(new Forbidden({ operation, message, status }))
  return error(new ValidationFailed({ operation, message, status, errors }))
}

/** A rate limit, lasting for as long as the answer names. */
export const limited = (
  operation: string,
  message: string,
  answer: Answer,
  now: DateTime.Utc,
  limitsBefore: number
): Refused => {
  const named = waitNamed(answer, now)
  const wait = Option.getOrElse(named, () => waitUnnamed(limitsBefore))
  return {
    error: new RateLimited({ operation, message, until: DateTime.addDuration(now, wait) }),
    unnamedLimit: Option.isNone(named)
  }
}

/** GitHub's own words, or the status where it has none, such as when a proxy answered with a page of HTML. */
const words = (answer: Answer): { readonly message: string; readonly errors: ReadonlyArray<unknown> } =>
  Option.match(decodeRefusal(answer.data), {
    onNone: () => ({ message: `GitHub answered ${answer.status}`, errors: [] }),
    onSome: ({ errors = [], message }) => ({
      message: [`GitHub answered ${answer.status}: ${message}`, ...errors.flatMap(detail)].join("; "),
      errors
    })
  })

const Detail = Schema.Union(Schema.String, Schema.Struct({ message: Schema.String }))
const decodeDetail = Schema.decodeUnknownOption(Detail)

const detail = (error: unknown): ReadonlyArray<string> =>
  Option.match(decodeDetail(error), {
    onNone: () => [],
    onSome: (said) => [typeof said === "string" ? said : said.message]
  })
