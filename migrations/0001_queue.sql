-- The durable queue. Tables are named without a schema, so that they are made where search_path points.

create table workers (
  id bigint generated always as identity primary key,
  host text not null,
  pid integer not null,
  version text not null,
  started_at timestamptz not null default now(),
  last_beat_at timestamptz not null default now(),
  -- True once the worker holds its session's advisory lock. Only then does a missing lock say anything about it.
  has_session boolean not null default false,
  draining boolean not null default false
);

create table review_jobs (
  id bigint generated always as identity primary key,
  -- What the job is about.
  installation_id bigint not null,
  repo_full_name text not null,
  owner text not null,
  repo text not null,
  pr_number integer not null,
  pr_title text not null,
  commit_sha text not null,
  base_branch text not null,
  -- What is to be done.
  kind text not null default 'review',
  payload jsonb not null default '{}',
  trigger text not null default 'opened',
  generation integer not null default 0,
  priority integer not null default 10,
  run_at timestamptz not null default now(),
  -- How it stands.
  status text not null default 'pending'
    check (status in ('pending', 'processing', 'completed', 'failed', 'cancelled')),
  attempts integer not null default 0,
  max_attempts integer not null default 3,
  crashes integer not null default 0,
  snoozes integer not null default 0,
  error_message text,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  completed_at timestamptz,
  -- Who runs it. The epoch rises with each claim and fences every write of a run.
  lease_epoch bigint not null default 0,
  worker_id bigint,
  lease_expires_at timestamptz,
  -- A wish to stop; the running worker learns of it with its next beat.
  cancel_requested_at timestamptz,
  cancel_message text,
  superseded_by bigint
);

-- Serves the claim. Finished rows are not in it, so a claim costs the same however many there are.
create index review_jobs_claimable on review_jobs (priority, run_at, id) where status = 'pending';

-- One running job for each pull request, whatever claims race.
create unique index review_jobs_one_running on review_jobs (repo_full_name, pr_number) where status = 'processing';

-- Serves the rescuer, which looks at running jobs only.
create index review_jobs_running on review_jobs (lease_expires_at) where status = 'processing';

-- Finds waiting jobs that nobody may claim any more, however many others wait.
create index review_jobs_spent on review_jobs (id) where status = 'pending' and attempts >= max_attempts;

-- One job for the same work. A failed or cancelled job does not stand in the way of a new one, nor does a running one
-- that was asked to stop: what asks for the work after that must not be lost with it.
create unique index review_jobs_same_work
  on review_jobs (repo_full_name, pr_number, commit_sha, kind, generation)
  where status in ('pending', 'processing', 'completed') and cancel_requested_at is null;

-- Serves superseding and cancelling.
create index review_jobs_unfinished on review_jobs (repo_full_name, pr_number)
  where status in ('pending', 'processing');

-- Serves people and tools that list jobs by state and age.
create index review_jobs_status_created on review_jobs (status, created_at);

-- The ledger: append-only, one row for each change of state, written together with it.
create table job_transitions (
  id bigint generated always as identity primary key,
  job_id bigint not null references review_jobs (id) on delete cascade,
  epoch bigint not null,
  from_status text,
  to_status text not null,
  why jsonb not null,
  worker_id bigint,
  at timestamptz not null default now()
);
create index job_transitions_job on job_transitions (job_id, id);

-- Checkpointed outputs. The first output saved for a key stays.
create table job_steps (
  job_id bigint not null references review_jobs (id) on delete cascade,
  key text not null,
  epoch bigint not null,
  output jsonb not null,
  tokens integer,
  created_at timestamptz not null default now(),
  primary key (job_id, key)
);
