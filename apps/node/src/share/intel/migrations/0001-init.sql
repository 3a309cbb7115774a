-- Threat intelligence: objects as they came, the channels they came by, and the collections that exchange them.

create table intel_source (
  id uuid primary key,
  version integer not null default 1,
  name text not null unique,
  kind text not null check (kind in ('local', 'file', 'taxii', 'partner')),
  trust_percent smallint not null check (trust_percent between 0 and 100),
  licence text,
  tlp_default text not null, -- what an unmarked object of this channel is handled as
  created_at timestamptz not null,
  created_by text not null
);

-- One row for each content of each version; two contents of one version are both kept, and the first one serves.
create table intel_object (
  seq bigint generated always as identity primary key,
  stix_id text not null,
  type text not null,
  version_micros bigint not null, -- of `modified`, else `created`; 0 for what has no versions
  version text not null,          -- as it was written; empty for what has no versions
  spec_version text not null,
  sha256 bytea not null,          -- of the canonical content
  body text not null,
  label text not null,            -- name, value or pattern, for lists
  tlp text,                       -- the strictest marking inside; null when there is none
  other_markings text[] not null,
  revoked boolean not null,
  received_at timestamptz not null,
  unique (stix_id, version_micros, sha256)
);
-- Pages are made of bodies: reading them back uncompressed is what a page costs least.
alter table intel_object alter column body set storage external;
create index intel_object_type on intel_object (type, seq);
create index intel_object_label on intel_object (lower(label) text_pattern_ops);

-- Handling belongs to the copy: one object can come by several channels, each with its own word on who may see it.
create table intel_copy (
  object_seq bigint not null references intel_object,
  source_id uuid not null references intel_source,
  tlp text not null,
  received_at timestamptz not null,
  primary key (object_seq, source_id)
);

create table intel_collection (
  id uuid primary key,
  version integer not null default 1,
  alias text unique,
  title text not null,
  description text,
  read_roles text[] not null,
  write_roles text[] not null,
  tlp_max text not null,
  source_id uuid not null references intel_source, -- the channel that clients write through
  last_sequence bigint not null default 0,
  last_added_micros bigint not null default 0,
  created_at timestamptz not null,
  created_by text not null
);

-- A place in a collection. `newest_spec`, `is_first` and `is_last` answer the filters that nearly every request has.
create table intel_entry (
  collection_id uuid not null references intel_collection,
  sequence bigint not null,
  added_micros bigint not null,
  object_seq bigint not null references intel_object,
  stix_id text not null,
  type text not null,
  version_micros bigint not null, -- `added_micros` for what has no versions
  version text not null,
  spec_version text not null,
  spec_rank integer not null,
  removed boolean not null default false, -- a tombstone: the version stays away
  newest_spec boolean not null default false,
  is_first boolean not null default false,
  is_last boolean not null default false,
  primary key (collection_id, sequence)
);
create index intel_entry_added on intel_entry (collection_id, added_micros);
create index intel_entry_id on intel_entry (collection_id, stix_id, version_micros);
create index intel_entry_last on intel_entry (collection_id, sequence) where is_last;
create index intel_entry_type on intel_entry (collection_id, type, sequence) where is_last;
create index intel_entry_object on intel_entry (object_seq);

create table intel_status (
  id uuid primary key,
  collection_id uuid not null references intel_collection,
  owner text not null,
  body jsonb not null,
  expires_at timestamptz not null
);
create index intel_status_expires on intel_status (expires_at);
