-- What may touch us: advisories and catalogues as they came, leads with their terms, the registry's objects with theirs,
-- what came of joining the two, and what people said about it.

create table intel_document (
  id uuid primary key,
  kind text not null check (kind in ('csaf', 'kev', 'warninglist')),
  name text not null,        -- tracking id with its publisher; the catalogue; the list
  version text not null,
  title text not null,
  source_id uuid not null references intel_source,
  tlp text not null,
  released_at timestamptz,
  sha256 bytea not null,     -- of the bytes as they came
  body text not null,
  is_current boolean not null,
  received_at timestamptz not null,
  received_by text not null,
  lead_id text,              -- of an advisory: one for all its versions
  unique (kind, name, sha256)
);
create index intel_document_lead on intel_document (lead_id) where is_current;
create unique index intel_document_current on intel_document (kind, name) where is_current;
alter table intel_document alter column body set storage external;

create table intel_kev (
  cve text primary key,
  name text not null,
  vendor text not null,
  product text not null,
  added_on text not null,
  due_on text not null,
  required_action text not null,
  is_ransomware boolean not null,
  catalogue text not null,
  removed_at timestamptz     -- an entry that a later release has no more
);

-- References between objects, by their ids: what browsing walks, with nothing stored for pairs that have no reference.
create table intel_link (
  from_id text not null,
  kind text not null,
  to_id text not null,
  primary key (from_id, kind, to_id)
);
create index intel_link_to on intel_link (to_id, kind, from_id);

create table intel_external (
  stix_id text not null,
  source_name text not null,
  external_id text not null,
  primary key (stix_id, source_name, external_id)
);
create index intel_external_name on intel_external (source_name, external_id);

-- Leads that wait to be looked at again. Only added to and taken from, so that writers never wait for each other.
create table intel_pending (
  seq bigint generated always as identity primary key,
  lead_id text not null
);

create table intel_lead (
  seq bigint generated always as identity primary key,
  id text not null unique,
  kind text not null,
  label text not null,
  stamp text not null,        -- of what is judged: a verdict holds while it stays
  facts jsonb not null,
  is_closed text,             -- why it touches nothing: revoked, expired, merged, doubted
  is_broad boolean not null,  -- touches by country or sector, of which only the most critical are kept
  broad_more integer not null default 0,
  cves text[] not null,
  is_kev boolean not null,
  is_ransomware boolean not null,
  received_at timestamptz not null,
  evaluated_at timestamptz not null,
  affected integer not null default 0,      -- open ones
  look integer not null default 0,
  not_affected integer not null default 0,
  confirmed integer not null default 0,
  dismissed integer not null default 0,
  top_rank integer not null default 0,      -- of the open ones
  top_object bigint
);
create index intel_lead_open on intel_lead (top_rank desc, seq desc) where affected + look > 0;
create index intel_lead_confirmed on intel_lead (seq desc) where confirmed > 0;
create index intel_lead_cve on intel_lead using gin (cves);
create table intel_lead_term (
  term text collate "C" not null,
  lead_seq bigint not null references intel_lead,
  primary key (term, lead_seq)
);
create index intel_lead_term_lead on intel_lead_term (lead_seq);

create table intel_surface (
  seq bigint generated always as identity primary key,
  id uuid not null unique,
  kind text not null check (kind in ('asset', 'site', 'organisation', 'item')),
  label text not null,
  stamp text not null,
  facts jsonb not null,
  site_id uuid,
  country text,
  criticality smallint not null
);
create index intel_surface_site on intel_surface (site_id);
create table intel_surface_term (
  term text collate "C" not null,
  surface_seq bigint not null references intel_surface on delete cascade,
  primary key (term, surface_seq)
);
create index intel_surface_term_surface on intel_surface_term (surface_seq);

create table intel_touch (
  lead_seq bigint not null references intel_lead,
  surface_seq bigint not null references intel_surface on delete cascade,
  state text not null check (state in ('affected', 'not-affected', 'look')),
  rule text not null,
  rank integer not null,
  document text,        -- the advisory's tracking id, where one says so
  product_id text,
  cve text,
  theirs text not null, -- raw text of the intelligence
  ours text not null,   -- raw text of the registry
  since timestamptz not null,
  primary key (lead_seq, surface_seq)
);
create index intel_touch_surface on intel_touch (surface_seq);

-- What a person said of a pair. It holds as long as both stamps are those of today; every one is kept.
create table intel_verdict (
  id uuid primary key,
  lead_id text not null,
  object_id uuid not null,
  lead_stamp text not null,
  object_stamp text not null,
  verdict text not null check (verdict in ('affected', 'not-affected', 'look')),
  reason text not null,
  given_by text not null,
  given_at timestamptz not null,
  is_latest boolean not null
);
create unique index intel_verdict_latest on intel_verdict (lead_id, object_id) where is_latest;
create index intel_verdict_day on intel_verdict (given_at);

create table intel_sighting (
  id uuid primary key,
  stix_id text not null,
  kind text not null check (kind in ('positive', 'false-positive', 'expiration')),
  organisation text not null,
  seen_at timestamptz not null,
  note text,
  source text not null, -- the STIX sighting that said so, or who entered it here
  unique (stix_id, source, kind, seen_at)
);
create index intel_sighting_object on intel_sighting (stix_id, seen_at desc);

create table intel_merge (
  id uuid primary key,
  kept_id text not null,
  merged_id text not null,
  reason text not null,
  merged_at timestamptz not null,
  merged_by text not null,
  undone_at timestamptz,
  undone_by text,
  check (kept_id <> merged_id)
);
create unique index intel_merge_standing on intel_merge (merged_id) where undone_at is null;
create index intel_merge_kept on intel_merge (kept_id) where undone_at is null;
