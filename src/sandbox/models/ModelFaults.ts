/** What can go wrong between Holdfast and a language model, on demand. */
import { type Effect, Schema } from "effect"
import { countingFields, type FaultQueue, makeFaultQueue } from "../FaultQueue.ts"
import { type Question, Vendor } from "./Question.ts"

/** The answer comes this much later. */
const Delay = Schema.TaggedStruct("Delay", { milliseconds: Schema.NonNegativeInt })
/** The question is kept, and answered once somebody releases it. */
const Hold = Schema.TaggedStruct("Hold", {})
/** The connection ends: before anything is answered, by a reset, or in the middle of the answer's body. */
const Cut = Schema.TaggedStruct("Cut", { when: Schema.Literal("before", "amid") })
/**
 * 429. What is absent is not said.
 * https://docs.claude.com/en/api/rate-limits#response-headers
 * https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers
 */
const RateLimited = Schema.TaggedStruct("RateLimited", {
  /** `retry-after` */
  retryAfterSeconds: Schema.optional(Schema.NonNegativeInt),
  /** `retry-after-ms`, which Azure sends beside the other */
  retryAfterMillis: Schema.optional(Schema.NonNegativeInt),
  /** `anthropic-ratelimit-*-reset` as a time, or `x-ratelimit-reset-*` as a duration */
  resetSeconds: Schema.optional(Schema.NonNegativeInt)
})
/** The account has nothing left to pay with. OpenAI says 429 to that, and no waiting helps. */
const OutOfCredit = Schema.TaggedStruct("OutOfCredit", {})
/** 502 comes from a gateway before the vendor, as a page in HTML. 529 is Anthropic's for "overloaded". */
const ServerFailure = Schema.TaggedStruct("ServerFailure", { status: Schema.Literal(500, 502, 503, 529) })
/** 401 */
const InvalidKey = Schema.TaggedStruct("InvalidKey", {})
/** 403: the key is good, but not for this. */
const Forbidden = Schema.TaggedStruct("Forbidden", {})
/** 404 */
const UnknownModel = Schema.TaggedStruct("UnknownModel", {})
/** 400 */
const ContextTooLong = Schema.TaggedStruct("ContextTooLong", {})
/** 400: a filter objects to the question, before any model has seen it. */
const PromptRejected = Schema.TaggedStruct("PromptRejected", {})
/** The model declines, or a filter stops its answer; Anthropic makes no difference. By the model when absent. */
const Refused = Schema.TaggedStruct("Refused", { by: Schema.optional(Schema.Literal("model", "filter")) })
/** What the script says, broken off because the tokens are used up. */
const Truncated = Schema.TaggedStruct("Truncated", {})

export const ModelFault = Schema.Union(
  Delay,
  Hold,
  Cut,
  RateLimited,
  OutOfCredit,
  ServerFailure,
  InvalidKey,
  Forbidden,
  UnknownModel,
  ContextTooLong,
  PromptRejected,
  Refused,
  Truncated
)
export type ModelFault = typeof ModelFault.Type

/** A fault that a script may reply with. It can wait by itself, so that it needs no other way to be slow. */
export type RepliedFault = Exclude<ModelFault, { readonly _tag: "Delay" | "Hold" }>

export const ModelFaultRule = Schema.Struct({
  fault: ModelFault,
  /** Any when absent. */
  vendor: Schema.optional(Vendor),
  /** Any when absent. */
  model: Schema.optional(Schema.String),
  /** Only questions with this account's key, in the numbers of `Question`. Any when absent. */
  account: Schema.optional(Schema.NonNegativeInt),
  ...countingFields
})
export type ModelFaultRule = typeof ModelFaultRule.Type

/** Only questions that are in order meet faults: one that breaks the vendor's rules uses none up. */
export type ModelFaults = FaultQueue<ModelFault, ModelFaultRule, Question>

export const makeModelFaults: Effect.Effect<ModelFaults> = makeFaultQueue(
  (rule: ModelFaultRule) => (question: Question) =>
    (rule.vendor === undefined || rule.vendor === question.vendor) &&
    (rule.model === undefined || rule.model === question.model) &&
    (rule.account === undefined || rule.account === question.account)
)
