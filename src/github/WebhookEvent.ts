/**
 * What arrives at the webhook, as narrow as our use of it. Pure.
 *
 * https://docs.github.com/en/webhooks/webhook-events-and-payloads
 */
import { Effect, Option, Schema } from "effect"
import { readRequestedAction, readRerequestedRun, readRerequestedSuite } from "./WebhookEvent/Checks.ts"
import { readComment, readReviewComment } from "./WebhookEvent/Comments.ts"
import {
  type Delivery,
  IncompleteEvent,
  type InstallationAccount,
  WebhookEvent
} from "./WebhookEvent/Event.ts"
import { Account, Id, isRecord } from "./WebhookEvent/Fields.ts"
import { readInstallation } from "./WebhookEvent/Installations.ts"
import { readPullRequest } from "./WebhookEvent/PullRequests.ts"

export {
  type Delivery,
  IncompleteEvent,
  type InstallationAccount,
  type InstallationState,
  WebhookEvent
} from "./WebhookEvent/Event.ts"

const Action = Schema.Struct({ action: Schema.String.pipe(Schema.pattern(/^\w{1,100}$/)) })

const Owned = Schema.Struct({ installation: Schema.Struct({ id: Id }) })

/** Where an event says which installation it belongs to, and whose it is. */
const Sighting = Schema.Struct({
  installation: Schema.Struct({ id: Id }),
  repository: Schema.Struct({ owner: Account })
})

/** An installation that some event mentioned. */
export interface InstallationSighting {
  readonly id: number
  readonly account: InstallationAccount
}

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

type Reader = (delivery: Delivery) => Effect.Effect<WebhookEvent, IncompleteEvent>

/** How an event is read that something may have to be done about; none for all others. */
const readerOf = (event: string, action: string): Option.Option<Reader> => {
  switch (event) {
    case "pull_request":
      if (isPullRequestAction(action)) return Option.some((delivery) => readPullRequest(delivery, action))
      break
    case "installation":
      if (isInstallationAction(action))
        return Option.some((delivery) => readInstallation(delivery, action === "deleted"))
      break
    case "installation_repositories":
      if (isRepositoriesAction(action)) return Option.some((delivery) => readInstallation(delivery, false))
      break
    case "issue_comment":
      if (action === "created") return Option.some(readComment)
      break
    case "pull_request_review_comment":
      if (action === "created") return Option.some(readReviewComment)
      break
    case "check_run":
      if (action === "rerequested") return Option.some(readRerequestedRun)
      if (action === "requested_action") return Option.some(readRequestedAction)
      break
    case "check_suite":
      if (action === "rerequested") return Option.some(readRerequestedSuite)
      break
  }
  return Option.none()
}

/** Whether anything may have to be done about such an event: what is told of a delivery without its payload. */
export const isActedOn = (event: string, action: string): boolean => Option.isSome(readerOf(event, action))

const needAction: ReadonlySet<string> = new Set([
  "pull_request",
  "issue_comment",
  "pull_request_review_comment",
  "check_run",
  "check_suite",
  "installation",
  "installation_repositories"
])

const unread = (event: string, action: string): WebhookEvent => {
  if (event === "ping") return WebhookEvent.Other({ reason: "ping: the webhook works" })
  const what = needAction.has(event) ? `${event} ${action}` : `the event ${event}`
  return WebhookEvent.Other({ reason: `${what} needs nothing done` })
}

const readEvent = (delivery: Delivery, action: string): Effect.Effect<WebhookEvent, IncompleteEvent> =>
  Option.match(readerOf(delivery.event, action), {
    onNone: () => Effect.succeed(unread(delivery.event, action)),
    onSome: (read) => read(delivery)
  })

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
