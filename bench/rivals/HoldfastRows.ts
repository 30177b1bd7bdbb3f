/** Holdfast's tables as SQL, for what no call of the store is made for: a long history, and many jobs in one moment. */

/** Whether there is a job that is not written down as ended. */
export const holdfastUnfinished = "exists (select from review_jobs where status in ('pending', 'processing'))"

const jobs = (options: {
  readonly count: number
  readonly owner: string
  readonly at: string
  readonly rest: string
}) =>
  `insert into review_jobs (
     installation_id, repo_full_name, owner, repo, pr_number, pr_title, commit_sha, base_branch,
     created_at, run_at, status, lease_epoch, started_at, completed_at
   )
   select 1 + n % 1000, '${options.owner}-' || n % 1000 || '/repo', '${options.owner}-' || n % 1000, 'repo', n,
     'A change', lpad(to_hex(n), 40, '0'), 'main', at, at, ${options.rest}
   from generate_series(1, ${options.count}) as n, lateral (select ${options.at} as at) as enqueued`

/** Finished jobs as Holdfast leaves them. */
export const finished = (count: number): string =>
  jobs({
    count,
    owner: "past",
    at: "now() - make_interval(secs => n)",
    rest: "case when n % 20 = 0 then 'failed' else 'completed' end, 1, at, at"
  })

/** Three lines of the ledger for each job; for tables that hold only finished ones. */
export const ledgerOfFinished = `insert into job_transitions (job_id, epoch, from_status, to_status, why, worker_id, at)
   select id, step.epoch, step.from_status, coalesce(step.to_status, job.status), step.why::jsonb, 1, created_at
   from review_jobs job, (values
     (0, null, 'pending', '{"_tag": "Enqueued", "trigger": "opened"}'),
     (1, 'pending', 'processing', '{"_tag": "Claimed"}'),
     (1, 'processing', null, '{"_tag": "Succeeded"}')
   ) as step (epoch, from_status, to_status, why)`

/** Jobs that wait to be run, visible all at once. */
export const waiting = (count: number): string =>
  jobs({ count, owner: "waiting", at: "now()", rest: "'pending', 0, null, null" })
