-- What becomes of findings once they are published.

-- When their code was found to be gone. The same finding is posted anew if it comes back.
alter table findings add column gone_at timestamptz;

-- A person said of a finding that it is none. It is not posted again on this pull request.
create table dismissals (
  repo_full_name text not null,
  pr_number integer not null,
  fingerprint text not null,
  dismissed_by text not null,
  created_at timestamptz not null default now(),
  primary key (repo_full_name, pr_number, fingerprint)
);
