/**
 * The job's check run on the commit: created once, found again by its `external_id`, which is the job's id.
 *
 * https://docs.github.com/en/rest/checks/runs
 */
import { Effect, Option, Ref, Schema } from "effect"
import type { CheckRunState, InstallationClient } from "../github/Github.ts"
import { type GithubError, isAmbiguous } from "../github/GithubError.ts"
import type { JobId } from "../queue/Job.ts"
import type { LeaseLost, StoreUnavailable } from "../queue/JobError.ts"
import { type Claimed, JobStore } from "../queue/JobStore.ts"
import { Dashboard, linked } from "./Dashboard.ts"
import { redactSecrets } from "./Secrets.ts"

export interface CheckReporter {
  /** Shows the state, and tells the check run's id; none where the app may not write check runs. */
  readonly report: (
    state: CheckRunState
  ) => Effect.Effect<Option.Option<number>, GithubError | LeaseLost | StoreUnavailable>
}

const stepKey = "check-run"
const Step = Schema.Struct({ id: Schema.Int })

/** What holds for a job's check run whatever happens to the process in between. */
export const make = (
  client: InstallationClient,
  { job, lease }: Claimed
): Effect.Effect<CheckReporter, never, JobStore> =>
  Effect.gen(function* () {
    const store = yield* JobStore
    const known = yield* Ref.make(Option.none<number>())
    const { commitSha, ...repository } = { ...job.subject }
    const externalId = String(job.id)

    const find = Effect.map(client.listCheckRuns(repository, commitSha), (runs) =>
      Option.fromNullable(runs.find((run) => run.externalId === externalId)?.id)
    )
    const recall = Effect.gen(function* () {
      const inMemory = yield* Ref.get(known)
      if (Option.isSome(inMemory)) return inMemory
      const step = Option.flatMap(yield* store.loadStep(job.id, stepKey), Schema.decodeUnknownOption(Step))
      return Option.isSome(step) ? Option.some(step.value.id) : yield* find
    })
    const create = (state: CheckRunState) =>
      client.createCheckRun(repository, { ...state, commitSha, externalId }).pipe(
        Effect.map((run) => run.id),
        Effect.catchIf(isAmbiguous, (error) =>
          Effect.flatMap(find, Option.match({ onNone: () => Effect.fail(error), onSome: Effect.succeed }))
        ),
        Effect.tap((id) => store.saveStep(lease, stepKey, { id }))
      )

    const report = Effect.fn("CheckRun.report")(
      function* (said: CheckRunState) {
        const state = yield* ready(said, job.id)
        const existing = yield* recall
        if (Option.isSome(existing)) {
          yield* client.updateCheckRun(repository, existing.value, state)
          yield* Ref.set(known, existing)
          return existing
        }
        const created = Option.some(yield* create(state))
        yield* Ref.set(known, created)
        return created
      },
      Effect.catchTags({
        Forbidden: (error) => withoutPermission(error.message),
        NotFound: (error) => withoutPermission(error.message)
      })
    )

    return { report }
  })

/** The state as it is published: after a last look for secrets, and with the way to the job. */
export const ready = (state: CheckRunState, job: JobId) =>
  Effect.map(
    Effect.all({
      title: redactSecrets(state.title),
      summary: redactSecrets(state.summary),
      ...(state.text === undefined ? {} : { text: redactSecrets(state.text) }),
      dashboard: Dashboard
    }),
    ({ dashboard, ...output }): CheckRunState => linked(dashboard, job, { ...state, ...output })
  )

/** An app without the permission can still review; its operator is told. */
const withoutPermission = (message: string) =>
  Effect.as(
    Effect.logWarning(
      `the check run can't be written; grant the App the permission "Checks: write" (${message})`
    ),
    Option.none<number>()
  )
