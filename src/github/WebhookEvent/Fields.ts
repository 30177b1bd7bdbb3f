/** What payloads of several events have in common, and the reading of one. */
import { DateTime, Effect, ParseResult, Schema } from "effect"
import { type Delivery, IncompleteEvent, WebhookEvent } from "./Event.ts"

/** Postgres stores no NUL in text, and titles are for people. */
export const Text = Schema.transform(Schema.String, Schema.String, {
  strict: true,
  decode: (text) => text.replaceAll("\u0000", ""),
  encode: (text) => text
})

/** What GitHub allows in the names of accounts and repositories. */
export const Name = Schema.String.pipe(Schema.pattern(/^[\w.-]{1,100}$/))
export const Sha = Schema.String.pipe(Schema.pattern(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/))
/** Git forbids control characters in the names of branches. */
export const Branch = Schema.String.pipe(Schema.filter((name) => name.length > 0 && !/\p{Cc}/u.test(name)))
export const Id = Schema.Int.pipe(Schema.positive())
/** What fits into the store. */
export const PullRequestNumber = Schema.Int.pipe(Schema.between(1, 2 ** 31 - 1))

/** ISO 8601, or, in older payloads, seconds since 1970. */
export const Time = Schema.Union(
  Schema.DateTimeUtc,
  Schema.transform(Schema.Int.pipe(Schema.between(0, 2 ** 40)), Schema.DateTimeUtcFromSelf, {
    strict: true,
    decode: (seconds) => DateTime.unsafeMake(seconds * 1000),
    encode: (time) => DateTime.toEpochMillis(time) / 1000
  })
)

export const Account = Schema.Struct({ login: Text, type: Text })

export const Installation = Schema.Struct({ id: Id })

/** The repository that the event is about. */
export const Repository = Schema.Struct({ id: Id, name: Name, owner: Schema.Struct({ login: Name }) })

export const isRecord = Schema.is(Schema.Record({ key: Schema.String, value: Schema.Unknown }))

export const decode = <A, I>(
  delivery: Delivery,
  schema: Schema.Schema<A, I>
): Effect.Effect<A, IncompleteEvent> =>
  Schema.decodeUnknown(schema)(delivery.payload).pipe(
    Effect.mapError((error) => {
      const issue = ParseResult.ArrayFormatter.formatErrorSync(error)[0]
      const place = issue === undefined || issue.path.length === 0 ? "payload" : issue.path.join(".")
      const problem = issue?._tag === "Missing" ? "is missing" : "is not what GitHub documents"
      return new IncompleteEvent({ event: delivery.event, message: `${place} ${problem}` })
    })
  )

/** Reads an event that can only be acted on where the App is installed. */
export const decodeOfApp = <A, I>(
  delivery: Delivery,
  schema: Schema.Schema<A, I>,
  meaning: (payload: A) => WebhookEvent
): Effect.Effect<WebhookEvent, IncompleteEvent> =>
  isRecord(delivery.payload) && delivery.payload["installation"] === undefined
    ? // A webhook of a repository or an organisation looks the same, but nobody can act on its behalf.
      Effect.succeed(
        WebhookEvent.Other({ reason: "the webhook is a repository's or organisation's, not the App's" })
      )
    : Effect.map(decode(delivery, schema), meaning)
