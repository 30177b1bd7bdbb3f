-- The queue under load: a cap per installation that holds across all workers, jobs that kill workers kept apart,
-- enqueueing in one round trip, and nothing on the way of a claim that grows with the number of finished jobs.

-- Which of its installation's places a running job takes. Null where the cap is switched off.
alter table review_jobs add column slot integer;

-- The cap per installation: two claims that choose the same place meet here, and the later one fails. Also serves
-- whoever looks at running jobs: rescue, the count of an installation's running jobs.
create unique index review_jobs_one_slot on review_jobs (installation_id, slot) where status = 'processing';

-- It made each beat, which moves lease_expires_at, write to every index of the row.
drop index review_jobs_running;

-- Finds an installation's first waiting jobs without walking past another's, however many those are. Its condition is
-- one more than the claim's own, so that no plan for the front of the queue can use it.
create index review_jobs_of_installation on review_jobs (installation_id, priority, run_at, id)
  where status = 'pending' and installation_id > 0;

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
  -- A table that has grown in the last minute is still small to the planner: every row is to be asked for by its key.
  set enable_seqscan = off
  set enable_hashjoin = off
  set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  pull record;
  made bigint[];
  stopped jsonb;
begin
  for pull in
    -- One of 1024 locks serves several pull requests: the server's table of locks holds some thousands, and a batch can
    -- have more pull requests than that.
    select distinct hashtext(request.repo_full_name || '#' || request.pr_number) & 1023 as lock
    from jsonb_to_recordset(requests) as request (repo_full_name text, pr_number integer)
    order by 1
  loop
    perform pg_advisory_xact_lock(hashtext('holdfast:pull:' || current_schema()), pull.lock);
  end loop;

  with enqueued as (
    insert into review_jobs (
      installation_id, repo_full_name, owner, repo, pr_number, pr_title, commit_sha, base_branch,
      kind, payload, trigger, generation, priority, max_attempts, created_at, run_at
    )
    select installation_id, repo_full_name, owner, repo, pr_number, pr_title, commit_sha, base_branch,
      kind, payload, trigger, generation, priority, max_attempts, at, at + make_interval(secs => delay)
    from rows from (
      jsonb_to_recordset(requests) as (
        installation_id bigint, repo_full_name text, owner text, repo text, pr_number integer, pr_title text,
        commit_sha text, base_branch text, kind text, payload jsonb, trigger text, generation integer,
        priority integer, max_attempts integer, delay double precision
      )
    ) with ordinality as request (
      installation_id, repo_full_name, owner, repo, pr_number, pr_title, commit_sha, base_branch, kind, payload,
      trigger, generation, priority, max_attempts, delay, ordinal
    )
    order by ordinal
    on conflict (repo_full_name, pr_number, commit_sha, kind, generation)
      where status in ('pending', 'processing', 'completed') and cancel_requested_at is null
      do nothing
    returning id, trigger
  ), ledger as (
    insert into job_transitions (job_id, epoch, from_status, to_status, why, at)
    select id, 0, null, 'pending', jsonb_build_object('_tag', 'Enqueued', 'trigger', trigger), at from enqueued
  )
  select coalesce(array_agg(id), '{}') into made from enqueued;

  with older as (
    select older.id, newer.id as by
    from unnest(made) as enqueued (id)
    cross join lateral (select * from review_jobs job where job.id = enqueued.id offset 0) newer
    cross join lateral (
      select job.id from review_jobs job
      where job.repo_full_name = newer.repo_full_name and job.pr_number = newer.pr_number
        and job.status in ('pending', 'processing') and job.cancel_requested_at is null
        and job.kind = newer.kind and job.commit_sha <> newer.commit_sha
      for update
    ) older
  ), asked as (
    -- One UPDATE for both states: a row that a worker claims or puts back at this moment is judged by its new state.
    update review_jobs job
    set status = case job.status when 'pending' then 'cancelled' else job.status end,
      completed_at = case job.status when 'pending' then at else job.completed_at end,
      error_message = case job.status when 'pending' then 'superseded by job ' || older.by else job.error_message end,
      cancel_requested_at = case job.status when 'processing' then at end,
      superseded_by = older.by
    from older
    where job.id = older.id
    returning job.id, job.lease_epoch, job.status, job.superseded_by
  ), ledger as (
    insert into job_transitions (job_id, epoch, from_status, to_status, why, at)
    select id, lease_epoch, 'pending', 'cancelled', jsonb_build_object('_tag', 'Superseded', 'by', superseded_by), at
    from asked where status = 'cancelled'
  )
  select coalesce(jsonb_object_agg(by, ids), '{}') into stopped
  from (
    select superseded_by as by, jsonb_agg(id order by id) as ids
    from asked where status = 'cancelled' group by superseded_by
  ) cancelled;

  return query
  select request.ordinal, same.id, coalesce(same.id = any (made), false),
    array(select jsonb_array_elements_text(stopped -> same.id::text)::bigint)
  from rows from (
    jsonb_to_recordset(requests) as (
      repo_full_name text, pr_number integer, commit_sha text, kind text, generation integer
    )
  ) with ordinality as request (repo_full_name, pr_number, commit_sha, kind, generation, ordinal)
  left join lateral (
    select job.id from review_jobs job
    where job.repo_full_name = request.repo_full_name and job.pr_number = request.pr_number
      and job.commit_sha = request.commit_sha and job.kind = request.kind and job.generation = request.generation
      and job.status in ('pending', 'processing', 'completed') and job.cancel_requested_at is null
    limit 1
  ) same on true
  order by request.ordinal;

  -- Equal hints of one transaction are merged, and sent when it commits.
  perform pg_notify('holdfast_' || md5(current_schema()), '');
