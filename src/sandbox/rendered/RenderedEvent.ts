/** Webhook payloads. https://docs.github.com/en/webhooks/webhook-events-and-payloads */
import type { WebhookEvent } from "../github/Delivery.ts"
import type { Account, GithubState, Installation, PullRequest, Repository } from "../github/GithubState.ts"
import type { InstallationAction } from "../github/Installations.ts"
import { renderAccount } from "./RenderedAccount.ts"
import { renderInstallation } from "./RenderedApp.ts"
import { renderPull } from "./RenderedPull.ts"
import { renderRepository } from "./RenderedRepository.ts"
import { nodeId, type Urls } from "./Urls.ts"

export type PullAction =
  | "opened"
  | "synchronize"
  | "closed"
  | "reopened"
  | "ready_for_review"
  | "converted_to_draft"
  | "edited"

/** `installation` as most events carry it. */
export const renderInstallationLite = ({ id }: Installation) => ({
  id,
  node_id: nodeId("MDIzOkludGVncmF0aW9uSW5zdGFsbGF0aW9u", id)
})

export const pullEvent = (
  state: GithubState,
  repository: Repository,
  pull: PullRequest,
  details: {
    readonly action: PullAction
    readonly sender: Account
    readonly installation: Installation
    /** `before` and `after` of a push, `changes` of an edit. */
    readonly extra: { readonly [key: string]: unknown }
  },
  urls: Urls
): WebhookEvent => ({
  event: "pull_request",
  action: details.action,
  installationId: details.installation.id,
  repositoryId: repository.id,
  payload: {
    action: details.action,
    number: pull.number,
    pull_request: renderPull(state, repository, pull, urls),
    ...details.extra,
    repository: renderRepository(repository, urls),
    sender: renderAccount(details.sender, urls),
    installation: renderInstallationLite(details.installation)
  }
})

const shortRepository = (repository: Repository) => ({
  id: repository.id,
  node_id: nodeId("R", repository.id),
  name: repository.name,
  full_name: `${repository.owner.login}/${repository.name}`,
  private: repository.private
})

const repositoriesOf = (state: GithubState, installation: Installation) =>
  [...installation.repositories].flatMap((key) => {
    const repository = state.repositories.get(key)
    return repository ? [shortRepository(repository)] : []
  })

/** The app was installed, removed, suspended or let back in. */
export const installationEvent = (
  state: GithubState,
  installation: Installation,
  action: InstallationAction,
  urls: Urls
): WebhookEvent => ({
  event: "installation",
  action,
  installationId: installation.id,
  repositoryId: null,
  payload: {
    action,
    installation: renderInstallation(state, installation, urls),
    repositories: repositoriesOf(state, installation),
    sender: renderAccount(installation.account, urls)
  }
})

export const pingEvent = (state: GithubState, hookUrl: string, urls: Urls): WebhookEvent => ({
  event: "ping",
  action: null,
  installationId: null,
  repositoryId: null,
  payload: {
    zen: "Anything added dilutes everything else.",
    hook_id: 1,
    hook: {
      type: "App",
      id: 1,
      name: "web",
      active: true,
      events: state.app.events,
      config: { content_type: "json", insecure_ssl: "0", secret: "********", url: hookUrl },
      created_at: "2024-01-01T00:00:00Z",
      updated_at: "2024-01-01T00:00:00Z",
      app_id: state.app.id,
      deliveries_url: `${urls.api}/app/hook/deliveries`
    }
  }
})
