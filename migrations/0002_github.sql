-- Who installed the app, how they want it, and which webhooks arrived.

create table installations (
  id bigint primary key,
  account_login text not null,
  account_type text not null,
  -- 'all' or 'selected' repositories; null while it is only known from another event.
  repository_selection text,
  suspended_at timestamptz,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- Only what the installation said itself; a null column leaves the operator's default in force.
create table installation_settings (
  installation_id bigint primary key references installations (id) on delete cascade,
  enabled boolean,
  provider text,
  model text,
  -- The installation's own API key, AES-256-GCM. All four or none.
  api_key_ciphertext bytea,
  api_key_iv bytea,
  api_key_auth_tag bytea,
  api_key_key_id text,
  ignore_paths text[],
  max_files integer,
  max_comments integer,
  max_tokens integer,
  min_severity text check (min_severity in ('low', 'medium', 'high', 'critical')),
  style text check (style in ('chill', 'balanced', 'strict')),
  instructions text,
  updated_at timestamptz not null default now(),
  constraint api_key_whole check (
    num_nulls(api_key_ciphertext, api_key_iv, api_key_auth_tag, api_key_key_id) in (0, 4)
  )
);

-- The GUID is GitHub's X-GitHub-Delivery; a redelivery bears the same one.
create table webhook_deliveries (
  guid text primary key,
  event text not null,
  action text,
  installation_id bigint,
  received_at timestamptz not null default now(),
  outcome text not null,
  job_id bigint
);
create index webhook_deliveries_received on webhook_deliveries (received_at);
