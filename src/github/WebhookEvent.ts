/**
 * What arrives at the webhook, as narrow as our use of it. Pure.
 *
 * https://docs.github.com/en/webhooks/webhook-events-and-payloads
 */
import { Data, DateTime, Effect, Option, ParseResult, Schema } from "effect"

/** A webhook that was signed rightly and parsed as JSON. */
export interface Delivery {
  /** GitHub's `X-GitHub-Delivery`. A redelivery bears the same one. */
  readonly guid: string
  /** GitHub's `X-GitHub-Event`. */
  readonly event: string
  readonly payload: unknown
}

/** The payload lacks something that the event can't be acted on without. The message says what, without values. */
export class IncompleteEvent extends Data.TaggedError("IncompleteEvent")<{
  readonly event: string
  readonly message: string
}> {}

/** Postgres stores no NUL in text, and titles are for people. */
const Text = Schema.transform(Schema.String, Schema.String, {
  strict: true,
  decode: (text) => text.replaceAll("\u0000", ""),
  encode: (text) => text
})

/** What GitHub allows in the names of accounts and repositories. */
const Name = Schema.String.pipe(Schema.pattern(/^[\w.-]{1,100}$/))
const Sha = Schema.String.pipe(Schema.pattern(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/))
/** Git forbids control characters in the names of branches. */
const Branch = Schema.String.pipe(Schema.filter((name) => name.length > 0 && !/\p{Cc}/u.test(name)))
const Id = Schema.Int.pipe(Schema.positive())
/** What fits into the store. */
const PullRequestNumber = Schema.Int.pipe(Schema.between(1, 2 ** 31 - 1))

/** ISO 8601, or, in older payloads, seconds since 1970. */
const Time = Schema.Union(
  Schema.DateTimeUtc,
  Schema.transform(Schema.Int.pipe(Schema.between(0, 2 ** 40)), Schema.DateTimeUtcFromSelf, {
    strict: true,
    decode: (seconds) => DateTime.unsafeMake(seconds * 1000),
    encode: (time) => DateTime.toEpochMillis(time) / 1000
  })
)

const Action = Schema.Struct({ action: Schema.String.pipe(Schema.pattern(/^\w{1,100}$/)) })

const Account = Schema.Struct({ login: Text, type: Text })

const Owned = Schema.Struct({ installation: Schema.Struct({ id: Id }) })

/** Where an event says which installation it belongs to, and whose it is. */
const Sighting = Schema.Struct({
  installation: Schema.Struct({ id: Id }),
  repository: Schema.Struct({ owner: Account })
})

export const PullRequestPayload = Schema.Struct({
  installation: Schema.Struct({ id: Id }),
  repository: Schema.Struct({ name: Name, owner: Schema.Struct({ login: Name }) }),
  pull_request: Schema.Struct({
    number: PullRequestNumber,
    title: Text,
    state: Schema.Literal("open", "closed"),
    draft: Schema.optional(Schema.Boolean),
    head: Schema.Struct({ sha: Sha }),
    base: Schema.Struct({ ref: Branch })
  })
})

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

/** Whose an installation is. */
export interface InstallationAccount {
  readonly login: string
  /** `User`, `Organization` or `Enterprise`. */
  readonly type: string
}

/** An installation as an event showed it. */
export interface InstallationState {
  readonly id: number
  readonly account: Option.Option<InstallationAccount>
  readonly repositorySelection: Option.Option<"all" | "selected">
  readonly suspendedAt: Option.Option<DateTime.Utc>
  /** GitHub's time of this state. */
  readonly asOf: DateTime.Utc
}

/** An installation that some event mentioned. */
export interface InstallationSighting {
  readonly id: number
  readonly account: InstallationAccount
}

type PullRequestAction =
  | "opened"
  | "reopened"
  | "synchronize"
  | "ready_for_review"
  | "closed"
  | "converted_to_draft"

/** An event that something may have to be done about, or why there is nothing. */
export type WebhookEvent = Data.TaggedEnum<{
  PullRequest: {
    readonly action: PullRequestAction
    readonly installationId: number
    readonly owner: string
    readonly repo: string
    readonly number: number
    readonly title: string
    readonly state: "open" | "closed"
    readonly draft: boolean
    readonly headSha: string
    readonly baseBranch: string
  }
  Installation: { readonly state: InstallationState; readonly deleted: boolean }
  /** Not acted on. */
  Other: { readonly reason: string }
}>
export const WebhookEvent = Data.taggedEnum<WebhookEvent>()