end
$$;

/*
 * Writes what became of jobs, and claims others: both in one round trip and one commit. A function, because a claim must
 * see the places that the settlements have just freed, and because its plan must not depend on the statistics of the
 * moment: a backlog that has come in a minute looks like an empty table to the planner, which then sorts all of it
 * for every claim. With these settings the order comes from an index.
 *
 * settlements: [{id, epoch, outcome, counted, snoozed, delay, why, message}]; outcome `pending` puts the job back, unless
 * it was asked to stop or that was its last attempt. cap: null for none. alone: claims one quarantined job instead.
 *
 * levels: [{priority, since}], where to begin to look at each priority; null for the very beginning. Claimed jobs leave
 * dead entries at the front of the index, and while an old transaction keeps them from being cleared away, every look
 * from the beginning walks over all of them. The answer tells where each priority's first waiting job was found.
 *
 * What two claims decide at the same moment meets at a unique index (review_jobs_one_running for the pull request,
 * review_jobs_one_slot for the installation): the later one fails whole with 23505, and is to be sent again.
 */
create function holdfast_exchange(
  worker bigint, settlements jsonb, wanted integer, alone boolean, cap integer, quarantine_after integer,
  lease interval, levels jsonb, at timestamptz
)
  returns jsonb
  language plpgsql
  set search_path from current
  set enable_sort = off
  set enable_seqscan = off
  set enable_bitmapscan = off
  set enable_hashjoin = off
  set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  -- How many waiting jobs a claim looks at in the queue's order. When so many can't run now, it looks into each
  -- installation instead, and so one installation's backlog costs the others nothing.
  front constant integer := greatest(64, 2 * wanted);
  front_of_installation constant integer := 32;
  written jsonb := '[]';
  seen bigint[];
  claimed jsonb;
  jobs jsonb := '[]';
  everywhere boolean := alone;
  quarantined boolean := false;
  began timestamptz;
  looked double precision := 0;
  found jsonb := '{}';
