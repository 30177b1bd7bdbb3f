/** Why a request gets an error instead of an answer. Each vendor has its own words for it. */
import type { ModelFault } from "./ModelFaults.ts"

/** The request is JSON, but not as the vendor's API has it. */
export interface Invalid {
  readonly _tag: "Invalid"
  /** Where in the body; empty for the whole of it. */
  readonly at: ReadonlyArray<PropertyKey>
  readonly message: string
  readonly kind: "value" | "unknown-parameter" | "schema" | "unsupported"
}

export type Problem =
  | Extract<
      ModelFault,
      {
        readonly _tag:
          | "RateLimited"
          | "OutOfCredit"
          | "ServerFailure"
          | "InvalidKey"
          | "Forbidden"
          | "UnknownModel"
          | "ContextTooLong"
          | "PromptRejected"
      }
    >
  | Invalid
  | { readonly _tag: "NotJson" }
  | { readonly _tag: "NoKey" }
  | { readonly _tag: "NoSuchPath" }

export const invalid = (
  at: ReadonlyArray<PropertyKey>,
  message: string,
  kind: Invalid["kind"] = "value"
): Invalid => ({ _tag: "Invalid", at, message, kind })

/** What an error may have to mention. */
export interface Circumstances {
  /** Empty where the request did not get so far. */
  readonly model: string
  readonly promptTokens: number
  /** Milliseconds since 1970. */
  readonly now: number
}
