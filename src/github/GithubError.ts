/** What a call to GitHub can fail with. The type says what may be done about it. */
import { Schema } from "effect"

const common = {
  /** What was asked, as in `POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews`. */
  operation: Schema.String,
  message: Schema.String
}

/** A primary or secondary rate limit; nothing was applied. `until` is when GitHub allows the next try. */
export class RateLimited extends Schema.TaggedError<RateLimited>()("RateLimited", {
  ...common,
  until: Schema.DateTimeUtcFromSelf
}) {}

/** 404 or 410: it does not exist, or this installation may not see it. */
export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", common) {}

/** 401 or 403 that is not a rate limit: suspended, uninstalled, a missing permission, wrong credentials. */
export class Forbidden extends Schema.TaggedError<Forbidden>()("Forbidden", {
  ...common,
  status: Schema.Int
}) {}

/** 422 and other 4xx: GitHub understood the request and will never accept it as it is. Nothing was applied. */
export class ValidationFailed extends Schema.TaggedError<ValidationFailed>()("ValidationFailed", {
  ...common,
  status: Schema.Int,
  errors: Schema.Array(Schema.Unknown)
}) {}

/** 5xx. A mutating request may or may not have been applied. */
export class ServerError extends Schema.TaggedError<ServerError>()("ServerError", {
  ...common,
  status: Schema.Int
}) {}

/** No answer, or one that broke off. A mutating request may or may not have been applied. */
export class NetworkError extends Schema.TaggedError<NetworkError>()("NetworkError", common) {}

/** An answer that does not have the shape that GitHub documents. */
export class UnexpectedAnswer extends Schema.TaggedError<UnexpectedAnswer>()("UnexpectedAnswer", common) {}

export type GithubError =
  | RateLimited
  | NotFound
  | Forbidden
  | ValidationFailed
  | ServerError
  | NetworkError
  | UnexpectedAnswer

/** Whether a mutating request that failed so may have been applied all the same. */
export const isAmbiguous = (error: GithubError): boolean =>
  error._tag === "ServerError" || error._tag === "NetworkError" || error._tag === "UnexpectedAnswer"
