/** What the errors of GitHub's GraphQL API mean, which come with status 200. Pure. */
import { type DateTime, Option, Schema } from "effect"
import { Forbidden, type GithubError, NotFound, ServerError, ValidationFailed } from "../GithubError.ts"
import { type Answer, limited, type Refused, saysLimited } from "./Refusal.ts"

/** Everything is asked by this one route. */
export const graphqlRoute = "POST /graphql"

const Errors = Schema.Struct({ errors: Schema.NonEmptyArray(Schema.Unknown) })
const OneError = Schema.Struct({
  /** Missing where GitHub itself failed, as in a time-out. */
  type: Schema.optional(Schema.String),
  message: Schema.String,
  /** Says what is wrong with the document or its variables. */
  extensions: Schema.optional(Schema.Unknown)
})
type OneError = typeof OneError.Type

const decodeErrors = Schema.decodeUnknownOption(Errors)
const decodeError = Schema.decodeUnknownOption(OneError)

const ofType =
  (...types: ReadonlyArray<string>) =>
  ({ type }: OneError): boolean =>
    type !== undefined && types.includes(type)

/** The primary limit has a type; the secondary one is told in words only. */
const isLimit = (error: OneError): boolean =>
  ofType("RATE_LIMITED", "RATE_LIMIT")(error) || saysLimited(error.message)

const isServerFailure = ({ extensions, type }: OneError): boolean =>
  (type === undefined && extensions === undefined) ||
  type === "SERVICE_UNAVAILABLE" ||
  type === "INTERNAL" ||
  type === "TIMEOUT"

/**
 * What the errors of an answer with status 200 mean; none where it has no errors. An answer with errors is refused as
 * a whole, also where it holds data: part of a list must not pass for all of it.
 *
 * https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api#exceeding-the-rate-limit
 */
export const graphqlRefused = (
  operation: string,
  answer: Answer,
  now: DateTime.Utc,
  limitsBefore: number
): Option.Option<Refused> =>
  Option.map(decodeErrors(answer.data), ({ errors }) => {
    const told = errors.flatMap((error) => Option.toArray(decodeError(error)))
    const message = `GitHub answered with errors: ${
      told.map(({ message, type }) => (type === undefined ? message : `${type}, ${message}`)).join("; ") ||
      "none that can be read"
    }`
    if (told.some(isLimit)) return limited(operation, message, answer, now, limitsBefore)
    return { error: meaning(operation, message, told, errors), unnamedLimit: false }
  })

const meaning = (
  operation: string,
  message: string,
  told: ReadonlyArray<OneError>,
  errors: ReadonlyArray<unknown>
): GithubError => {
  if (told.some(ofType("FORBIDDEN", "INSUFFICIENT_SCOPES"))) {
    return new Forbidden({ operation, message, status: 403 })
  }
  if (told.some(ofType("NOT_FOUND"))) return new NotFound({ operation, message })
  if (told.length < errors.length || told.some(isServerFailure)) {
    return new ServerError({ operation, message, status: 200 })
  }
  return new ValidationFailed({ operation, message, status: 200, errors })
}
