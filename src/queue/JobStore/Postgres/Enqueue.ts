import { Array as Arr, Effect, Option, Schema } from "effect"
import { type NewJob, priorityOf, type Subject } from "../../Job.ts"
import type { Enqueued, PullRequestKey } from "../../JobStore.ts"
import type { Reason } from "../../Transition.ts"
import { EnqueuedRow, IdRow } from "./Rows.ts"
import { atomicOperation, json, lockPullRequest, operation, type Sql, storable, why } from "./Sql.ts"

const fullName = ({ owner, repo }: PullRequestKey) => `${owner}/${repo}`
const decodeIds = Schema.decodeUnknown(Schema.Array(IdRow))
const ids = (rows: unknown) =>
  Effect.map(Effect.orDie(decodeIds(rows)), (decoded) => decoded.map((row) => row.id))

/** Cancels what is pending and asks what runs to stop; tells what was cancelled. */
const stopAll = Effect.fnUntraced(function* (
  context: Sql,
  key: PullRequestKey,
  message: string,
  only?: Pick<Subject, "commitSha">
) {
  const { jobs, ledger, sql } = context
  const now = yield* context.now
  const reason: Reason = { _tag: "Cancelled", message }
  // One UPDATE for both states: a row that a worker claims or puts back at this moment is judged by its new state.
  const rows = yield* sql`
    with stopped as (
      update ${jobs}
      set status = case status when 'pending' then 'cancelled' else status end,
        completed_at = case status when 'pending' then ${now} else completed_at end,
        error_message = case status when 'pending' then ${storable(message)} else error_message end,
        cancel_requested_at = case status when 'processing' then ${now} end,
        cancel_message = case status when 'processing' then ${storable(message)} end
      where repo_full_name = ${fullName(key)} and pr_number = ${key.pullRequest}
        and status in ('pending', 'processing') and cancel_requested_at is null and position('/' in kind) = 0
        and ${only === undefined ? sql`true` : sql`commit_sha = ${only.commitSha}`}
      returning id, lease_epoch, status, completed_at
    ), ledger as (
      insert into ${ledger} (job_id, epoch, from_status, to_status, why, at)
      select id, lease_epoch, 'pending', 'cancelled', ${why(context, reason)}, completed_at
      from stopped where status = 'cancelled'
    )
    select id from stopped where status = 'cancelled' order by id`
  return yield* ids(rows)
})

/** What the function `holdfast_enqueue` takes for one job; see migrations/0004_queue_at_scale.sql. */
const requestOf = (job: NewJob, maxAttempts: number) => ({
  installation_id: job.subject.installationId,
  repo_full_name: fullName(job.subject),
  owner: job.subject.owner,
  repo: job.subject.repo,
  pr_number: job.subject.pullRequest,
  pr_title: job.subject.title,
  commit_sha: job.subject.commitSha,
  base_branch: job.subject.baseBranch,
  kind: job.kind ?? "review",
  payload: job.payload ?? {},
  trigger: job.trigger,
  generation: job.generation ?? 0,
  priority: job.priority ?? priorityOf(job.trigger),
  max_attempts: job.maxAttempts ?? maxAttempts,
  delay: (job.delayMillis ?? 0) / 1000
})

const decodeAnswers = Schema.decodeUnknown(Schema.Array(EnqueuedRow))

/** Jobs about different pull requests, in one statement. */
const enqueueApart = (context: Sql, jobs: ReadonlyArray<NewJob>, maxAttempts: number) =>
  Effect.gen(function* () {
    const now = yield* context.now
    const requests = jobs.map((job) => requestOf(job, maxAttempts))
    const rows = yield* context.sql`select * from ${context.enqueue}(${json(context, requests)}, ${now})`
    return yield* Effect.orDie(decodeAnswers(rows))
  }).pipe(
    // A job for the same work was there, and was over before it could be told: what is there now is there to stay.
    Effect.repeat({ until: (answers) => answers.every((answer) => answer.id !== null) }),
    Effect.map((answers) =>
      answers.flatMap(
        ({ created, id, superseded }): ReadonlyArray<Enqueued> =>
          id === null ? [] : [{ id, created, superseded }]
      )
    ),
    operation("JobStore.enqueue")
  )

export const enqueue = (context: Sql, job: NewJob, maxAttempts: number) =>
  Effect.flatMap(enqueueApart(context, [job], maxAttempts), (answers) => Effect.orDie(Arr.head(answers)))

/** The positions of jobs in rounds, in each of which a pull request occurs once. */
const rounds = (jobs: ReadonlyArray<NewJob>): ReadonlyArray<ReadonlyArray<number>> => {
  const all: Array<Array<number>> = []
  const occurrences = new Map<string, number>()
  jobs.forEach(({ subject }, position) => {
    const key = `${fullName(subject)}#${subject.pullRequest}`
    const round = occurrences.get(key) ?? 0
    occurrences.set(key, round + 1)
    const positions = all[round]
    if (positions === undefined) all.push([position])
    else positions.push(position)
  })
  return all
}

export const enqueueAll = (context: Sql, jobs: ReadonlyArray<NewJob>, maxAttempts: number) =>
  Effect.gen(function* () {
    const answers = new Map<number, Enqueued>()
    for (const positions of rounds(jobs)) {
      const round = positions.flatMap((position) => Option.toArray(Arr.get(jobs, position)))
      const enqueued = yield* enqueueApart(context, round, maxAttempts)
      for (const [position, answer] of Arr.zip(positions, enqueued)) answers.set(position, answer)
    }
    return jobs.flatMap((_, position) => Option.toArray(Option.fromNullable(answers.get(position))))
  }).pipe(atomicOperation("JobStore.enqueueAll", context))

export const cancelPullRequest = (
  context: Sql,
  key: PullRequestKey,
  message: string,
  only?: Pick<Subject, "commitSha">
) =>
  lockPullRequest(context, fullName(key), key.pullRequest).pipe(
    Effect.zipRight(stopAll(context, key, message, only)),
    atomicOperation("JobStore.cancelPullRequest", context)
  )
