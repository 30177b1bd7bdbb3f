/**
 * Delivers webhooks as GitHub does: signed, once, with ten seconds to answer, and never again by itself.
 * https://docs.github.com/en/webhooks/webhook-events-and-payloads
 */
import { createHmac, randomUUID } from "node:crypto"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { type Clock, Data, Duration, Effect, Either, Redacted, Ref } from "effect"
import type { Delivery, WebhookEvent } from "./github/Delivery.ts"
import type { World } from "./World.ts"

const timeLimit = Duration.seconds(10)

interface WebhookTarget {
  readonly url: string
  readonly secret: Redacted.Redacted
}

export class NoSuchDelivery extends Data.TaggedError("NoSuchDelivery")<{ readonly message: string }> {}

export interface Webhooks {
  readonly configure: (target: WebhookTarget | undefined) => Effect.Effect<void>
  readonly target: Effect.Effect<WebhookTarget | undefined>
  /** Sends it and waits for the answer, ten seconds at most. Undefined where no URL is configured. */
  readonly deliver: (event: WebhookEvent) => Effect.Effect<Delivery | undefined>
  /** Sends an event's payload once more under the same GUID. */
  readonly redeliver: (guid: string) => Effect.Effect<Delivery, NoSuchDelivery>
  /** Newest first. */
  readonly deliveries: Effect.Effect<ReadonlyArray<Delivery>>
}

const sign = (body: string, secret: Redacted.Redacted): string =>
  `sha256=${createHmac("sha256", Redacted.value(secret)).update(body).digest("hex")}`

/** Keeps the delivery under an id of its own. */
const record = (world: World, sent: Omit<Delivery, "id">) =>
  world.change((state) => {
    const delivery: Delivery = { id: state.nextId, ...sent }
    return Either.right([
      delivery,
      { ...state, nextId: state.nextId + 1, deliveries: [delivery, ...state.deliveries] }
    ] as const)
  })

/** `clock` is the real one, whatever clock the caller runs under: the other side is a real process. */
export const makeWebhooks = (world: World, clock: Clock.Clock): Effect.Effect<Webhooks> =>
  Effect.gen(function* () {
    const target = yield* Ref.make<WebhookTarget | undefined>(undefined)
    const client = yield* HttpClient.HttpClient.pipe(Effect.provide(FetchHttpClient.layer))

    const send = (event: WebhookEvent, guid: string, redelivery: boolean, to: WebhookTarget) =>
      Effect.gen(function* () {
        const { app } = yield* world.state
        const body = JSON.stringify(event.payload)
        const headers = {
          "user-agent": "GitHub-Hookshot/holdfast",
          accept: "*/*",
          "content-type": "application/json",
          "x-github-event": event.event,
          "x-github-delivery": guid,
          "x-github-hook-id": "1",
          "x-github-hook-installation-target-type": "integration",
          "x-github-hook-installation-target-id": String(app.id),
          "x-hub-signature-256": sign(body, to.secret)
        }
        const deliveredAt = yield* world.now
        const [duration, outcome] = yield* Effect.timed(
          client
            .execute(
              HttpClientRequest.post(to.url).pipe(
                HttpClientRequest.setHeaders(headers),
                HttpClientRequest.bodyText(body, "application/json")
              )
            )
            .pipe(
              Effect.flatMap((response) =>
                Effect.map(response.text, (text) => ({
                  statusCode: response.status,
                  status: response.status < 400 ? "OK" : `Invalid HTTP Response: ${response.status}`,
                  responseHeaders: { ...response.headers },
                  responseBody: text
                }))
              ),
              Effect.timeoutFail({ duration: timeLimit, onTimeout: () => "timed out" }),
              Effect.catchAll((error) =>
                Effect.succeed({
                  statusCode: 0,
                  status: error === "timed out" ? error : "failed to connect to host",
                  responseHeaders: {},
                  responseBody: null
                })
              )
            )
        )
        return yield* record(world, {
          ...event,
          guid,
          url: to.url,
          redelivery,
          deliveredAt,
          durationMillis: Duration.toMillis(duration),
          requestHeaders: headers,
          ...outcome
        })
      }).pipe(Effect.withClock(clock))

    return {
      configure: (next) => Ref.set(target, next),
      target: Ref.get(target),
      deliveries: Effect.map(world.state, (state) => state.deliveries),
      deliver: Effect.fn("Webhooks.deliver")(function* (event: WebhookEvent) {
        const to = yield* Ref.get(target)
        return to === undefined ? undefined : yield* send(event, randomUUID(), false, to)
      }),
      redeliver: Effect.fn("Webhooks.redeliver")(function* (guid: string) {
        const known = (yield* world.state).deliveries.find((one) => one.guid === guid)
        if (known === undefined) return yield* new NoSuchDelivery({ message: `there is no delivery ${guid}` })
        const to = (yield* Ref.get(target)) ?? {
          url: known.url,
          secret: Redacted.make("")
        }
        return yield* send(known, guid, true, to)
      })
    }
  })
