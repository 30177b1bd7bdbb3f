/** `integration`, `installation` and `installation-token` */
import type { GithubState, Installation, Token } from "../github/GithubState.ts"
import { renderAccount } from "./RenderedAccount.ts"
import { isoTime, nodeId, type Urls } from "./Urls.ts"

export const renderApp = (state: GithubState, urls: Urls) => ({
  id: state.app.id,
  slug: state.app.slug,
  client_id: state.app.clientId,
  node_id: nodeId("A", state.app.id),
  owner: renderAccount(state.app.owner, urls),
  name: state.app.name,
  description: null,
  external_url: urls.html,
  html_url: `${urls.html}/apps/${state.app.slug}`,
  created_at: isoTime(state.app.createdAt),
  updated_at: isoTime(state.app.createdAt),
  permissions: state.app.permissions,
  events: state.app.events,
  installations_count: state.installations.size
})

/** As the events of checks carry it. */
export const renderAppInEvent = (state: GithubState, urls: Urls) => {
  const { client_id: _clientId, installations_count: _installations, ...app } = renderApp(state, urls)
  return app
}

export const renderInstallation = (state: GithubState, installation: Installation, urls: Urls) => ({
  id: installation.id,
  account: renderAccount(installation.account, urls),
  repository_selection: "selected",
  access_tokens_url: `${urls.api}/app/installations/${installation.id}/access_tokens`,
  repositories_url: `${urls.api}/installation/repositories`,
  html_url: `${urls.html}/settings/installations/${installation.id}`,
  app_id: state.app.id,
  app_slug: state.app.slug,
  target_id: installation.account.id,
  target_type: installation.account.type,
  permissions: state.app.permissions,
  events: state.app.events,
  created_at: isoTime(installation.createdAt),
  updated_at: isoTime(installation.createdAt),
  single_file_name: null,
  has_multiple_single_files: false,
  single_file_paths: [],
  suspended_by: installation.suspendedAt === undefined ? null : renderAccount(installation.account, urls),
  suspended_at: installation.suspendedAt === undefined ? null : isoTime(installation.suspendedAt)
})

export const renderToken = (state: GithubState, text: string, token: Token) => ({
  token: text,
  expires_at: isoTime(token.expiresAt ?? 0),
  permissions: state.app.permissions,
  repository_selection: "selected"
})
