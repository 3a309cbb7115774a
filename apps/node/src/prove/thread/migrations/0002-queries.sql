-- What stands below a place by the master data of captured documents.
create table thread_place (
  parent text not null,
  child text not null,
  primary key (parent, child)
);

-- Named queries: `query` is the JSON that their author sent.
create table thread_query (
  name text primary key check (length(name) between 1 and 200),
  query jsonb not null,
  -- prefixes of its extension names
  prefixes jsonb not null default '{}',
  created_by text not null,
  created_at timestamptz not null
);

-- Who wants to hear of a query's events. Everything up to `cursor_seq` has been delivered, or did not match.
create table thread_subscription (
  id uuid primary key,
  query text not null references thread_query (name) on delete cascade,
  dest text not null,
  signature_token text,
  report_if_empty boolean not null,
  -- null for a stream
  schedule jsonb,
  epc_format text not null,
  format text not null check (format in ('json', 'xml')),
  initial_record_time timestamptz not null,
  min_record_time timestamptz not null,
  cursor_seq bigint not null,
  next_run_at timestamptz not null,
  attempts int not null default 0,
  last_problem text,
  last_notified_at timestamptz,
  -- set when the receiver failed too often: nothing is sent until the subscription is made anew
  parked_at timestamptz,
  created_by text not null,
  created_at timestamptz not null
);
create index thread_subscription_due on thread_subscription (next_run_at) where parked_at is null;
create index thread_subscription_query on thread_subscription (query, id);

-- Characters of an event's body, so that a page of large events stays small.
alter table thread_event add column body_length int not null default 0;
