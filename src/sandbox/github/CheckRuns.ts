/** The rules of check runs. https://docs.github.com/en/rest/checks/runs */
import { Either } from "effect"
import {
  type CheckAction,
  type CheckRun,
  type CheckStatus,
  type GithubState,
  type Repository,
  withEntry
} from "./GithubState.ts"
import { invalidRequest, notFound, Rejection, validationFailed } from "./Rejection.ts"

/** GitHub writes "characters" in its documentation and counts bytes: https://github.com/github/docs/issues/35252 */
const maxOutputBytes = 65535

interface Output {
  readonly title?: string | undefined
  readonly summary?: string | undefined
  readonly text?: string | undefined
  readonly annotations?: ReadonlyArray<unknown> | undefined
}

/** What a request may say, at creation or later. Times in milliseconds. */
export interface CheckRunFields {
  readonly name?: string | undefined
  readonly externalId?: string | undefined
  readonly detailsUrl?: string | undefined
  readonly status?: CheckStatus | undefined
  readonly conclusion?: string | undefined
  readonly startedAt?: number | undefined
  readonly completedAt?: number | undefined
  readonly output?: Output | undefined
  readonly actions?: ReadonlyArray<CheckAction> | undefined
}

type Changed = Either.Either<readonly [CheckRun, GithubState], Rejection>

const tooLong = (output: Output): Rejection | undefined => {
  const field = (["title", "summary", "text"] as const).find(
    (name) => Buffer.byteLength(output[name] ?? "") > maxOutputBytes
  )
  return field === undefined
    ? undefined
    : validationFailed({
        resource: "CheckRun",
        code: "custom",
        field,
        message: `${field} exceeds a maximum bytesize of ${maxOutputBytes}`
      })
}

/** https://docs.github.com/en/rest/checks/runs#create-a-check-run: `actions` */
const maxActions = 3
const maxActionLength: { readonly [F in keyof CheckAction]: number } = {
  label: 20,
  identifier: 20,
  description: 40
}

const refuseActions = (actions: ReadonlyArray<CheckAction>): Rejection | undefined => {
  if (actions.length > maxActions) {
    return invalidRequest(`No more than ${maxActions} items are allowed; ${actions.length} were supplied.`)
  }
  for (const action of actions) {
    for (const name of ["label", "identifier", "description"] as const) {
      if (action[name].length > maxActionLength[name]) {
        return invalidRequest(
          `Only ${maxActionLength[name]} characters are allowed; ${action[name].length} were supplied.`
        )
      }
    }
  }
  return undefined
}

/** The fields laid over the run, with what GitHub derives from them. */
const apply = (run: CheckRun, fields: CheckRunFields, now: number): Either.Either<CheckRun, Rejection> => {
  const output = fields.output
  if (output !== undefined) {
    if (output.summary === undefined) {
      return Either.left(invalidRequest('"summary" wasn\'t supplied.'))
    }
    if (output.title === undefined && run.title === null) {
      return Either.left(invalidRequest('"title" wasn\'t supplied.'))
    }
    const refused = tooLong(output)
    if (refused) return Either.left(refused)
  }
  const refusedActions = refuseActions(fields.actions ?? [])
  if (refusedActions) return Either.left(refusedActions)
  // A conclusion completes the run even where no status is given, and completion needs a conclusion.
  const completes =
    fields.conclusion !== undefined || fields.status === "completed" || fields.completedAt !== undefined
  if (completes && fields.conclusion === undefined && run.conclusion === null) {
    return Either.left(invalidRequest('"conclusion" wasn\'t supplied.'))
  }
  const status = completes ? "completed" : (fields.status ?? run.status)
  return Either.right({
    ...run,
    name: fields.name ?? run.name,
    externalId: fields.externalId ?? run.externalId,
    detailsUrl: fields.detailsUrl ?? run.detailsUrl,
    status,
    conclusion: status === "completed" ? (fields.conclusion ?? run.conclusion) : null,
    startedAt: fields.startedAt ?? run.startedAt,
    completedAt: status === "completed" ? (fields.completedAt ?? run.completedAt ?? now) : null,
    title: output?.title ?? run.title,
    summary: output?.summary ?? run.summary,
    text: output?.text ?? run.text,
    annotations: run.annotations + (output?.annotations?.length ?? 0),
    actions: fields.actions ?? run.actions
  })
}

export const createCheckRun = (
  state: GithubState,
  repository: readonly [key: string, repository: Repository],
  input: CheckRunFields & { readonly name: string; readonly headSha: string },
  now: number
): Changed => {
  if (!repository[1].commits.has(input.headSha)) {
    return Either.left(new Rejection({ status: 422, message: `No commit found for SHA: ${input.headSha}` }))
  }
  const empty: CheckRun = {
    id: state.nextId,
    repository: repository[0],
    name: input.name,
    headSha: input.headSha,
    externalId: "",
    detailsUrl: null,
    status: "queued",
    conclusion: null,
    startedAt: now,
    completedAt: null,
    title: null,
    summary: null,
    text: null,
    annotations: 0,
    actions: []
  }
  return Either.map(apply(empty, input, now), (run) => [
    run,
    { ...state, nextId: state.nextId + 1, checkRuns: withEntry(state.checkRuns, run.id, run) }
  ])
}

export const findCheckRun = (
  state: GithubState,
  repository: string,
  id: string | undefined
): Either.Either<CheckRun, Rejection> => {
  const run = state.checkRuns.get(Number(id))
  return run?.repository === repository ? Either.right(run) : Either.left(notFound)
}

export const updateCheckRun = (
  state: GithubState,
  run: CheckRun,
  fields: CheckRunFields,
  now: number
): Changed =>
  Either.map(apply(run, fields, now), (updated) => [
    updated,
    { ...state, checkRuns: withEntry(state.checkRuns, updated.id, updated) }
  ])

/** The runs on a commit, newest first. `latest` keeps the newest of each name. */
export const checkRunsFor = (
  state: GithubState,
  repository: string,
  sha: string,
  filter: "latest" | "all" = "all"
): ReadonlyArray<CheckRun> => {
  const runs = [...state.checkRuns.values()]
    .filter((run) => run.repository === repository && run.headSha === sha)
    .sort((a, b) => b.id - a.id)
  return filter === "all"
    ? runs
    : runs.filter((run, index) => runs.findIndex((other) => other.name === run.name) === index)
}
