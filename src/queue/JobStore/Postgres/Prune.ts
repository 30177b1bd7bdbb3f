import { Duration, Effect } from "effect"
import type { QueueSettings } from "../../QueueSettings.ts"
import { interval, operation, type Sql } from "./Sql.ts"

/** So many at once that a backlog of a million is gone in an hour, and so few that nobody notices. */
const batch = 500

/** How long a worker that gives no sign of life is remembered. */
const remembered = Duration.days(1)

/**
 * Deletes the oldest jobs that are kept no longer. Index review_jobs_finished finds them; a job's steps go with it by
 * their foreign key, and what was reviewed is remembered without it.
 */
export const prune = (context: Sql, settings: QueueSettings.Settings) =>
  Effect.gen(function* () {
    const { jobs, ledger, sql, workers } = context
    const now = yield* context.now
    const old = (status: string, kept: QueueSettings.Settings["retainEnded"]) => sql`(
      select id from ${jobs}
      where status = ${status} and completed_at < ${now} - ${interval(context, kept)}
      order by completed_at limit ${batch}
    )`
    const rows = yield* sql`
      with old as (
        select id from ${jobs} where id in (
          ${old("completed", settings.retainCompleted)}
          union all ${old("failed", settings.retainEnded)}
          union all ${old("cancelled", settings.retainEnded)}
          limit ${batch}
        )
        for update skip locked
      ), lines as (
        delete from ${ledger} where job_id in (select id from old)
      ), killed as (
        -- Workers that were killed never sign off. One that holds a job stays, so that the rescue can tell who died.
        delete from ${workers} worker
        where worker.last_beat_at < ${now} - ${interval(context, remembered)}
          and not exists (
            select from ${jobs} job where job.status = 'processing' and job.installation_id > 0 and job.worker_id = worker.id
          )
      )
      delete from ${jobs} where id in (select id from old)
      returning id`
    return rows.length
  }).pipe(operation("JobStore.prune"))
