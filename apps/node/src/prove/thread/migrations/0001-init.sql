-- Captures: one job for each document that came. `position` is the order in which they are taken.
create table thread_capture (
  id uuid primary key,
  position bigint generated always as identity unique,
  -- 'receiving' until every byte is here
  state text not null check (state in ('receiving', 'waiting', 'running', 'done')),
  success boolean not null default true,
  error_behaviour text not null check (error_behaviour in ('rollback', 'proceed')),
  size_bytes bigint not null default 0,
  attempts int not null default 0,
  events_read bigint not null default 0,
  events_stored bigint not null default 0,
  -- events that were stored before, by their hash
  events_known bigint not null default 0,
  error_count bigint not null default 0,
  -- the first errors, as problem objects
  errors jsonb not null default '[]',
  captured_by text not null,
  captured_by_name text not null,
  created_at timestamptz not null,
  finished_at timestamptz check ((finished_at is not null) = (state = 'done'))
);
create index thread_capture_open on thread_capture (position) where state in ('waiting', 'running');
create index thread_capture_receiving on thread_capture (created_at) where state = 'receiving';
create index thread_capture_newest on thread_capture (position desc) where state <> 'receiving';

-- The bytes of a document until it has been captured.
create table thread_capture_chunk (
  capture uuid not null references thread_capture (id) on delete cascade,
  chunk_index int not null,
  bytes bytea not null,
  primary key (capture, chunk_index)
);
alter table thread_capture_chunk alter column bytes set storage external;

-- One row. Whoever writes events holds its lock until the commit, so that `seq` is the order of commits and a reader
-- that continues behind the largest seq it saw misses nothing.
create table thread_head (
  only_row boolean primary key default true check (only_row),
  next_seq bigint not null default 1,
  next_batch int not null default 1,
  last_record_time timestamptz not null default '-infinity'
);
insert into thread_head default values;

-- Events that were written together: what one ledger statement covers. Record times grow with `first_seq`.
create table thread_batch (
  batch int primary key,
  capture uuid,
  captured_by text not null,
  record_time timestamptz not null,
  first_seq bigint not null unique,
  event_count int not null check (event_count > 0),
  -- root of the RFC 9162 tree over the stored bodies of the batch, in order of seq
  root bytea not null check (length(root) = 32),
  -- the ledger statement that holds the root
  statement text
);
create index thread_batch_record_time on thread_batch (record_time, first_seq);
create index thread_batch_capture on thread_batch (capture, first_seq) where capture is not null;

-- Words of events, each once: event types, business steps, dispositions, places.
create table thread_term (
  id int generated always as identity primary key,
  kind text not null check (kind in ('eventType', 'bizStep', 'disposition', 'readPoint', 'bizLocation')),
  term text not null,
  unique (kind, term)
);

-- What prefixes of extensions have stood for.
create table thread_prefix (
  prefix text not null,
  namespace text not null,
  primary key (prefix, namespace)
);

-- Events. `body` is the event in the JSON binding as its sender wrote it, with its eventID and without recordTime.
create table thread_event (
  seq bigint primary key,
  batch int not null,
  event_time timestamptz not null,
  event_type int not null,
  -- 1 ADD, 2 OBSERVE, 3 DELETE
  action smallint,
  biz_step int,
  disposition int,
  read_point int,
  biz_location int,
  -- declarationTime of an error declaration
  error_time timestamptz,
  -- CBV 2.0 event hash, SHA-256
  hash bytea not null check (length(hash) = 32),
  body text not null
);
create index thread_event_time on thread_event (event_time, seq);
create index thread_event_type on thread_event (event_type, event_time, seq);
create index thread_event_biz_step on thread_event (biz_step, event_time, seq) where biz_step is not null;
create index thread_event_disposition on thread_event (disposition, event_time, seq) where disposition is not null;
create index thread_event_read_point on thread_event (read_point, event_time, seq) where read_point is not null;
create index thread_event_biz_location on thread_event (biz_location, event_time, seq) where biz_location is not null;
create index thread_event_error on thread_event (error_time, seq) where error_time is not null;

-- Everything that events are found by: identifiers in the roles they play, parties, extension values. A key is 52 bits of
-- the SHA-256 of what it stands for; readers look into the event itself before they believe it.
create table thread_key (
  key bigint not null,
  seq bigint not null,
  roles int not null,
  primary key (key, seq) include (roles)
);
