/** `check-run` */
import { type CheckRun, type GithubState, headOf, type Repository } from "../github/GithubState.ts"
import { renderApp } from "./RenderedApp.ts"
import { repositoryApiUrl, repositoryPage } from "./RenderedRepository.ts"
import { isoTime, nodeId, type Urls } from "./Urls.ts"

/** One suite for each commit and app; its number only has to be stable. */
export const suiteId = (headSha: string): number => Number.parseInt(headSha.slice(0, 8), 16)

/**
 * The pull requests that a check belongs to. Those from forks are never among them.
 * https://docs.github.com/en/webhooks/webhook-events-and-payloads#check_run
 */
export const pullsOfCheck = (
  state: GithubState,
  key: string,
  repository: Repository,
  headSha: string,
  urls: Urls
) => {
  const api = repositoryApiUrl(repository, urls)
  const side = (ref: string, sha: string) => ({
    ref,
    sha,
    repo: { id: repository.id, url: api, name: repository.name }
  })
  return [...state.pulls.values()]
    .filter(
      (pull) =>
        pull.repository === key && pull.fork === null && pull.state === "open" && headOf(pull).sha === headSha
    )
    .map((pull) => ({
      url: `${api}/pulls/${pull.number}`,
      id: pull.id,
      number: pull.number,
      head: side(pull.headBranch, headOf(pull).sha),
      base: side(pull.baseBranch, pull.baseSha)
    }))
}

export const renderCheckRun = (state: GithubState, repository: Repository, run: CheckRun, urls: Urls) => {
  const api = repositoryApiUrl(repository, urls)
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
    check_suite: { id: suiteId(run.headSha) },
    app: renderApp(state, urls),
    pull_requests: pullsOfCheck(state, run.repository, repository, run.headSha, urls)
  }
}
