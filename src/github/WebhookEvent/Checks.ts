/**
 * https://docs.github.com/en/webhooks/webhook-events-and-payloads#check_run and `#check_suite`. GitHub sends these
 * requests to the App alone whose check it is.
 */
import { type Effect, Option, Schema } from "effect"
import { type Delivery, type IncompleteEvent, WebhookEvent } from "./Event.ts"
import { decodeOfApp, Id, Installation, PullRequestNumber, Repository, Sha, Text } from "./Fields.ts"

const PullRequests = Schema.Array(
  Schema.Struct({
    number: PullRequestNumber,
    base: Schema.Struct({ repo: Schema.Struct({ id: Id }) })
  })
)

const common = {
  installation: Installation,
  repository: Repository,
  sender: Schema.Struct({ login: Text })
}

const CheckRun = Schema.Struct({
  id: Id,
  external_id: Schema.NullOr(Text),
  head_sha: Sha,
  pull_requests: PullRequests
})

export const RerequestedRunPayload = Schema.Struct({ ...common, check_run: CheckRun })

export const RequestedActionPayload = Schema.Struct({
  ...common,
  check_run: CheckRun,
  requested_action: Schema.Struct({ identifier: Text })
})

export const CheckSuitePayload = Schema.Struct({
  ...common,
  check_suite: Schema.Struct({ head_sha: Sha, pull_requests: PullRequests })
})

/** GitHub also names pull requests that lead from here into a fork; their numbers are the fork's. */
const numberOf = (
  pullRequests: typeof PullRequests.Type,
  repository: typeof Repository.Type
): Option.Option<number> =>
  Option.fromNullable(pullRequests.find(({ base }) => base.repo.id === repository.id)?.number)

const runAction = (
  { check_run, installation, repository, sender }: typeof RerequestedRunPayload.Type,
  action: string
): WebhookEvent =>
  WebhookEvent.CheckRunAction({
    installationId: installation.id,
    owner: repository.owner.login,
    repo: repository.name,
    headSha: check_run.head_sha,
    checkRunId: check_run.id,
    externalId: check_run.external_id ?? "",
    action,
    senderLogin: sender.login,
    number: numberOf(check_run.pull_requests, repository)
  })

export const readRerequestedRun = (delivery: Delivery): Effect.Effect<WebhookEvent, IncompleteEvent> =>
  decodeOfApp(delivery, RerequestedRunPayload, (payload) => runAction(payload, "rerequested"))

export const readRequestedAction = (delivery: Delivery): Effect.Effect<WebhookEvent, IncompleteEvent> =>
  decodeOfApp(delivery, RequestedActionPayload, (payload) =>
    runAction(payload, payload.requested_action.identifier)
  )

export const readRerequestedSuite = (delivery: Delivery): Effect.Effect<WebhookEvent, IncompleteEvent> =>
  decodeOfApp(delivery, CheckSuitePayload, ({ check_suite, installation, repository, sender }) =>
    WebhookEvent.CheckSuiteRerequested({
      installationId: installation.id,
      owner: repository.owner.login,
      repo: repository.name,
      headSha: check_suite.head_sha,
      senderLogin: sender.login,
      number: numberOf(check_suite.pull_requests, repository)
    })
  )
