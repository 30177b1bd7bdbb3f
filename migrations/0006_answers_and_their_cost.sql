-- What the model's answers cost, in US dollars. Null where a price isn't known: that is not the same as nothing.

alter table reviews add column cost_usd numeric(12, 6);

-- An answer that was paid for is looked up by what was asked, whichever job of the pull request asked it.
create index job_steps_key on job_steps (key, job_id);
