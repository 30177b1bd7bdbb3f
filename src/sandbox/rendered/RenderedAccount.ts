/** `simple-user` */
import type { Account } from "../github/GithubState.ts"
import { nodeId, type Urls } from "./Urls.ts"

export const renderAccount = (account: Account, urls: Urls) => {
  const login = encodeURIComponent(account.login)
  const api = `${urls.api}/users/${login}`
  const page =
    account.type === "Bot"
      ? `${urls.html}/apps/${encodeURIComponent(account.login.replace(/\[bot\]$/, ""))}`
      : `${urls.html}/${login}`
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId(account.type === "Bot" ? "BOT" : "U", account.id),
    avatar_url: `${urls.html}/avatars/${account.id}`,
    gravatar_id: "",
    url: api,
    html_url: page,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: account.type,
    site_admin: false
  }
}
