-- Facts about the node itself, at most a few rows: its id, the organisation it belongs to.
create table platform_setting (
  name text primary key,
  value jsonb not null,
  changed_at timestamptz not null default now()
);

-- The first answer to a creating request, kept so that its retry gets the same one. Written in the request's own transaction.
create table platform_idempotency (
  principal text not null,
  key text not null,
  route text not null,
  request_sha256 text not null,
  status int not null,
  answer jsonb,
  etag text,
  created_at timestamptz not null default now(),
  primary key (principal, key)
);
create index platform_idempotency_created on platform_idempotency (created_at);

-- Every decision of access: who asked for what, and which policy decided.
create table platform_decision (
  id uuid primary key,
  decided_at timestamptz not null,
  principal_kind text not null,
  principal_id text not null,
  principal_name text not null,
  action text not null,
  resource_type text not null,
  resource_id text not null,
  allowed boolean not null,
  policy text not null,
  request_id text not null
);
create index platform_decision_principal on platform_decision (principal_id, id desc);
create index platform_decision_action on platform_decision (action, id desc);
create index platform_decision_denied on platform_decision (id desc) where not allowed;

-- Messages between slices, written in the transaction that caused them and delivered at least once after its commit.
-- `position` orders the messages of one key; nothing else depends on it.
create table platform_outbox (
  id uuid primary key,
  position bigint generated always as identity,
  topic text not null,
  key text not null,
  payload jsonb not null,
  attempts int not null default 0,
  not_before timestamptz not null default now(),
  last_problem text,
  created_at timestamptz not null default now()
);
create index platform_outbox_due on platform_outbox (not_before, position);
create index platform_outbox_key on platform_outbox (topic, key, position);

-- Long work as people see it; pg-boss keeps its own tables for who runs it.
create table platform_job (
  id uuid primary key,
  kind text not null,
  title text not null,
  state text not null check (state in ('waiting', 'running', 'succeeded', 'failed', 'cancelled')),
  fraction double precision not null default 0,
  detail text not null default '',
  input jsonb not null,
  result jsonb,
  problem jsonb,
  cancel_requested boolean not null default false,
  started_by text not null,
  started_by_name text not null,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz
);
create index platform_job_newest on platform_job (id desc);
create index platform_job_own on platform_job (started_by, id desc);
