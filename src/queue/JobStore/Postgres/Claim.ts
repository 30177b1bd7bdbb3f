/** The part of the exchange's statement that claims: where it looks, and what keeps a job from running now. */
import type { Fragment } from "@effect/sql/Statement"
import type { WorkerId } from "../../Job.ts"
import type { QueueSettings } from "../../QueueSettings.ts"
import { interval, type Sql } from "./Sql.ts"

/**
 * How many waiting jobs one claim looks at in the queue's order. When so many can't run now, it looks into each
 * installation instead, and so one installation's backlog costs the others nothing.
 */
export const window = 64

/** How many waiting jobs of one installation are looked at then. */
const windowOfInstallation = 32

/** Null where the cap is switched off. */
const cap = ({ sql }: Sql, { perInstallation }: QueueSettings.Settings): Fragment =>
  sql`${Number.isFinite(perInstallation) ? perInstallation : null}::integer`

const isDue = ({ sql }: Sql, now: Fragment) =>
  sql`job.status = 'pending' and job.attempts < job.max_attempts and job.run_at <= ${now}`

const columns = "job.id, job.installation_id, job.repo_full_name, job.pr_number, job.priority, job.run_at"

/** Where a claim looks: a query for waiting jobs, free to run or not, at most a number that does not grow. */
export type Place = (context: Sql, settings: QueueSettings.Settings, now: Fragment) => Fragment

/** The front of the queue. Index review_jobs_claimable. */
export const front: Place = (context, settings, now) => context.sql`
  select ${context.sql.literal(columns)} from ${context.jobs} job
  where ${isDue(context, now)} and job.crashes < ${settings.quarantineAfter}
  order by job.priority, job.run_at, job.id
  limit ${context.sql.literal(String(window))}`

/** The front of each installation that has a free place. Index review_jobs_of_installation. */
export const everyInstallation: Place = (context, settings, now) => {
  const { jobs, sql } = context
  return sql`
  with recursive waiting (installation_id) as (
    (select installation_id from ${jobs} where status = 'pending' order by installation_id limit 1)
    union all
    select (
      select job.installation_id from ${jobs} job
      where job.status = 'pending' and job.installation_id > waiting.installation_id
      order by job.installation_id limit 1
    ) from waiting where waiting.installation_id is not null
  )
  select first.* from waiting
  cross join lateral (
    select ${sql.literal(columns)} from ${jobs} job
    where ${isDue(context, now)} and job.crashes < ${settings.quarantineAfter}
      and job.installation_id = waiting.installation_id
    order by job.priority, job.run_at, job.id
    limit ${sql.literal(String(windowOfInstallation))}
  ) first
  where waiting.installation_id is not null
    and (
      ${cap(context, settings)} is null
      or ${runningOf(context, sql`waiting.installation_id`)} < ${cap(context, settings)}
    )`
}

/** Jobs that have killed workers. Index review_jobs_crashed. */
export const quarantined: Place = (context, settings, now) => context.sql`
  select ${context.sql.literal(columns)} from ${context.jobs} job
  where ${isDue(context, now)} and job.crashes > 0 and job.crashes >= ${settings.quarantineAfter}
  order by job.priority, job.run_at, job.id
  limit ${context.sql.literal(String(window))}`

/** How many jobs of an installation run. Index review_jobs_one_slot. */
const runningOf = ({ jobs, sql }: Sql, installation: Fragment): Fragment => sql`(
  select count(*) from ${jobs} running
  where running.status = 'processing' and running.installation_id = ${installation}
)`

/** Whether nothing that runs keeps the row `job` from running as well. */
const isFree = (context: Sql, settings: QueueSettings.Settings): Fragment => {
  const { jobs, sql } = context
  return sql`
    not exists (
      select from ${jobs} running
      where running.status = 'processing'
        and running.repo_full_name = job.repo_full_name and running.pr_number = job.pr_number
    )
    and (
      ${cap(context, settings)} is null
      or ${runningOf(context, sql`job.installation_id`)} < ${cap(context, settings)}
    )`
}

/** Whether a quarantined job could run now. */
export const quarantinedIsDue = (context: Sql, settings: QueueSettings.Settings, now: Fragment): Fragment =>
  context.sql`exists (
    select from (${quarantined(context, settings, now)}) job where ${isFree(context, settings)}
  )`

/**
 * The CTEs `seen`, `due`, `chosen` and `claimed`. Candidates are locked in a CTE of their own, since within the UPDATE
 * the planner may lock more rows than LIMIT says. What two claims decide at once without seeing each other meets at
 * a unique index: review_jobs_one_running for the pull request, review_jobs_one_slot for the installation.
 */
export const claiming = (
  context: Sql,
  worker: WorkerId,
  limit: number,
  place: Place,
  settings: QueueSettings.Settings,
  now: Fragment
): Fragment => {
  const { jobs, sql } = context
  return sql`
    seen as (${place(context, settings, now)}), due as (
      select ${sql.literal(columns)}
      from seen
      join ${jobs} job on job.id = seen.id
      where job.status = 'pending' and ${isFree(context, settings)}
      order by seen.priority, seen.run_at, seen.id
      limit ${limit}
      for update of job skip locked
    ), first_of_pull as (
      select id, installation_id, row_number() over (
        partition by installation_id order by priority, run_at, id
      ) as nth
      from (
        select *, row_number() over (
          partition by repo_full_name, pr_number order by priority, run_at, id
        ) as nth_of_pull
        from due
      ) ranked
      where nth_of_pull = 1
    ), chosen as (
      select first_of_pull.id, place.slot
      from first_of_pull
      left join lateral (
        select slot from generate_series(0, ${cap(context, settings)} - 1) slot
        where not exists (
          select from ${jobs} running
          where running.status = 'processing'
            and running.installation_id = first_of_pull.installation_id and running.slot = slot
        )
        -- Each worker begins elsewhere, so that two seldom choose the same.
        order by (slot + ${worker}::bigint) % ${cap(context, settings)}
        offset first_of_pull.nth - 1 limit 1
      ) place on true
      where ${cap(context, settings)} is null or place.slot is not null
      -- The same order in every worker, so that two claims that meet at the index seldom wait for each other.
      order by first_of_pull.installation_id, place.slot
    ), claimed as (
      update ${jobs} job
      set status = 'processing', lease_epoch = lease_epoch + 1, worker_id = ${worker}, slot = chosen.slot,
        started_at = ${now}, lease_expires_at = ${now} + ${interval(context, settings.lease)}
      from chosen
      where job.id = chosen.id
      returning job.*
    )`
}
