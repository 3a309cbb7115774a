-- What hazard levels mean in numbers, every version. The newest is in use; none yet means the program's rules of thumb.
create table risk_calibration (
  version int primary key,
  content jsonb not null,
  changed_at timestamptz not null,
  changed_by text not null
);

-- A measurement of all sites at one instant of the registry.
create table risk_measurement (
  id uuid primary key,
  as_of timestamptz not null,
  computed_at timestamptz not null,
  currency text,
  sites_count int not null,
  years int not null,
  seed bigint not null,
  model_version text not null,
  input_hash text not null,
  assumptions_hash text not null,
  calibration_version int not null,
  portfolio jsonb not null
);

-- The measure of each site over time; the row without an end is today's. A measurement that finds the same adds no row.
create table risk_site_measure (
  site_id uuid not null,
  since timestamptz not null,
  until timestamptz check (until > since),
  measurement_id uuid not null references risk_measurement (id),
  kind text not null,
  country text not null,
  expected double precision not null,
  cvar95 double precision not null,
  cvar99 double precision not null,
  gap double precision not null,
  esri double precision not null,
  body jsonb not null,
  primary key (site_id, since)
);
create unique index risk_site_measure_today on risk_site_measure (site_id) where until is null;
create index risk_site_measure_expected on risk_site_measure (expected desc, site_id);
create index risk_site_measure_cvar95 on risk_site_measure (cvar95 desc, site_id);
create index risk_site_measure_cvar99 on risk_site_measure (cvar99 desc, site_id);
create index risk_site_measure_gap on risk_site_measure (gap desc, site_id);
create index risk_site_measure_esri on risk_site_measure (esri desc, site_id);

-- The registry that was measured last, so that one process of several asks for the next measurement.
create table risk_watch (
  id boolean primary key default true check (id),
  stamp text not null,
  asked_at timestamptz not null
);

-- Sites whose measure moved past the threshold. The id is the message's, so that one that comes twice stands here once.
create table risk_alert (
  id uuid primary key,
  site_id uuid not null,
  at timestamptz not null,
  before_minor double precision not null,
  after_minor double precision not null,
  currency text
);
create index risk_alert_list on risk_alert (at desc, id desc);

-- Scores of other methods, as their sources have them.
create table risk_score (
  id uuid primary key,
  site_id uuid not null,
  method text not null check (method in ('carver', 'api-780', 'nist-800-30')),
  body jsonb not null,
  recorded_at timestamptz not null,
  recorded_by text not null
);
create index risk_score_site on risk_score (site_id, recorded_at desc, id desc);

-- The risk register, every version of every risk. The version that nothing superseded is the present one.
create table risk_register_number (
  id uuid primary key,
  number bigint generated always as identity unique
);
create table risk_register (
  id uuid not null references risk_register_number (id),
  version int not null check (version >= 1),
  state text not null check (state in ('open', 'accepted', 'closed')),
  body jsonb not null,
  threat text generated always as (body ->> 'threat') stored,
  site uuid generated always as ((body ->> 'site')::uuid) stored,
  accepted_until date check ((accepted_until is not null) = (state = 'accepted')),
  accepted_by text,
  accepted_because text,
  reason text,
  changed_at timestamptz not null,
  changed_by text not null,
  superseded_at timestamptz,
  primary key (id, version)
);
create unique index risk_register_today on risk_register (id) where superseded_at is null;
create index risk_register_list on risk_register (id desc) where superseded_at is null;
create index risk_register_site on risk_register (site, id desc) where superseded_at is null;
create index risk_register_state on risk_register (state, id desc) where superseded_at is null;
