-- What people want of the reviews of a pull request: paused, or resumed. A resumed one keeps its row, so that a pause
-- which was asked for before and is carried out late finds that it is too late.
create table pauses (
  repo_full_name text not null,
  pr_number integer not null,
  paused boolean not null,
  login text not null,
  -- Of two commands the later one holds; no foreign key, because jobs are pruned.
  command_job_id bigint not null,
  at timestamptz not null default now(),
  primary key (repo_full_name, pr_number)
);
