-- The queue under load: a cap per installation that holds across all workers, jobs that kill workers kept apart,
-- enqueueing in one round trip, and nothing on the way of a claim that grows with the number of finished jobs.

-- Which of its installation's places a running job takes. Null where the cap is switched off.
alter table review_jobs add column slot integer;

-- The cap per installation: two claims that choose the same place meet here, and the later one fails. Also serves
-- whoever looks at running jobs: rescue, the count of an installation's running jobs.
create unique index review_jobs_one_slot on review_jobs (installation_id, slot) where status = 'processing';

-- It made each beat, which moves lease_expires_at, write to every index of the row.
drop index review_jobs_running;

-- Finds an installation's first waiting jobs without walking past another's, however many those are.
create index review_jobs_of_installation on review_jobs (installation_id, priority, run_at, id)
  where status = 'pending';

-- Finds the jobs that have killed workers among those that wait.
create index review_jobs_crashed on review_jobs (priority, run_at, id) where status = 'pending' and crashes > 0;

-- Lists by state and age, and finds what is old enough to be deleted. It had one entry for each row in each state; now
-- jobs enter it only when they are over.
drop index review_jobs_status_created;
create index review_jobs_finished on review_jobs (status, completed_at)
  where status in ('completed', 'failed', 'cancelled');

-- The ledger is written in the statement that changes the job, so a foreign key proves nothing there, and checking it
-- cost a fifth of a claim. Pruning deletes a job's lines together with it.
alter table job_transitions drop constraint job_transitions_job_id_fkey;

-- Which transaction wrote the line. Ids are drawn before they are committed, so "after the last id that I saw" can miss
-- lines; "of transactions that were over before the oldest open one" can't.
alter table job_transitions add column xid xid8 not null default pg_current_xact_id();
create index job_transitions_xid on job_transitions (xid, id);

/*
 * Enqueues requests about different pull requests, and answers in their order. A function, because what concerns one
 * pull request is serialised by a lock, and what comes after the lock must see what was committed while it was waited
 * for: a statement of its own, or of a function. So it takes one round trip, and a caller's transaction can hold it.
 *
 * An answer without an id: a job for the same work stood in the way, and was over before it could be told; ask again.
 */
create function holdfast_enqueue(requests jsonb, at timestamptz)
  returns table (ordinal bigint, id bigint, created boolean, superseded bigint[])
  language plpgsql
  set search_path from current
as $$
#variable_conflict use_column
declare
  pull record;
begin
  for pull in
    select distinct hashtext(current_schema() || ':' || request.repo_full_name) as repository, request.pr_number
    from jsonb_to_recordset(requests) as request (repo_full_name text, pr_number integer)
    order by 1, 2
  loop
    perform pg_advisory_xact_lock(pull.repository, pull.pr_number);
  end loop;

  return query
  with request as (
    select * from rows from (
      jsonb_to_recordset(requests) as (
        installation_id bigint, repo_full_name text, owner text, repo text, pr_number integer, pr_title text,
        commit_sha text, base_branch text, kind text, payload jsonb, trigger text, generation integer,
        priority integer, max_attempts integer, delay double precision
      )
    ) with ordinality as request (
      installation_id, repo_full_name, owner, repo, pr_number, pr_title, commit_sha, base_branch, kind, payload,
      trigger, generation, priority, max_attempts, delay, ordinal
    )
  ), enqueued as (
    insert into review_jobs (
      installation_id, repo_full_name, owner, repo, pr_number, pr_title, commit_sha, base_branch,
      kind, payload, trigger, generation, priority, max_attempts, created_at, run_at
    )
    select installation_id, repo_full_name, owner, repo, pr_number, pr_title, commit_sha, base_branch,
      kind, payload, trigger, generation, priority, max_attempts, at, at + make_interval(secs => delay)
    from request
    order by ordinal
    on conflict (repo_full_name, pr_number, commit_sha, kind, generation)
      where status in ('pending', 'processing', 'completed') and cancel_requested_at is null
      do nothing
    returning id, repo_full_name, pr_number, commit_sha, kind, trigger
  ), stopped as (
    -- One UPDATE for both states: a row that a worker claims or puts back at this moment is judged by its new state.
    update review_jobs job
    set status = case job.status when 'pending' then 'cancelled' else job.status end,
      completed_at = case job.status when 'pending' then at else job.completed_at end,
      error_message = case job.status
        when 'pending' then 'superseded by job ' || newer.id else job.error_message end,
      cancel_requested_at = case job.status when 'processing' then at end,
      superseded_by = newer.id
    from enqueued newer
    where job.repo_full_name = newer.repo_full_name and job.pr_number = newer.pr_number
      and job.status in ('pending', 'processing') and job.cancel_requested_at is null
      and job.kind = newer.kind and job.commit_sha <> newer.commit_sha
    returning job.id, job.lease_epoch, job.status, job.superseded_by
  ), ledger as (
    insert into job_transitions (job_id, epoch, from_status, to_status, why, at)
    select id, 0, null, 'pending', jsonb_build_object('_tag', 'Enqueued', 'trigger', trigger), at from enqueued
    union all
    select id, lease_epoch, 'pending', 'cancelled', jsonb_build_object('_tag', 'Superseded', 'by', superseded_by), at
    from stopped where status = 'cancelled'
  )
  select request.ordinal, coalesce(enqueued.id, same.id), enqueued.id is not null,
    coalesce(
      (
        select array_agg(stopped.id order by stopped.id) from stopped
        where stopped.superseded_by = enqueued.id and stopped.status = 'cancelled'
      ),
      '{}'
    )
  from request
  left join enqueued
    on enqueued.repo_full_name = request.repo_full_name and enqueued.pr_number = request.pr_number
  left join review_jobs same
    on enqueued.id is null
    and same.repo_full_name = request.repo_full_name and same.pr_number = request.pr_number
    and same.commit_sha = request.commit_sha and same.kind = request.kind and same.generation = request.generation
    and same.status in ('pending', 'processing', 'completed') and same.cancel_requested_at is null
  order by request.ordinal;

  -- Equal hints of one transaction are merged, and sent when it commits.
  perform pg_notify('holdfast_' || md5(current_schema()), '');
end
$$;
