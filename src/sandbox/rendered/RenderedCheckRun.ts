/** `check-run` */
import { type CheckRun, type GithubState, headOf, type Repository } from "../github/GithubState.ts"
import { renderApp } from "./RenderedApp.ts"
import { repositoryApiUrl, repositoryPage } from "./RenderedRepository.ts"
import { isoTime, nodeId, type Urls } from "./Urls.ts"

export const renderCheckRun = (state: GithubState, repository: Repository, run: CheckRun, urls: Urls) => {
  const api = repositoryApiUrl(repository, urls)
  const side = (ref: string, sha: string) => ({
    ref,
    sha,
    repo: { id: repository.id, url: api, name: repository.name }
  })
  const pulls = [...state.pulls.values()].filter(
    (pull) => pull.repository === run.repository && pull.state === "open" && headOf(pull).sha === run.headSha
  )
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId("CR", run.id),
    head_sha: run.headSha,
    external_id: run.externalId,
    url: `${api}/check-runs/${run.id}`,
    html_url: `${repositoryPage(repository, urls)}/runs/${run.id}`,
    details_url: run.detailsUrl ?? urls.html,
    status: run.status,
    conclusion: run.conclusion,
    started_at: isoTime(run.startedAt),
    completed_at: run.completedAt === null ? null : isoTime(run.completedAt),
    output: {
      title: run.title,
      summary: run.summary,
      text: run.text,
      annotations_count: run.annotations,
      annotations_url: `${api}/check-runs/${run.id}/annotations`
    },
    // One suite for each commit and app; its number only has to be stable.
    check_suite: { id: Number.parseInt(run.headSha.slice(0, 8), 16) },
    app: renderApp(state, urls),
    pull_requests: pulls.map((pull) => ({
      url: `${api}/pulls/${pull.number}`,
      id: pull.id,
      number: pull.number,
      head: side(pull.headBranch, headOf(pull).sha),
      base: side(pull.baseBranch, pull.baseSha)
    }))
  }
}
