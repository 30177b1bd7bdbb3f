/** The title of a pull request is kept with its job, and shown to operators: a secret in it is redacted before. */
import { Effect, Option, Schema } from "effect"
import type { Delivery } from "../github/WebhookEvent.ts"
import { redactSecrets } from "../review/Secrets.ts"

const isRecord = Schema.is(Schema.Record({ key: Schema.String, value: Schema.Unknown }))

const titleOf = (payload: unknown): Option.Option<string> => {
  const pull = isRecord(payload) ? payload["pull_request"] : undefined
  return Option.liftPredicate(isRecord(pull) ? pull["title"] : undefined, Schema.is(Schema.String))
}

/** The delivery with its pull request's title redacted; as it is where it has none. */
export const withoutSecretInTitle = (delivery: Delivery): Effect.Effect<Delivery> =>
  Option.match(titleOf(delivery.payload), {
    onNone: () => Effect.succeed(delivery),
    onSome: (title) =>
      Effect.map(redactSecrets(title), (redacted) => {
        const { payload } = delivery
        if (redacted === title || !isRecord(payload) || !isRecord(payload["pull_request"])) return delivery
        return {
          ...delivery,
          payload: { ...payload, pull_request: { ...payload["pull_request"], title: redacted } }
        }
      })
  })
