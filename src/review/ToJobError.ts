/** What each failure of a review means for its job. Exhaustive: a new error without a meaning does not compile. */
import { DateTime, Match } from "effect"
import type { DatabaseError } from "../database/DatabaseError.ts"
import type { GithubError } from "../github/GithubError.ts"
import {
  type JobError,
  type LeaseLost,
  Obsolete,
  Permanent,
  Snooze,
  type StoreUnavailable,
  Transient
} from "../queue/JobError.ts"
import type { ApiKeyUnreadable } from "./ApiKeyCipher.ts"
import type { PendingInTheWay, Vanished } from "./Publish.ts"
import type { ModelError, UnknownProvider } from "./ReviewModel.ts"
import type { WaitsFor } from "./Snoozes.ts"
import type { Contradicted } from "./Standing.ts"
import type { PushesExpected, Skipped } from "./Wanted.ts"

export type ReviewError =
  | ApiKeyUnreadable
  | Contradicted
  | DatabaseError
  | GithubError
  | LeaseLost
  | ModelError
  | Obsolete
  | PendingInTheWay
  | PushesExpected
  | Skipped
  | StoreUnavailable
  | UnknownProvider
  | Vanished

const transient = ({ message }: { readonly message: string }) => new Transient({ message })
const permanent = ({ message }: { readonly message: string }) => new Permanent({ message })
/** Where our database is, and what it said, is nothing for a pull request. */
const ourDatabase = new Transient({ message: "Holdfast's own database did not answer" })
/** Not counted, and told apart from each other; see `Snoozes.ts`. */
const wait = (
  waitsFor: WaitsFor,
  { message, until }: { readonly message: string; readonly until: DateTime.Utc }
) => new Snooze({ message, until, waitsFor })
const limited = (who: string, until: DateTime.Utc) =>
  wait("rate limit", {
    message: `${who} limits the rate of requests until ${DateTime.formatIso(until)}`,
    until
  })

export const toJobError: (error: ReviewError) => JobError = Match.typeTags<ReviewError>()({
  // GitHub
  RateLimited: ({ until }) => limited("GitHub", until),
  ServerError: transient,
  NetworkError: transient,
  UnexpectedAnswer: transient,
  PendingInTheWay: transient,
  Vanished: transient,
  NotFound: permanent,
  Forbidden: permanent,
  ValidationFailed: permanent,
  // Models
  ModelRateLimited: ({ provider, until }) => limited(provider, until),
  ModelOverloaded: transient,
  ModelRefused: permanent,
  ModelMalformed: permanent,
  ModelRejected: permanent,
  ModelUnauthorized: permanent,
  UnknownProvider: permanent,
  // Ours
  ApiKeyUnreadable: permanent,
  DatabaseError: () => ourDatabase,
  StoreUnavailable: () => ourDatabase,
  Contradicted: (error) => wait("another look", error),
  PushesExpected: (error) => wait("further pushes", error),
  // Not completed, so that the same commit can be asked for again when the reason is gone.
  Skipped: ({ message }) => new Obsolete({ message: `not reviewed: ${message}` }),
  Obsolete: (error) => error,
  LeaseLost: (error) => error
})
