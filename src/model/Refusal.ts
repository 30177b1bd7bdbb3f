/**
 * What a model service's answer outside 2xx means, as a typed error. Pure: status, headers and body in, error out.
 *
 * https://docs.anthropic.com/en/api/errors, https://docs.anthropic.com/en/api/rate-limits#response-headers,
 * https://platform.openai.com/docs/guides/error-codes, https://platform.openai.com/docs/guides/rate-limits
 */
import { DateTime, Duration, Option, Schema } from "effect"
import {
  type ModelError,
  ModelOverloaded,
  ModelRateLimited,
  ModelRejected,
  ModelUnauthorized
} from "../review/ReviewModel.ts"

/** Header names are in lower case. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

/** Where a service limits and names no time. */
const unnamedWait = Duration.minutes(1)
const shortestWait = Duration.seconds(1)
/** A daily limit can be a day away; what is further is somebody's mistake, and must not bury a job. */
const longestWait = Duration.hours(24)

const Body = Schema.parseJson(
  Schema.Struct({
    error: Schema.Union(
      Schema.String,
      Schema.Struct({
        message: Schema.String,
        code: Schema.optional(Schema.Unknown),
        type: Schema.optional(Schema.Unknown)
      })
    )
  })
)
const decodeBody = Schema.decodeUnknownOption(Body)

interface Said {
  readonly message: string
  readonly codes: ReadonlyArray<unknown>
}

const said = ({ body, status }: Answer): Said =>
  Option.match(decodeBody(body), {
    onNone: () => ({ message: `it answered ${status}`, codes: [] }),
    onSome: ({ error }) =>
      typeof error === "string"
        ? { message: `it answered ${status}: ${error}`, codes: [] }
        : { message: `it answered ${status}: ${error.message}`, codes: [error.code, error.type] }
  })

const units: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** As OpenAI writes durations: `1s`, `6m0s`, `1h2m3.5s`, `120ms`. */
const readDuration = (text: string): Option.Option<Duration.Duration> => {
  const parts = [...text.matchAll(/([\d.]+)(ms|s|m|h|d)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) return Option.none()
  return Option.some(
    Duration.millis(
      parts.reduce((sum, [, amount = "0", unit = "ms"]) => sum + Number(amount) * (units[unit] ?? 0), 0)
    )
  )
}

const untilTime = (text: string, now: DateTime.Utc): Option.Option<Duration.Duration> => {
  const millis = Date.parse(text)
  return Number.isNaN(millis)
    ? Option.none()
    : Option.some(Duration.millis(Math.max(0, millis - DateTime.toEpochMillis(now))))
}

const isNumber = (text: string) => /^\d+(\.\d+)?$/.test(text)

const anthropicLimits = ["requests", "tokens", "input-tokens", "output-tokens"]
const openAiLimits = ["requests", "tokens"]

/** How long the service asks to wait: of several limits that are used up, until the last is over. */
const waitNamed = ({ headers }: Answer, now: DateTime.Utc): Option.Option<Duration.Duration> => {
  const header = (name: string) => Option.map(Option.fromNullable(headers[name]), (value) => value.trim())
  const usedUp = (limit: string, remaining: string) =>
    Option.exists(header(remaining), (value) => value === "0") ? header(limit) : Option.none()
  const longest = (waits: ReadonlyArray<Option.Option<Duration.Duration>>) =>
    waits.reduce(
      (one, other) =>
        Option.isSome(one) && Option.isSome(other)
          ? Option.some(Duration.max(one.value, other.value))
          : Option.orElse(one, () => other),
      Option.none()
    )
  return header("retry-after-ms").pipe(
    Option.filter(isNumber),
    Option.map((value) => Duration.millis(Number(value))),
    Option.orElse(() =>
      Option.flatMap(header("retry-after"), (value) =>
        isNumber(value) ? Option.some(Duration.seconds(Number(value))) : untilTime(value, now)
      )
    ),
    Option.orElse(() =>
      longest([
        ...anthropicLimits.map((limit) =>
          Option.flatMap(
            usedUp(`anthropic-ratelimit-${limit}-reset`, `anthropic-ratelimit-${limit}-remaining`),
            (value) => untilTime(value, now)
          )
        ),
        ...openAiLimits.map((limit) =>
          Option.flatMap(usedUp(`x-ratelimit-reset-${limit}`, `x-ratelimit-remaining-${limit}`), readDuration)
        )
      ])
    ),
    Option.map(Duration.clamp({ minimum: shortestWait, maximum: longestWait }))
  )
}

/** An account without credit answers 429 too, and no waiting helps. */
const outOfCredit = ["insufficient_quota", "billing_error", "billing_hard_limit_reached"]

export const refused = (provider: string, answer: Answer, now: DateTime.Utc): ModelError => {
  const { codes, message } = said(answer)
  const about = { provider, message: `${provider}: ${message}` }
  const { status } = answer
  if (codes.some((code) => typeof code === "string" && outOfCredit.includes(code)))
    return new ModelUnauthorized(about)
  if (status === 429) {
    const wait = Option.getOrElse(waitNamed(answer, now), () => unnamedWait)
    return new ModelRateLimited({ ...about, until: DateTime.addDuration(now, wait) })
  }
  if (status === 401 || status === 402 || status === 403) return new ModelUnauthorized(about)
  if (status === 408 || status === 409 || status >= 500) return new ModelOverloaded(about)
  return new ModelRejected(about)
}
