/**
 * Whether a webhook comes from somebody who knows the secret.
 *
 * Over the bytes as they arrived: @octokit/webhooks-methods takes text, and bytes that are not UTF-8 would be signed as
 * what they became.
 * https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
import { createHmac, timingSafeEqual } from "node:crypto"
import { Context, Option, Redacted } from "effect"

/** The secrets that webhooks may be signed with. More than one only while they are rotated. */
export class WebhookSecrets extends Context.Tag("holdfast/WebhookSecrets")<
  WebhookSecrets,
  ReadonlyArray<Redacted.Redacted<string>>
>() {}

/** The bytes of an `x-hub-signature-256` header; none if it isn't one. SHA-1 signatures are not accepted. */
export const parseSignature = (header: string | undefined): Option.Option<Uint8Array> =>
  Option.fromNullable(header).pipe(
    Option.flatMapNullable((value) => /^sha256=([0-9a-f]{64})$/i.exec(value)?.[1]),
    Option.map((hex) => Buffer.from(hex, "hex"))
  )

/** Compares in constant time, with every secret, so that the time tells nothing. */
export const isSignedBy = (
  secrets: ReadonlyArray<Redacted.Redacted<string>>,
  body: Uint8Array,
  signature: Uint8Array
): boolean =>
  secrets
    .map(Redacted.value)
    // An empty secret is no secret: anybody could sign with it.
    .filter((secret) => secret.length > 0)
    .map((secret) => createHmac("sha256", secret).update(body).digest())
    .map((expected) => expected.length === signature.length && timingSafeEqual(expected, signature))
    .includes(true)
