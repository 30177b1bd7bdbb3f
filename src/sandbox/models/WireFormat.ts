/** One vendor's way to put a question and an answer over HTTP. */
import type { Either } from "effect"
import type { PathPattern } from "../PathPattern.ts"
import type { Circumstances, Problem } from "./Problem.ts"
import type { Asked, Said, Vendor } from "./Question.ts"

/** A request that has come to the right place, with its body read as JSON. */
export interface ModelRequest {
  /** In lower case. */
  readonly headers: { readonly [name: string]: string }
  /** Of the path. */
  readonly params: { readonly [name: string]: string }
  readonly query: URLSearchParams
  readonly body: unknown
}

/** How the model's turn ended. */
export type Turn =
  | { readonly _tag: "Whole"; readonly said: Said }
  | { readonly _tag: "Truncated"; readonly said: Said }
  | { readonly _tag: "Refused"; readonly by: "model" | "filter" }

export interface ModelAnswer {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  /** An object, sent as JSON, or a string, sent as a page. */
  readonly body: unknown
}

export interface WireFormat {
  readonly vendor: Vendor
  readonly path: PathPattern
  /** The key that the request carries, in the header where this vendor looks for it. */
  readonly apiKey: (headers: ModelRequest["headers"]) => string | undefined
  /** What is asked, held against the vendor's published schema. */
  readonly read: (request: ModelRequest) => Either.Either<Asked, Problem>
  /** `now` in milliseconds since 1970. */
  readonly answer: (asked: Asked, turn: Turn, now: number) => ModelAnswer
  readonly refuse: (problem: Problem, circumstances: Circumstances) => ModelAnswer
}

/** What a refusing model says, where the wire has room for it. */
export const refusalText = "I'm sorry, but I can't help with that."
