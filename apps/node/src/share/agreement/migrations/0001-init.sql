-- Sharing agreements, every decision on what may leave, what was disclosed to whom, and shares.

-- One row for each version; a decision can be decided again from the version that it names.
create table agreement_version (
  id uuid not null,
  version integer not null,
  is_current boolean not null,
  state text not null check (state in ('draft', 'signed', 'ended')),
  title text not null,
  terms jsonb not null,
  terms_sha256 text not null,
  signatures jsonb not null default '[]',
  changed_at timestamptz not null,
  changed_by text not null,
  primary key (id, version)
);
create unique index agreement_version_current on agreement_version (id) where is_current;
create index agreement_version_title on agreement_version (title, id) where is_current;

create table agreement_decision (
  seq bigint generated always as identity primary key,
  at timestamptz not null,
  object text not null,
  stix_version text not null,
  recipient text,
  channel text not null,
  purpose text,
  decided_for text not null, -- who asked
  allowed boolean not null,
  question jsonb not null,   -- every input of the evaluation
  verdict jsonb not null
);
create index agreement_decision_object on agreement_decision (object, seq);

-- What a recipient holds: revocations must reach it, and a day's volume counts it.
create table agreement_disclosure (
  recipient text not null,
  object text not null,
  stix_version text not null,
  agreement_id uuid not null,
  channel text not null,
  at timestamptz not null,
  primary key (recipient, object, stix_version)
);
create index agreement_disclosure_day on agreement_disclosure (recipient, at);

create table agreement_share (
  id uuid primary key,
  version integer not null default 1,
  state text not null check (state in ('pending', 'placed', 'taken-back', 'blocked', 'revoked')),
  created_at timestamptz not null,
  created_by text not null,
  place_at timestamptz not null,
  placed_at timestamptz,
  ended_at timestamptz,
  acknowledged_at timestamptz,
  reason text,
  preview jsonb not null,
  revoked_ids text[] not null default '{}'
);
create index agreement_share_created on agreement_share (created_at desc, id);
create index agreement_share_due on agreement_share (place_at) where state = 'pending';

create table agreement_deny_list (
  version integer not null,
  words text[] not null
);
insert into agreement_deny_list (version, words) values (1, '{}');
