-- Saved scenarios. A run keeps what it was asked, so a scenario's earlier versions need no rows of their own.
create table simulation_scenario (
  id uuid primary key,
  version int not null check (version >= 1),
  state text not null check (state in ('active', 'retired')),
  name text not null,
  note text,
  content jsonb not null,
  created_at timestamptz not null,
  created_by text not null,
  changed_at timestamptz not null,
  changed_by text not null
);
create index simulation_scenario_list on simulation_scenario (state, changed_at desc, id desc);

-- Answers by what they follow from: equal keys have equal bytes, so one is calculated once.
create table simulation_result (
  key text primary key,
  input_hash text not null,
  assumptions_hash text not null,
  model_version text not null,
  seed bigint,
  result_hash text not null,
  answer jsonb not null,
  computed_at timestamptz not null
);

-- Who asked what, as of when. Without a result the job says how far it is.
create table simulation_run (
  id uuid primary key,
  scenario_id uuid references simulation_scenario (id),
  scenario_version int,
  name text not null,
  content jsonb not null,
  as_of timestamptz not null,
  job_id uuid not null,
  created_at timestamptz not null,
  created_by text not null,
  reused boolean not null default false,
  result_key text references simulation_result (key)
);
create index simulation_run_scenario on simulation_run (scenario_id, id desc);
create index simulation_run_done on simulation_run (scenario_id, scenario_version, id desc) where result_key is not null;
