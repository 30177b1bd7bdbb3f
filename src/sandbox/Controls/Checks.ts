/** What people ask of checks: to run again, or what a button of theirs is for. */
import { Effect, Either } from "effect"
import { checkRunsFor } from "../github/CheckRuns.ts"
import type { Delivery, WebhookEvent } from "../github/Delivery.ts"
import {
  account,
  type CheckRun,
  type Commit,
  type GithubState,
  type Repository
} from "../github/GithubState.ts"
import { installationOf } from "../github/Installations.ts"
import { Impossible } from "../github/Pulls.ts"
import { checkRunEvent, checkSuiteEvent } from "../rendered/CheckEvent.ts"
import type { Urls } from "../rendered/Urls.ts"
import type { Webhooks } from "../Webhooks.ts"
import type { World } from "../World.ts"
import { findRepository, NoSuchPull, type RepositoryName } from "./PullName.ts"

type Asked = Effect.Effect<{ readonly delivery: Delivery | undefined }, NoSuchPull | Impossible>

/** Nothing changes at GitHub: what becomes of a run that was asked for again is for the app to say. */
export interface CheckControls {
  /** Asks for a run that is completed to be run again, with the webhook `check_run`. */
  readonly rerunCheck: (repository: RepositoryName, checkRun: number, login: string) => Asked
  /** Presses the run's button of this identifier. */
  readonly pressAction: (
    repository: RepositoryName,
    checkRun: number,
    identifier: string,
    login: string
  ) => Asked
  /** Asks for everything on a commit to be run again, with the webhook `check_suite`. */
  readonly rerunChecks: (repository: RepositoryName, headSha: string, login: string) => Asked
}

const impossible = (message: string) => Either.left(new Impossible({ message }))

const suiteOf = (repository: readonly [string, Repository], sha: string) =>
  Either.map(
    Either.fromNullable(
      repository[1].commits.get(sha),
      () => new NoSuchPull({ message: `there is no commit ${sha}` })
    ),
    (commit: Commit) => ({ key: repository[0], repository: repository[1], commit })
  )

export const makeCheckControls = ({
  urls,
  webhooks,
  world
}: {
  readonly world: World
  readonly webhooks: Webhooks
  readonly urls: Urls
}): CheckControls => {
  const ask = (
    name: RepositoryName,
    login: string,
    rule: (
      state: GithubState,
      repository: readonly [string, Repository],
      occasion: Parameters<typeof checkSuiteEvent>[2]
    ) => Either.Either<WebhookEvent, NoSuchPull | Impossible>
  ): Asked =>
    Effect.gen(function* () {
      const sender = yield* world.change((state) => Either.right(account(state, login)))
      const state = yield* world.state
      const found = yield* findRepository(state, name)
      const installation = installationOf(state, found[0])
      if (installation === undefined) {
        return yield* new Impossible({ message: `the app is not installed on ${name.owner}/${name.repo}` })
      }
      const event = yield* rule(state, found, { installation, sender })
      return { delivery: yield* webhooks.deliver(event) }
    })

  /** Asks for something of one run. */
  const askRun = (
    name: RepositoryName,
    id: number,
    login: string,
    identifier: string | undefined,
    refuse: (run: CheckRun) => string | undefined
  ) =>
    ask(name, login, (state, repository, occasion) =>
      Either.gen(function* () {
        const run = state.checkRuns.get(id)
        if (run?.repository !== repository[0]) {
          return yield* Either.left(new NoSuchPull({ message: `there is no check run ${id}` }))
        }
        const refusal = refuse(run)
        if (refusal !== undefined) return yield* impossible(refusal)
        const suite = yield* suiteOf(repository, run.headSha)
        return checkRunEvent(state, suite, run, identifier, occasion, urls)
      })
    )

  return {
    rerunCheck: Effect.fn("Controls.rerunCheck")((name: RepositoryName, id: number, login: string) =>
      askRun(name, id, login, undefined, (run) =>
        run.status === "completed" ? undefined : "a check can be run again once it is completed"
      )
    ),
    pressAction: Effect.fn("Controls.pressAction")(
      (name: RepositoryName, id: number, identifier: string, login: string) =>
        askRun(name, id, login, identifier, (run) =>
          run.actions.some((action) => action.identifier === identifier)
            ? undefined
            : `the check run has no button ${identifier}`
        )
    ),
    rerunChecks: Effect.fn("Controls.rerunChecks")((name: RepositoryName, sha: string, login: string) =>
      ask(name, login, (state, repository, occasion) =>
        Either.flatMap(suiteOf(repository, sha), (suite) =>
          checkRunsFor(state, repository[0], sha).length === 0
            ? impossible(`there are no checks on ${sha}`)
            : Either.right(checkSuiteEvent(state, suite, occasion, urls))
        )
      )
    )
  }
}
