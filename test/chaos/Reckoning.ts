/** What came of it: nothing lost, nothing doubled, and how quickly the jobs of killed workers were started again. */
import * as SqlClient from "@effect/sql/SqlClient"
import { Effect, Schema } from "effect"
import { JobId, JobStatus } from "../../src/queue/Job.ts"
import type { Enqueued } from "../../src/queue/JobStore.ts"
import { QueueSettings } from "../../src/queue/QueueSettings.ts"
import type { Kill } from "./Fleet.ts"

const Row = Schema.Struct({
  id: Schema.NumberFromString.pipe(Schema.compose(JobId)),
  status: JobStatus,
  /** How many reviews of this work, as it was asked for last, the outside shows. */
  visible: Schema.NumberFromString
})
type Row = typeof Row.Type

const Double = Schema.Struct({ work: Schema.String, visible: Schema.NumberFromString, by: Schema.String })
type Double = typeof Double.Type

const Restart = Schema.Struct({
  pid: Schema.Int,
  worker_started: Schema.DateFromSelf,
  rescued: Schema.DateFromSelf,
  started: Schema.DateFromSelf,
  /** Whether it had killed so many workers that it had to wait until it could run alone. */
  alone: Schema.Boolean
})
/** A job of a dead worker that was started again. */
export type Restart = typeof Restart.Type

const terminal: ReadonlySet<JobStatus> = new Set(["completed", "failed", "cancelled"])

/** Every enqueue that was answered must have come to an end, and every review that is said to be done must be there. */
export const lost = (answers: ReadonlyArray<Enqueued>, rows: ReadonlyArray<Row>): ReadonlyArray<string> => {
  const byId = new Map(rows.map((row) => [row.id, row]))
  const unfinished = [...new Set(answers.map(({ id }) => id))].flatMap((id) => {
    const row = byId.get(id)
    if (row === undefined) return [`job ${id} was answered, and is not there`]
    return terminal.has(row.status) ? [] : [`job ${id} is still ${row.status}`]
  })
  const unseen = rows
    .filter(({ status, visible }) => status === "completed" && visible === 0)
    .map(({ id }) => `job ${id} is completed, and its review is not there`)
  return [...unfinished, ...unseen]
}

/** One for each review that is too many. */
export const doubled = (works: ReadonlyArray<Double>): ReadonlyArray<string> =>
  works.flatMap(({ by, visible, work }) =>
    Array.from({ length: visible - 1 }, () => `${work} has ${visible} reviews, by ${by}`)
  )

/** A job that a killed process held, in milliseconds since the kill. */
export interface Recovery {
  /** Until it was found and given back to the queue. */
  readonly rescued: number
  /** Until it was claimed: it may have had to wait for its turn. */
  readonly started: number
  readonly alone: boolean
}

/** A job that was not started again, since it had been asked to stop or had killed too many, has none. */
export const recoveries = (
  kills: ReadonlyArray<Kill>,
  restarts: ReadonlyArray<Restart>
): ReadonlyArray<Recovery> =>
  restarts.flatMap(({ alone, pid, rescued, started, worker_started }) => {
    // Numbers of processes are used again, so the kill must lie between the worker's start and its job's rescue.
    const kill = kills.find(
      (one) => one.pid === pid && worker_started.getTime() <= one.at && one.at <= rescued.getTime()
    )
    return kill === undefined
      ? []
      : [{ rescued: rescued.getTime() - kill.at, started: started.getTime() - kill.at, alone }]
  })

export interface Percentiles {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** By nearest rank; all zero when there is nothing. */
export const percentiles = (values: ReadonlyArray<number>): Percentiles => {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}

const decode =
  <A, I>(schema: Schema.Schema<A, I>) =>
  (rows: unknown) =>
    Effect.orDie(Schema.decodeUnknown(Schema.Array(schema))(rows))

/** Reads what the reckoning is made of. */
export const read = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`
    select job.id, job.status, (
      select count(*) from outside.reviews review
      where review.pull_request = job.repo_full_name || '#' || job.pr_number and review.commit_sha = job.commit_sha
        and review.generation = job.generation and review.state = 'visible'
    ) as visible
    from review_jobs job`
  const doubles = yield* sql`
    select pull_request || ' at ' || commit_sha || ' (generation ' || generation || ')' as work,
      count(*) as visible, string_agg('job ' || job_id || ' under epoch ' || epoch, ', ' order by id) as by
    from outside.reviews where state = 'visible'
    group by pull_request, commit_sha, generation having count(*) > 1`
  const restarts = yield* sql`
    select worker.pid, worker.started_at as worker_started, died.at as rescued, next.at as started,
      ${QueueSettings.defaults.quarantineAfter}::integer <= (
        select count(*) from job_transitions earlier
        where earlier.job_id = died.job_id and earlier.id <= died.id and earlier.why ->> '_tag' = 'WorkerDied'
      ) as alone
    from job_transitions died
    join workers worker on worker.id = died.worker_id
    cross join lateral (
      select * from job_transitions next
      where next.job_id = died.job_id and next.id > died.id
      order by next.id limit 1
    ) next
    where died.why ->> '_tag' = 'WorkerDied' and next.to_status = 'processing'`
  return {
    rows: yield* decode(Row)(rows),
    doubles: yield* decode(Double)(doubles),
    restarts: yield* decode(Restart)(restarts)
  }
}).pipe(Effect.orDie)