begin
  if settlements <> '[]' then
    with request as (
      select * from jsonb_to_recordset(settlements) as request (
        id bigint, epoch bigint, outcome text, counted integer, snoozed integer, delay double precision,
        why jsonb, message text
      )
    ), held as (
      select job.id, request.counted, request.snoozed, request.delay,
        case
          when request.outcome <> 'pending' then request.outcome
          when job.cancel_requested_at is not null then 'cancelled'
          when request.counted = 1 and job.attempts + 1 >= job.max_attempts then 'failed'
          else 'pending'
        end as next,
        case
          when request.outcome <> 'pending' or job.cancel_requested_at is null then request.why
          when job.superseded_by is not null then jsonb_build_object('_tag', 'Superseded', 'by', job.superseded_by)
          else jsonb_build_object('_tag', 'Cancelled', 'message', coalesce(job.cancel_message, 'cancelled'))
        end as why,
        case
          when request.outcome = 'completed' then null
          when request.outcome <> 'pending' or job.cancel_requested_at is null
            then coalesce(request.message, job.error_message)
          when job.superseded_by is not null then 'superseded by job ' || job.superseded_by
          else coalesce(job.cancel_message, 'cancelled')
        end as message
      -- By id, as a beat goes, so that the two can't wait for each other.
      from (select * from request order by id) request
      cross join lateral (
        select * from review_jobs job
        where job.id = request.id and job.lease_epoch = request.epoch
          -- "=" would let the planner walk over a whole partial index instead of asking for the id.
          and job.status is not distinct from 'processing' and job.worker_id = worker
        for update
      ) job
    ), settled as (
      update review_jobs job
      set status = held.next,
        attempts = case when held.next = 'cancelled' then attempts else attempts + held.counted end,
        snoozes = case when held.next = 'cancelled' then snoozes else snoozes + held.snoozed end,
        error_message = held.message, worker_id = null, lease_expires_at = null, slot = null,
        run_at = case when held.next = 'pending' then at + make_interval(secs => held.delay) else run_at end,
        started_at = case when held.next in ('completed', 'cancelled') then started_at end,
        completed_at = case when held.next = 'pending' then null else at end
      from held
      where job.id = held.id
      returning job.id, job.lease_epoch, job.status, held.why
    ), ledger as (
      insert into job_transitions (job_id, epoch, from_status, to_status, why, worker_id, at)
      select id, lease_epoch, 'processing', status, why, worker, at from settled
    )
    select coalesce(jsonb_agg(jsonb_build_object('id', id, 'epoch', lease_epoch)), '[]') into written from settled;
  end if;

  if wanted > 0 then
    if alone then
      seen := array(
        select job.id from review_jobs job
        where job.status = 'pending' and job.crashes > 0 and job.crashes >= quarantine_after
          and job.attempts < job.max_attempts and job.run_at <= at
        order by job.priority, job.run_at, job.id
        limit front
      );
    elsif levels is null then
      began := clock_timestamp();
      with front_rows as (
        select job.id, job.priority, job.run_at from review_jobs job
        where job.status = 'pending' and job.attempts < job.max_attempts and job.crashes < quarantine_after
          and job.run_at <= at
        order by job.priority, job.run_at, job.id
        limit front
      ), first_rows as (
        select priority, min(run_at) as run_at from front_rows group by priority
      )
      select coalesce(array_agg(id order by priority, run_at, id), '{}'),
        coalesce((select jsonb_object_agg(priority, run_at) from first_rows), '{}')
      into seen, found from front_rows;
      looked := extract(epoch from clock_timestamp() - began) * 1000;
    else
      with front_rows as (
        select job.id, job.priority, job.run_at
        from (
          select * from jsonb_to_recordset(levels) as level (priority integer, since timestamptz) order by priority
        ) level
        cross join lateral (
          select job.id, job.priority, job.run_at from review_jobs job
          where job.status = 'pending' and job.attempts < job.max_attempts and job.crashes < quarantine_after
            and job.priority = level.priority and job.run_at >= level.since and job.run_at <= at
          order by job.run_at, job.id
          limit front
        ) job
        limit front
      ), first_rows as (
        select priority, min(run_at) as run_at from front_rows group by priority
      )
      select coalesce(array_agg(id order by priority, run_at, id), '{}'),
        coalesce((select jsonb_object_agg(priority, run_at) from first_rows), '{}')
      into seen, found from front_rows;
    end if;

    loop
      with due as (
        select job.id, job.installation_id, job.repo_full_name, job.pr_number, place.nth
        from unnest(seen) with ordinality as place (id, nth)
        cross join lateral (
          select * from review_jobs job
          where job.id = place.id and job.status is not distinct from 'pending'
            and not exists (
              select from review_jobs running
              where running.status = 'processing'
                and running.repo_full_name = job.repo_full_name and running.pr_number = job.pr_number
            )
            and (
              cap is null
              or cap > (
                select count(*) from review_jobs running
                where running.status = 'processing' and running.installation_id = job.installation_id
              )
            )
          for update skip locked
        ) job
        limit wanted - jsonb_array_length(jobs)
      ), first_of_pull as (
        select id, installation_id, row_number() over (partition by installation_id order by nth) as nth
        from (
          select *, row_number() over (partition by repo_full_name, pr_number order by nth) as nth_of_pull from due
        ) ranked
        where nth_of_pull = 1
      ), chosen as (
        select first_of_pull.id, free.slot
        from first_of_pull
        left join lateral (
          select place.slot from generate_series(0, cap - 1) as place (slot)
          where not exists (
            select from review_jobs running
            where running.status = 'processing'
              and running.installation_id = first_of_pull.installation_id and running.slot = place.slot
          )
          -- Each worker begins elsewhere, so that two seldom choose the same.
          order by (place.slot + worker) % cap
          offset first_of_pull.nth - 1 limit 1
        ) free on true
        where cap is null or free.slot is not null
        -- The same order in every worker, so that two claims that meet at the index seldom wait for each other.
        order by first_of_pull.installation_id, free.slot
      ), started as (
        update review_jobs job
        set status = 'processing', lease_epoch = lease_epoch + 1, worker_id = worker, slot = chosen.slot,
          started_at = at, lease_expires_at = at + lease
        from chosen
        where job.id = chosen.id
        returning job.*
      ), ledger as (
        insert into job_transitions (job_id, epoch, from_status, to_status, why, worker_id, at)
        select id, lease_epoch, 'pending', 'processing', '{"_tag": "Claimed"}', worker, at from started
        order by priority, run_at, id
      )
      select coalesce(jsonb_agg(to_jsonb(started) order by priority, run_at, id), '[]') into claimed from started;

      jobs := jobs || claimed;
      exit when everywhere or jsonb_array_length(jobs) >= wanted or cardinality(seen) < front;
      everywhere := true;
      seen := array(
        with recursive waiting (installation_id) as (
          (
            select installation_id from review_jobs
            where status = 'pending' and installation_id > 0
            order by installation_id limit 1
          )
          union all
          select (
            select job.installation_id from review_jobs job
            where job.status = 'pending' and job.installation_id > 0
              and job.installation_id > waiting.installation_id
            order by job.installation_id limit 1
          ) from waiting where waiting.installation_id is not null
        )
        select first.id from waiting
        cross join lateral (
          select job.id, job.priority, job.run_at from review_jobs job
          where job.status = 'pending' and job.installation_id > 0 and job.installation_id = waiting.installation_id
            and job.attempts < job.max_attempts and job.crashes < quarantine_after and job.run_at <= at
          order by job.priority, job.run_at, job.id
          limit front_of_installation
        ) first
        where cap is null or cap > (
          select count(*) from review_jobs running
          where running.status = 'processing' and running.installation_id = waiting.installation_id
        )
        order by first.priority, first.run_at, first.id
      );
    end loop;

    -- An idle worker beats rarely; from its first job on it must not count as silent.
    if jobs <> '[]' then
      update workers set last_beat_at = at where id = worker;
    end if;
    quarantined := exists (
      select from review_jobs job
      where job.status = 'pending' and job.crashes > 0 and job.crashes >= quarantine_after
        and job.attempts < job.max_attempts and job.run_at <= at
        and not exists (
          select from review_jobs running
          where running.status = 'processing'
            and running.repo_full_name = job.repo_full_name and running.pr_number = job.pr_number
        )
        and (
          cap is null
          or cap > (
            select count(*) from review_jobs running
            where running.status = 'processing' and running.installation_id = job.installation_id
          )
        )
    );
  end if;

  return jsonb_build_object(
    'written', written, 'jobs', jobs, 'quarantined', quarantined,
    'found', found, 'looked', looked
  );
end
$$;
