/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#installation */
import { DateTime, Effect, Option, Schema } from "effect"
import { type Delivery, type IncompleteEvent, WebhookEvent } from "./Event.ts"
import { Account, decode, Id, Text, Time } from "./Fields.ts"

export const InstallationPayload = Schema.Struct({
  installation: Schema.Struct({
    id: Id,
    /** Null when the account is gone. */
    account: Schema.Union(
      Schema.Null,
      Account,
      /** An enterprise, which has no login. */
      Schema.Struct({ slug: Text })
    ),
    repository_selection: Schema.optional(Schema.Literal("all", "selected")),
    suspended_at: Schema.optional(Schema.NullOr(Time)),
    updated_at: Time
  })
})

export const readInstallation = (
  delivery: Delivery,
  deleted: boolean
): Effect.Effect<WebhookEvent, IncompleteEvent> =>
  Effect.map(decode(delivery, InstallationPayload), ({ installation }) => {
    const suspendedAt = Option.fromNullable(installation.suspended_at)
    const { account } = installation
    return WebhookEvent.Installation({
      deleted,
      state: {
        id: installation.id,
        account: Option.map(Option.fromNullable(account), (account) =>
          "login" in account ? account : { login: account.slug, type: "Enterprise" }
        ),
        repositorySelection: Option.fromNullable(installation.repository_selection),
        suspendedAt,
        // A suspension does not always move `updated_at`.
        asOf: Option.match(suspendedAt, {
          onNone: () => installation.updated_at,
          onSome: (at) => DateTime.max(at, installation.updated_at)
        })
      }
    })
  })