/** A delivery as far as we read it. */
export interface ReadDelivery {
  readonly action: Option.Option<string>
  readonly installationId: Option.Option<number>
  readonly sighting: Option.Option<InstallationSighting>
  readonly event: WebhookEvent
}

const isPullRequestAction = Schema.is(
  Schema.Literal("opened", "reopened", "synchronize", "ready_for_review", "closed", "converted_to_draft")
)
const isInstallationAction = Schema.is(
  Schema.Literal("created", "deleted", "suspend", "unsuspend", "new_permissions_accepted")
)
const isRepositoriesAction = Schema.is(Schema.Literal("added", "removed"))
const isRecord = Schema.is(Schema.Record({ key: Schema.String, value: Schema.Unknown }))

const decode = <A, I>(delivery: Delivery, schema: Schema.Schema<A, I>): Effect.Effect<A, IncompleteEvent> =>
  Schema.decodeUnknown(schema)(delivery.payload).pipe(
    Effect.mapError((error) => {
      const issue = ParseResult.ArrayFormatter.formatErrorSync(error)[0]
      const place = issue === undefined || issue.path.length === 0 ? "payload" : issue.path.join(".")
      const problem = issue?._tag === "Missing" ? "is missing" : "is not what GitHub documents"
      return new IncompleteEvent({ event: delivery.event, message: `${place} ${problem}` })
    })
  )

const readPullRequest = (
  delivery: Delivery,
  action: PullRequestAction
): Effect.Effect<WebhookEvent, IncompleteEvent> =>
  isRecord(delivery.payload) && delivery.payload["installation"] === undefined
    ? // A webhook of a repository or an organisation looks the same, but nobody can review on its behalf.
      Effect.succeed(
        WebhookEvent.Other({ reason: "the webhook is a repository's or organisation's, not the App's" })
      )
    : Effect.map(decode(delivery, PullRequestPayload), ({ installation, pull_request, repository }) =>
        WebhookEvent.PullRequest({
          action,
          installationId: installation.id,
          owner: repository.owner.login,
          repo: repository.name,
          number: pull_request.number,
          title: pull_request.title,
          state: pull_request.state,
          draft: pull_request.draft ?? false,
          headSha: pull_request.head.sha,
          baseBranch: pull_request.base.ref
        })
      )

const readInstallation = (
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

const readEvent = (delivery: Delivery, action: string): Effect.Effect<WebhookEvent, IncompleteEvent> => {
  switch (delivery.event) {
    case "pull_request":
      if (isPullRequestAction(action)) return readPullRequest(delivery, action)
      break
    case "installation":
      if (isInstallationAction(action)) return readInstallation(delivery, action === "deleted")
      break
    case "installation_repositories":
      if (isRepositoriesAction(action)) return readInstallation(delivery, false)
      break
    case "ping":
      return Effect.succeed(WebhookEvent.Other({ reason: "ping: the webhook works" }))
    default:
      return Effect.succeed(WebhookEvent.Other({ reason: `the event ${delivery.event} needs nothing done` }))
  }
  return Effect.succeed(WebhookEvent.Other({ reason: `${delivery.event} ${action} needs nothing done` }))
}

const needAction: ReadonlySet<string> = new Set(["pull_request", "installation", "installation_repositories"])

/** Reads what we need of a delivery. */
export const readDelivery = (delivery: Delivery): Effect.Effect<ReadDelivery, IncompleteEvent> =>
  Effect.gen(function* () {
    if (!isRecord(delivery.payload)) {
      return yield* new IncompleteEvent({ event: delivery.event, message: "payload is not an object" })
    }
    const action = Option.map(Schema.decodeUnknownOption(Action)(delivery.payload), ({ action }) => action)
    if (Option.isNone(action) && needAction.has(delivery.event)) {
      return yield* new IncompleteEvent({ event: delivery.event, message: "action is missing" })
    }
    const sighting = Option.map(
      Schema.decodeUnknownOption(Sighting)(delivery.payload),
      ({ installation, repository }) => ({
        id: installation.id,
        account: repository.owner
      })
    )
    const event = yield* readEvent(
      delivery,
      Option.getOrElse(action, () => "")
    )
    const owned = Schema.decodeUnknownOption(Owned)(delivery.payload)
    return {
      action,
      installationId: Option.map(owned, ({ installation }) => installation.id),
      sighting,
      event
    }
  })
