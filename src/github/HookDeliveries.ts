/**
 * The deliveries of the App's webhook as GitHub remembers them, for three days. The App asks for them as itself: that
 * needs no permission, and no installation.
 *
 * https://docs.github.com/en/rest/apps/webhooks
 */
import { Context, type DateTime, Effect, Layer, Option, Ref, Schema } from "effect"
import { askAsApp } from "./AppAuth.ts"
import type { GithubError } from "./GithubError.ts"
import { GithubSettings } from "./GithubSettings.ts"
import { type Reading, reading } from "./rest/Answers.ts"
import { makeOctokit } from "./rest/Octokit.ts"
import type { Answer } from "./rest/Refusal.ts"
import { makeRequests } from "./rest/Requests.ts"
import { makeUnnamedLimits } from "./rest/UnnamedLimits.ts"

/** One try to deliver an event, without what was delivered. */
export interface HookDelivery {
  /** GitHub's number for this try. A text, since it has 64 bits. */
  readonly id: string
  /** The event's: a redelivery bears the same one. */
  readonly guid: string
  readonly deliveredAt: DateTime.Utc
  /** Of our answer; 0 where there was none. */
  readonly statusCode: number
  readonly event: string
  /** Empty where the event has none. */
  readonly action: string
}

export interface HookDeliveriesPage {
  /** Newest first. */
  readonly deliveries: ReadonlyArray<HookDelivery>
  /** Where the next page begins. */
  readonly next: Option.Option<string>
}

export class HookDeliveries extends Context.Tag("holdfast/HookDeliveries")<
  HookDeliveries,
  {
    /** The page at this cursor; the newest one without. */
    readonly page: (cursor: Option.Option<string>) => Effect.Effect<HookDeliveriesPage, GithubError>
    /**
     * What was delivered. Nobody signed it: that it is GitHub's is vouched for by TLS, and that it is ours to see by
     * the App's own authentication.
     */
    readonly payloadOf: (id: string) => Effect.Effect<unknown, GithubError>
  }
>() {}

const listRoute = "GET /app/hook/deliveries"
const detailRoute = "GET /app/hook/deliveries/{delivery_id}"
/** The most that GitHub gives. */
const pageSize = 100

/** Octokit reads a number beyond 2⁵³ as a bigint. */
const Id = Schema.Union(Schema.Int, Schema.BigIntFromSelf)

const readPage: Reading<ReadonlyArray<HookDelivery>> = reading(
  Schema.Array(
    Schema.Struct({
      id: Id,
      guid: Schema.NonEmptyString,
      delivered_at: Schema.DateTimeUtc,
      status_code: Schema.Int,
      event: Schema.String,
      action: Schema.NullOr(Schema.String)
    })
  ),
  (all) =>
    all.map(({ action, delivered_at, event, guid, id, status_code }) => ({
      id: String(id),
      guid,
      deliveredAt: delivered_at,
      statusCode: status_code,
      event,
      action: action ?? ""
    }))
)

const readPayload: Reading<unknown> = reading(
  Schema.Struct({ request: Schema.Struct({ payload: Schema.Unknown }) }),
  ({ request }) => request.payload
)

/** GitHub links the next page; its cursor is all of the link that we follow, so that it can't lead elsewhere. */
const nextOf = ({ headers }: Answer): Option.Option<string> =>
  Option.fromNullable(/<([^<>]+)>;\s*rel="?next"?/.exec(String(headers["link"] ?? ""))?.[1]).pipe(
    Option.flatMap(Option.liftThrowable((link) => new URL(link))),
    Option.flatMap((link) => Option.fromNullable(link.searchParams.get("cursor")))
  )

/** As no installation: limits are the App's own. */
const noInstallation = 0

export const layer: Layer.Layer<HookDeliveries, never, GithubSettings> = Layer.effect(
  HookDeliveries,
  Effect.gen(function* () {
    const settings = yield* GithubSettings
    const limitsOf = yield* makeUnnamedLimits
    const requests = makeRequests(makeOctokit(settings.apiUrl), settings, {
      clockAhead: yield* Ref.make(0),
      limits: limitsOf(noInstallation)
    })
    return {
      page: Effect.fn("HookDeliveries.page")(function* (cursor: Option.Option<string>) {
        const from = Option.match(cursor, { onNone: () => ({}), onSome: (cursor) => ({ cursor }) })
        const answer = yield* askAsApp(settings, requests, {
          route: listRoute,
          parameters: { per_page: pageSize, ...from }
        })
        return { deliveries: yield* readPage(listRoute, answer), next: nextOf(answer) }
      }),
      payloadOf: Effect.fn("HookDeliveries.payloadOf")((id: string) =>
        askAsApp(settings, requests, { route: detailRoute, parameters: { delivery_id: id } }).pipe(
          Effect.flatMap((answer) => readPayload(detailRoute, answer))
        )
      )
    }
  })
)
