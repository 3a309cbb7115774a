-- Plans: what could happen, what could be bought, for which budget.
create table investment_plan (
  id uuid primary key,
  version int not null check (version >= 1),
  state text not null check (state in ('draft', 'decided')),
  name text not null,
  draft jsonb not null,
  changed_at timestamptz not null,
  changed_by text not null,
  decided_at timestamptz,
  decided_by text,
  decided_because text,
  bought jsonb not null default '[]',
  job_id uuid,
  check ((state = 'decided') = (decided_at is not null))
);

-- What a version of a plan came to. One for each plan: another run of it replaces the one before.
create table investment_result (
  plan_id uuid primary key references investment_plan (id),
  plan_version int not null,
  as_of timestamptz not null,
  computed_at timestamptz not null,
  model_version text not null,
  input_hash text not null,
  assumptions_hash text not null,
  result_hash text not null,
  body jsonb not null
);

-- What a decided plan's scenarios lose on a later registry, beside what was planned.
create table investment_delivery (
  id uuid primary key,
  plan_id uuid not null references investment_plan (id),
  at timestamptz not null,
  by text not null,
  now_minor jsonb not null
);
create index investment_delivery_plan on investment_delivery (plan_id, id desc);
