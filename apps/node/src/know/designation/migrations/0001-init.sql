-- Criteria by which sites are designated, every version that was ever proposed. At most one is in force.
create table designation_criteria (
  id uuid primary key,
  number bigint generated always as identity unique,
  version int not null,
  state text not null check (state in ('draft', 'in-force', 'superseded', 'rejected')),
  title text not null,
  rationale text not null,
  rules jsonb not null,
  proposed_at timestamptz not null,
  proposed_by text not null,
  decided_at timestamptz,
  decided_by text,
  decision_reason text,
  check ((state = 'draft') = (decided_at is null))
);
create unique index designation_criteria_in_force on designation_criteria (state) where state = 'in-force';
create index designation_criteria_state on designation_criteria (state, number desc);

-- What a draft would do: worked out by a job, for the version of the draft that it read.
create table designation_preview (
  criteria_id uuid primary key references designation_criteria (id),
  criteria_version int not null,
  job_id uuid not null,
  state text not null check (state in ('running', 'ready')),
  computed_at timestamptz,
  sites_count int,
  moves jsonb not null default '[]'
);

-- The outcome of a preview for every site that has a tier before or after.
create table designation_outcome (
  criteria_id uuid not null references designation_criteria (id),
  site_id uuid not null,
  from_tier smallint check (from_tier between 1 and 3),
  tier smallint check (tier between 1 and 3),
  country text not null,
  reasons jsonb not null,
  undecided jsonb not null,
  primary key (criteria_id, site_id)
);
create index designation_outcome_change on designation_outcome (criteria_id, site_id) where tier is distinct from from_tier;

-- Every tier that a site ever had, with the criteria and the reasons. The row without an end is the tier of today.
create table designation_tier (
  site_id uuid not null,
  since timestamptz not null,
  until timestamptz check (until > since),
  tier smallint check (tier between 1 and 3),
  country text not null,
  criteria_id uuid not null references designation_criteria (id),
  reasons jsonb not null,
  undecided jsonb not null,
  primary key (site_id, since)
);
create unique index designation_tier_today on designation_tier (site_id) where until is null;
create index designation_tier_list on designation_tier (tier, site_id) where until is null and tier is not null;
create index designation_tier_country on designation_tier (country, tier, site_id) where until is null and tier is not null;

-- When the criteria in force were last applied to the whole registry.
create table designation_evaluation (
  criteria_id uuid primary key references designation_criteria (id),
  evaluated_at timestamptz not null,
  sites_count int not null
);
