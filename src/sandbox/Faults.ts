/** What can go wrong between Holdfast and GitHub, on demand. */
import { type Effect, Schema } from "effect"
import { countingFields, type FaultQueue, type MetFault as Met, makeFaultQueue } from "./FaultQueue.ts"
import { pathPattern } from "./PathPattern.ts"

/** The state is changed; the answer comes this much later. */
const Delay = Schema.TaggedStruct("Delay", { milliseconds: Schema.NonNegativeInt })
/** The request, or after being applied its answer, is kept until somebody releases it. */
const Hold = Schema.TaggedStruct("Hold", { when: Schema.Literal("before", "after") })
/** Applied, and then the connection is reset without an answer. */
const LoseAnswer = Schema.TaggedStruct("LoseAnswer", {})
/** The connection is reset and nothing is applied. */
const ResetBefore = Schema.TaggedStruct("ResetBefore", {})
/** 5xx; applied or not, which a client can't tell. */
const ServerFailure = Schema.TaggedStruct("ServerFailure", {
  status: Schema.Literal(500, 502, 503, 504),
  applied: Schema.Boolean
})
/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit */
const PrimaryLimit = Schema.TaggedStruct("PrimaryLimit", {
  status: Schema.Literal(403, 429),
  resetSeconds: Schema.NonNegativeInt
})
/** As above; without `retryAfterSeconds` the header is missing, which GitHub documents as possible. */
const SecondaryLimit = Schema.TaggedStruct("SecondaryLimit", {
  status: Schema.Literal(403, 429),
  retryAfterSeconds: Schema.optional(Schema.NonNegativeInt)
})
/** A reading that does not see the last change of what it reads, as a replica that lags. */
const StaleRead = Schema.TaggedStruct("StaleRead", {})
/** An answer as given, nothing applied: for what GitHub's documentation does not foresee. */
const Answer = Schema.TaggedStruct("Answer", { status: Schema.Int, body: Schema.Unknown })

export const Fault = Schema.Union(
  Delay,
  Hold,
  LoseAnswer,
  ResetBefore,
  ServerFailure,
  PrimaryLimit,
  SecondaryLimit,
  StaleRead,
  Answer
)
export type Fault = typeof Fault.Type

export const FaultRule = Schema.Struct({
  fault: Fault,
  /** Any method when absent. */
  method: Schema.optional(Schema.String),
  /** In the notation of `PathPattern`, as in `/repos/{owner}/{repo}/pulls/{pull_number}/reviews`. Any when absent. */
  path: Schema.optional(Schema.String),
  /** Only requests with a token of this installation. Any when absent. */
  installation: Schema.optional(Schema.Int),
  ...countingFields
})
export type FaultRule = typeof FaultRule.Type

/** What a rule is held against. */
interface FaultedRequest {
  readonly method: string
  readonly path: string
  /** Undefined where the request does not come from an installation. */
  readonly installation: number | undefined
}

export type MetFault = Met<Fault>

export type Faults = FaultQueue<Fault, FaultRule, FaultedRequest>

export const makeFaults: Effect.Effect<Faults> = makeFaultQueue((rule: FaultRule) => {
  const pattern = rule.path === undefined ? undefined : pathPattern(rule.path)
  return ({ installation, method, path }: FaultedRequest) =>
    (rule.method === undefined || rule.method.toUpperCase() === method) &&
    (rule.installation === undefined || rule.installation === installation) &&
    (pattern === undefined || pattern.match(path) !== undefined)
})
