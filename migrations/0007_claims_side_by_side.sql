-- Several workers that claim many jobs ahead on one database: four did a third of what one does alone, for two reasons.
--
-- 1. A claim asks for the running jobs of a pull request, and of an installation, for each job that it looks at. Both
-- indexes of running jobs could serve either question, and looked equally cheap while next to nothing ran; the wrong one
-- was walked from end to end each time, over all that runs and all that has just ended. Now each has a condition more
-- that only its own question has.
drop index review_jobs_one_running;
create unique index review_jobs_one_running on review_jobs (repo_full_name, pr_number)
  where status = 'processing' and pr_number > 0;

-- Serves also whoever looks at all running jobs, who says as well that the installation is positive.
drop index review_jobs_one_slot;
create unique index review_jobs_one_slot on review_jobs (installation_id, slot)
  where status = 'processing' and installation_id > 0;

-- 2. All begin with the same waiting jobs, and a worker that found those locked by the others went on to look into each
-- installation, which with a thousand of them takes a hundred times as long. The function is that of migration 4 with
-- the settings of migration 5, and takes a second look in the queue's order before it looks everywhere.
create or replace function holdfast_exchange(
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
  set plan_cache_mode = force_generic_plan
  set jit = off
as $$
#variable_conflict use_column
declare
  -- How many waiting jobs a claim looks at in the queue's order, at first and at the second look. When too few of so many
  -- can run now, it looks into each installation instead, and so one installation's backlog costs the others nothing.
  --
  -- The second look is for what other workers claim at this moment: they begin with the same jobs. Of a few jobs they
  -- can't have claimed all that are looked at first.
  fronts constant integer[] :=
    case when wanted > 32 then array[2 * wanted, 10 * wanted] else array[64] end;
  look integer := 1;
  front_of_installation constant integer := 32;
  written jsonb := '[]';
  seen bigint[];
  claimed jsonb;
  jobs jsonb := '[]';
  quarantined boolean := false;
  began timestamptz;
  looked double precision := 0;
  first_found jsonb;
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
    loop
      if look > cardinality(fronts) then
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
            where running.status = 'processing' and running.installation_id > 0
              and running.installation_id = waiting.installation_id
          )
          order by first.priority, first.run_at, first.id
        );
      elsif alone then
        seen := array(
          select job.id from review_jobs job
          where job.status = 'pending' and job.crashes > 0 and job.crashes >= quarantine_after
            and job.attempts < job.max_attempts and job.run_at <= at
          order by job.priority, job.run_at, job.id
          limit fronts[look]
        );
      elsif levels is null then
        began := clock_timestamp();
        with front_rows as (
          select job.id, job.priority, job.run_at from review_jobs job
          where job.status = 'pending' and job.attempts < job.max_attempts and job.crashes < quarantine_after
            and job.run_at <= at
          order by job.priority, job.run_at, job.id
          limit fronts[look]
        ), first_rows as (
          select priority, min(run_at) as run_at from front_rows group by priority
        )
        select coalesce(array_agg(id order by priority, run_at, id), '{}'),
          coalesce((select jsonb_object_agg(priority, run_at) from first_rows), '{}')
        into seen, first_found from front_rows;
        if look = 1 then
          looked := extract(epoch from clock_timestamp() - began) * 1000;
        end if;
        found := first_found || found;
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
            limit fronts[look]
          ) job
          limit fronts[look]
        ), first_rows as (
          select priority, min(run_at) as run_at from front_rows group by priority
        )
        select coalesce(array_agg(id order by priority, run_at, id), '{}'),
          coalesce((select jsonb_object_agg(priority, run_at) from first_rows), '{}')
        into seen, first_found from front_rows;
        found := first_found || found;
      end if;

      with due as (
        select job.id, job.installation_id, job.repo_full_name, job.pr_number, place.nth
        from unnest(seen) with ordinality as place (id, nth)
        cross join lateral (
          select * from review_jobs job
          where job.id = place.id and job.status is not distinct from 'pending'
            and 0 = (
              select count(*) from review_jobs running
              where running.status = 'processing' and running.pr_number > 0
                and running.repo_full_name = job.repo_full_name and running.pr_number = job.pr_number
            )
            and (
              cap is null
              or cap > (
                select count(*) from review_jobs running
                where running.status = 'processing' and running.installation_id > 0
                  and running.installation_id = job.installation_id
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
            where running.status = 'processing' and running.installation_id > 0
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
      exit when alone or jsonb_array_length(jobs) >= wanted or look > cardinality(fronts)
        or cardinality(seen) < fronts[look];
      look := look + 1;
    end loop;

    -- An idle worker beats rarely; from its first job on it must not count as silent.
    if jobs <> '[]' then
      update workers set last_beat_at = at where id = worker;
    end if;
    quarantined := exists (
      select from review_jobs job
      where job.status = 'pending' and job.crashes > 0 and job.crashes >= quarantine_after
        and job.attempts < job.max_attempts and job.run_at <= at
        and 0 = (
          select count(*) from review_jobs running
          where running.status = 'processing' and running.pr_number > 0
            and running.repo_full_name = job.repo_full_name and running.pr_number = job.pr_number
        )
        and (
          cap is null
          or cap > (
            select count(*) from review_jobs running
            where running.status = 'processing' and running.installation_id > 0
              and running.installation_id = job.installation_id
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
