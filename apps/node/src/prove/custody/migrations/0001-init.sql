-- How far the events have been checked. Whoever checks holds the row's lock until its commit.
create table custody_cursor (
  only_row boolean primary key default true check (only_row),
  checked_seq bigint not null default 0,
  -- up to here everything is to be checked again, because what the rules go by changed; 0 when there is nothing to repeat
  repeat_until bigint not null default 0,
  repeated_seq bigint not null default 0
);
insert into custody_cursor default values;

-- Things that events name, for finding them by part of their identifier and by when they were seen.
create table custody_thing (
  id text primary key,
  level text not null check (level in ('instance', 'lot', 'product')),
  last_seen_at timestamptz not null,
  last_place text,
  event_count int not null
);
create index custody_thing_seen on custody_thing (last_seen_at desc, id);
create index custody_thing_level_seen on custody_thing (level, last_seen_at desc, id);

-- What came to a site or left it: one row for each flow of a thing, rewritten whenever the thing's events change.
create table custody_flow (
  thing text not null,
  site text not null,
  product text not null,
  kind text not null,
  at timestamptz not null,
  -- in the unit; null: some, unknown how much
  amount numeric,
  unit text not null,
  event text not null
);
create index custody_flow_thing on custody_flow (thing);
create index custody_flow_site on custody_flow (site, product, at);

-- Things to look at again when time has passed: shipments that should have arrived by then.
create table custody_due (
  thing text not null,
  at timestamptz not null,
  primary key (thing, at)
);
create index custody_due_at on custody_due (at);

create table custody_finding (
  id uuid primary key,
  version int not null default 1,
  rule text not null,
  subject text not null,
  -- false where the subject is a step or a party: it is then about its events
  is_thing boolean not null,
  -- the first event that shows it; with rule and subject what makes it the same finding
  first_event text not null,
  ordinal int not null default 0,
  -- hash of what it says, to notice new evidence
  digest text not null,
  at timestamptz not null,
  place text,
  amount numeric,
  unit text,
  explanation text not null,
  events text[] not null,
  state text not null check (state in ('open', 'resolved', 'undone')),
  assignee text,
  assignee_name text,
  outcome text check (outcome in ('confirmed', 'explained', 'false-alarm')),
  reason text,
  decided_at timestamptz,
  decided_by text,
  reopened int not null default 0,
  found_at timestamptz not null,
  changed_at timestamptz not null,
  unique (rule, subject, first_event, ordinal)
);
create index custody_finding_state on custody_finding (state, found_at desc, id);
create index custody_finding_newest on custody_finding (found_at desc, id);
create index custody_finding_subject on custody_finding (subject);
create index custody_finding_events on custody_finding using gin (events) where not is_thing;

create table custody_settings (
  version int primary key,
  body jsonb not null,
  changed_at timestamptz not null,
  changed_by text not null
);
