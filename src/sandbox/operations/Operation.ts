/** One operation of GitHub's REST API: a pure function from request and state to an answer. */
import { Either, ParseResult, Schema } from "effect"
import type { WebhookEvent } from "../github/Delivery.ts"
import type { GithubState, Viewer } from "../github/GithubState.ts"
import { invalidRequest, type Rejection } from "../github/Rejection.ts"
import { type PathPattern, pathPattern } from "../PathPattern.ts"
import type { PatchLimit } from "../rendered/RenderedPull.ts"
import type { Urls } from "../rendered/Urls.ts"

export interface ApiRequest {
  readonly params: { readonly [name: string]: string }
  readonly query: URLSearchParams
  /** The whole address that was asked, for links to other pages. */
  readonly url: string
  readonly accept: string
  /** Decoded JSON; undefined when there was none. */
  readonly body: unknown
  readonly viewer: Viewer
  /** Milliseconds since 1970, by the sandbox's clock. */
  readonly now: number
  /** Forty random characters, for an operation that makes a token. */
  readonly random: string
  readonly urls: Urls
  readonly settings: OperationSettings
}

export interface OperationSettings {
  readonly tokenLifetimeMillis: number
  readonly patchLimit: PatchLimit
}

export interface Reply {
  readonly status: number
  /** Undefined for an answer without content. */
  readonly body: unknown
  readonly headers?: { readonly [name: string]: string }
  /** What the operation made of the state; absent when it only reads. */
  readonly state?: GithubState
  /** The GUID of a webhook to send again. */
  readonly redeliver?: string
  /** A webhook that the operation leads to. */
  readonly event?: WebhookEvent
}

type Outcome = Either.Either<Reply, Rejection>

export interface Operation {
  /** As in GitHub's OpenAPI description. */
  readonly id: string
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE"
  readonly path: PathPattern
  /** Whose credentials it takes: the app's own JWT, or a token. */
  readonly access: "app" | "token"
  /** The page below https://docs.github.com/rest that an error points to. */
  readonly docs: string
  readonly run: (request: ApiRequest, state: GithubState) => Outcome
}

export const operation = (definition: Omit<Operation, "path"> & { readonly path: string }): Operation => ({
  ...definition,
  path: pathPattern(definition.path)
})

export const ok = (body: unknown, state?: GithubState): Reply =>
  state === undefined ? { status: 200, body } : { status: 200, body, state }

export const created = (body: unknown, state: GithubState): Reply => ({ status: 201, body, state })

/** Decodes a body, or refuses it as GitHub does what does not fit its schema. */
export const decodeBody = <A, I>(schema: Schema.Schema<A, I>, body: unknown): Either.Either<A, Rejection> =>
  Either.mapLeft(Schema.decodeUnknownEither(schema)(body ?? {}), (error) => {
    const issue = ParseResult.ArrayFormatter.formatErrorSync(error)[0]
    return invalidRequest(
      `For 'properties/${issue?.path.map(String).join("/") ?? ""}', ${issue?.message ?? ""}.`
    )
  })
