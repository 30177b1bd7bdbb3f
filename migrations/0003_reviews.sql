-- What was reviewed and published. The ids are GitHub's.

create table reviews (
  id bigint generated always as identity primary key,
  -- Null once the job was pruned: what was reviewed is remembered longer.
  job_id bigint unique references review_jobs (id) on delete set null,
  installation_id bigint not null,
  repo_full_name text not null,
  pr_number integer not null,
  commit_sha text not null,
  generation integer not null,
  github_review_id bigint,
  check_run_id bigint,
  provider text not null,
  model text,
  -- One entry for each changed file: reviewed, partial or skipped, and why.
  coverage jsonb not null,
  input_tokens integer not null default 0,
  output_tokens integer not null default 0,
  duration_ms integer not null,
  created_at timestamptz not null default now()
);
create index reviews_pull_request on reviews (repo_full_name, pr_number, created_at);

create table findings (
  id bigint generated always as identity primary key,
  review_id bigint not null references reviews (id) on delete cascade,
  fingerprint text not null,
  path text not null,
  -- Null when the finding has no place on the diff and stands in the review's body.
  line integer,
  start_line integer,
  severity text not null check (severity in ('low', 'medium', 'high', 'critical')),
  rule text not null,
  title text not null,
  message text not null,
  suggestion text,
  published boolean not null
);
create index findings_review on findings (review_id);
create index findings_fingerprint on findings (fingerprint);
