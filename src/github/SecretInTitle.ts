/** The title of a pull request is kept with its job, and shown to operators: a secret in it is redacted before. */
import { Effect, Option, Schema } from "effect"
import { isRecord } from "./WebhookEvent/Fields.ts"
import type { Delivery } from "./WebhookEvent.ts"

/** The text without the secrets in it. */
export type Redact = (text: string) => Effect.Effect<string>

/** Where payloads keep the title; a comment's calls its pull request an issue. */
const titled = ["pull_request", "issue"] as const

const titleIn = (part: unknown): Option.Option<string> =>
  Option.liftPredicate(isRecord(part) ? part["title"] : undefined, Schema.is(Schema.String))

/** The delivery with its pull request's title redacted; as it is where it has none. */
export const withoutSecretInTitle = (delivery: Delivery, redact: Redact): Effect.Effect<Delivery> =>
  Effect.reduce(titled, delivery, (current, key) => {
    const { payload } = current
    const part = isRecord(payload) ? payload[key] : undefined
    return Option.match(titleIn(part), {
      onNone: () => Effect.succeed(current),
      onSome: (title) =>
        Effect.map(redact(title), (redacted) =>
          redacted === title || !isRecord(payload) || !isRecord(part)
            ? current
            : { ...current, payload: { ...payload, [key]: { ...part, title: redacted } } }
        )
    })
  })
