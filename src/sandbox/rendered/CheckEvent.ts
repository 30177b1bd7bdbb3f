/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#check_run and `#check_suite` */
import { checkRunsFor } from "../github/CheckRuns.ts"
import type { WebhookEvent } from "../github/Delivery.ts"
import type {
  Account,
  CheckRun,
  Commit,
  GithubState,
  Installation,
  Repository
} from "../github/GithubState.ts"
import { renderAccount } from "./RenderedAccount.ts"
import { renderAppInEvent } from "./RenderedApp.ts"
import { pullsOfCheck, renderCheckRun, suiteId } from "./RenderedCheckRun.ts"
import { renderInstallationLite } from "./RenderedEvent.ts"
import { renderRepository, repositoryApiUrl } from "./RenderedRepository.ts"
import { isoTime, nodeId, type Urls } from "./Urls.ts"

/** Everything that the app checks on a commit. */
interface Suite {
  /** Key of `repositories`. */
  readonly key: string
  readonly repository: Repository
  readonly commit: Commit
}

/** A suite is done when all its runs are. */
const renderSuite = (state: GithubState, { commit, key, repository }: Suite, urls: Urls) => {
  const runs = checkRunsFor(state, key, commit.sha)
  const id = suiteId(commit.sha)
  const pulls = pullsOfCheck(state, key, repository, commit.sha, urls)
  const done = runs.every(({ status }) => status === "completed")
  return {
    id,
    node_id: nodeId("CS", id),
    // Null for a branch of a fork, as `pull_requests` is empty then.
    head_branch: pulls.at(0)?.head.ref ?? null,
    head_sha: commit.sha,
    status: done ? "completed" : "queued",
    conclusion: done ? (runs.at(0)?.conclusion ?? "success") : null,
    url: `${repositoryApiUrl(repository, urls)}/check-suites/${id}`,
    before: commit.parents.at(0) ?? null,
    after: commit.sha,
    pull_requests: pulls,
    app: renderAppInEvent(state, urls),
    created_at: isoTime(commit.at),
    updated_at: isoTime(commit.at)
  }
}

interface Occasion {
  readonly installation: Installation
  readonly sender: Account
}

const event = (
  name: "check_run" | "check_suite",
  action: string,
  { repository }: Suite,
  { installation, sender }: Occasion,
  about: { readonly [key: string]: unknown },
  urls: Urls
): WebhookEvent => ({
  event: name,
  action,
  installationId: installation.id,
  repositoryId: repository.id,
  payload: {
    action,
    ...about,
    repository: renderRepository(repository, urls),
    sender: renderAccount(sender, urls),
    installation: renderInstallationLite(installation)
  }
})

/** Somebody wants a run again, or pressed its button of this identifier. */
export const checkRunEvent = (
  state: GithubState,
  suite: Suite,
  run: CheckRun,
  identifier: string | undefined,
  occasion: Occasion,
  urls: Urls
): WebhookEvent => {
  const check_run = {
    ...renderCheckRun(state, suite.repository, run, urls),
    check_suite: renderSuite(state, suite, urls),
    app: renderAppInEvent(state, urls)
  }
  return identifier === undefined
    ? event("check_run", "rerequested", suite, occasion, { check_run }, urls)
    : event(
        "check_run",
        "requested_action",
        suite,
        occasion,
        { check_run, requested_action: { identifier } },
        urls
      )
}

/** Somebody wants all runs of a commit again. */
export const checkSuiteEvent = (
  state: GithubState,
  suite: Suite,
  occasion: Occasion,
  urls: Urls
): WebhookEvent => {
  const { commit } = suite
  const person = {
    name: commit.author.login,
    email: `${commit.author.login}@users.noreply.github.com`
  }
  const rendered = renderSuite(state, suite, urls)
  const check_suite = {
    ...rendered,
    latest_check_runs_count: checkRunsFor(state, suite.key, commit.sha, "latest").length,
    check_runs_url: `${rendered.url}/check-runs`,
    head_commit: {
      id: commit.sha,
      tree_id: commit.treeSha,
      message: commit.message,
      timestamp: isoTime(commit.at),
      author: person,
      committer: person
    }
  }
  return event("check_suite", "rerequested", suite, occasion, { check_suite }, urls)
}
