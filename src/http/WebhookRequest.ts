/**
 * From an HTTP request to a delivery that is known to be GitHub's: size, headers, signature, JSON, in this order, so
 * that nobody without the secret makes us do more than read and hash 25 MB.
 */
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as NodeStream from "@effect/platform-node/NodeStream"
import { Data, Effect, Option, Schema, Stream } from "effect"
import type { Delivery } from "../github/WebhookEvent.ts"
import { isSignedBy, parseSignature, WebhookSecrets } from "../github/WebhookSignature.ts"

/** GitHub's own cap: https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap */
export const maxBodyBytes = 25 * 1024 * 1024

/** Why a request is not taken, as HTTP says it. */
export class Rejected extends Data.TaggedError("Rejected")<{
  readonly status: 400 | 401 | 413 | 415
  readonly message: string
}> {}

const tooLarge = new Rejected({ status: 413, message: "the body is larger than 25 MB" })

/** What an HTTP request says of itself before it is trusted; safe to log. */
export interface Claim {
  readonly event: Option.Option<string>
  readonly guid: Option.Option<string>
}

const headerLike = (pattern: RegExp, value: string | undefined): Option.Option<string> =>
  Option.filter(Option.fromNullable(value), (value) => pattern.test(value))

export const claimOf = (request: HttpServerRequest.HttpServerRequest): Claim => ({
  event: headerLike(/^[a-z0-9_]{1,100}$/, request.headers["x-github-event"]),
  guid: headerLike(/^[\w-]{1,100}$/, request.headers["x-github-delivery"])
})

const need = <A>(value: Option.Option<A>, rejected: ConstructorParameters<typeof Rejected>[0]) =>
  Effect.mapError(value, () => new Rejected(rejected))

const bodyFormats: Readonly<Record<string, (text: string) => Option.Option<string>>> = {
  "application/json": Option.some,
  "application/x-www-form-urlencoded": (text) => Option.fromNullable(new URLSearchParams(text).get("payload"))
}

/**
 * Reads the body once, as the bytes that were signed.
 *
 * The request's stream is not closed with the reading: that would close the socket too, and with it the way for the
 * answer.
 */
const readBody = (request: HttpServerRequest.HttpServerRequest): Effect.Effect<Buffer, Rejected> =>
  NodeStream.fromReadable<Rejected, Uint8Array>(
    () => NodeHttpServerRequest.toIncomingMessage(request),
    () => new Rejected({ status: 400, message: "the body broke off" }),
    { closeOnDone: false }
  ).pipe(
    Stream.runFoldEffect({ chunks: [] as Uint8Array[], bytes: 0 }, ({ bytes, chunks }, chunk) => {
      chunks.push(chunk)
      return bytes + chunk.length > maxBodyBytes
        ? Effect.fail(tooLarge)
        : Effect.succeed({ chunks, bytes: bytes + chunk.length })
    }),
    Effect.map(({ chunks }) => Buffer.concat(chunks))
  )

/**
 * Lets a body that nobody reads flow away, so that a sender that writes everything before it reads gets the answer.
 * One that goes on for longer than any webhook loses its connection.
 */
const discardBody = (request: HttpServerRequest.HttpServerRequest): Effect.Effect<void> =>
  Effect.sync(() => {
    const incoming = NodeHttpServerRequest.toIncomingMessage(request)
    let left = maxBodyBytes
    incoming.on("data", (chunk: Uint8Array) => {
      left -= chunk.length
      if (left < 0) incoming.destroy()
    })
    incoming.resume()
  })

const parseJson = Schema.decodeUnknownOption(Schema.parseJson())
const utf8 = new TextDecoder("utf-8", { fatal: true })
const decodeText = Option.liftThrowable((bytes: Uint8Array) => utf8.decode(bytes))

/** Takes a request for a delivery, or says why not. */
export const readWebhook: Effect.Effect<
  Delivery,
  Rejected,
  HttpServerRequest.HttpServerRequest | WebhookSecrets
> = Effect.gen(function* () {
  const request = yield* HttpServerRequest.HttpServerRequest
  const secrets = yield* WebhookSecrets
  const accepted = Effect.gen(function* () {
    if (Number(request.headers["content-length"] ?? 0) > maxBodyBytes) return yield* tooLarge
    const signature = yield* need(parseSignature(request.headers["x-hub-signature-256"]), {
      status: 401,
      message: "the header X-Hub-Signature-256 is missing or is not sha256=… with 64 hex digits"
    })
    const contentType = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? ""
    const format = yield* need(Option.fromNullable(bodyFormats[contentType]), {
      status: 415,
      message: "the content type must be application/json or application/x-www-form-urlencoded"
    })
    const claim = claimOf(request)
    const event = yield* need(claim.event, {
      status: 400,
      message: "the header X-GitHub-Event is missing or is not the name of an event"
    })
    const guid = yield* need(claim.guid, {
      status: 400,
      message: "the header X-GitHub-Delivery is missing or is not a GUID"
    })
    return { event, guid, signature, format, body: yield* readBody(request) }
  })
  const { body, event, format, guid, signature } = yield* Effect.tapError(accepted, () =>
    discardBody(request)
  )
  if (!isSignedBy(secrets, body, signature)) {
    return yield* new Rejected({ status: 401, message: "the signature does not fit the body and the secret" })
  }
  const payload = yield* need(decodeText(body).pipe(Option.flatMap(format), Option.flatMap(parseJson)), {
    status: 400,
    message: "the body is not JSON, or a form without the field payload"
  })
  return { event, guid, payload }
})
