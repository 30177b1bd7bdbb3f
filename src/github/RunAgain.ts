/**
 * The commands that a check asks for: "Re-run" on a check run or on all checks of a commit, or one of our buttons.
 *
 * Which pull request is meant is for our own jobs to say, since GitHub names none from a fork: a check run bears the id
 * of its job as `external_id`, and a commit is looked up among the heads that jobs were made for.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type * as SqlError from "@effect/sql/SqlError"
import { Effect, Option, Schema } from "effect"
import { JobId, type NewJob, type Subject } from "../queue/Job.ts"
import type { StoreUnavailable } from "../queue/JobError.ts"
import { JobStore } from "../queue/JobStore.ts"
import { commandJob, reviewFull } from "./Command.ts"

export interface RunAgain {
  readonly installationId: number
  readonly owner: string
  readonly repo: string
  readonly headSha: string
  /** Of the check run; none where all checks of the commit are meant. */
  readonly externalId: Option.Option<string>
  readonly login: string
  /** As far as GitHub says. */
  readonly number: Option.Option<number>
}

type Named = Pick<Subject, "pullRequest" | "title">

const decodeId = Schema.decodeOption(Schema.compose(Schema.NumberFromString, JobId))
const Rows = Schema.Array(Schema.Struct({ pullRequest: Schema.Int, title: Schema.String }))
const decodeRows = Schema.decodeUnknown(Rows)

const ofJob = ({ externalId, owner, repo }: RunAgain) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    const id = Option.flatMap(externalId, decodeId)
    if (Option.isNone(id)) return Option.none<Named>()
    return Option.map(
      // Another deployment under the same App counts its jobs anew.
      Option.filter(
        yield* store.find(id.value),
        ({ subject }) => subject.owner === owner && subject.repo === repo
      ),
      ({ subject }): Named => subject
    )
  })

const ofCommit = ({ headSha, owner, repo }: RunAgain) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`
      select distinct on (pr_number) pr_number as "pullRequest", pr_title as title from review_jobs
      where repo_full_name = ${`${owner}/${repo}`} and commit_sha = ${headSha} and kind = 'review'
      order by pr_number, id desc`
  ).pipe(Effect.flatMap((rows) => Effect.orDie(decodeRows(rows))))

const meant = (wanted: RunAgain) =>
  Effect.gen(function* () {
    const said = Option.map(wanted.number, (pullRequest): Named => ({ pullRequest, title: "" }))
    if (Option.isSome(wanted.externalId))
      return Option.toArray(Option.orElse(yield* ofJob(wanted), () => said))
    const known: ReadonlyArray<Named> = yield* ofCommit(wanted)
    const isKnown = known.some(({ pullRequest }) => Option.contains(wanted.number, pullRequest))
    return isKnown ? known : [...known, ...Option.toArray(said)]
  })

/**
 * A command for each pull request that is meant.
 *
 * @param delivery the webhook's GUID: each press is another, and a redelivery the same
 */
export const runAgainJobs = (
  wanted: RunAgain,
  delivery: string
): Effect.Effect<
  ReadonlyArray<NewJob>,
  SqlError.SqlError | StoreUnavailable,
  JobStore | SqlClient.SqlClient
> =>
  Effect.map(meant(wanted), (pullRequests) =>
    pullRequests.map((named) =>
      commandJob({ ...wanted, ...named }, `check-${delivery}`, {
        login: wanted.login,
        command: reviewFull,
        comment: null
      })
    )
  )
