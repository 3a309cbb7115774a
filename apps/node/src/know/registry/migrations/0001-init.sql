-- Every object of the registry. Objects are never deleted, so what refers to one never dangles.
create table registry_object (
  id uuid primary key,
  -- a short name for walks over many links
  number bigint generated always as identity unique,
  kind text not null check (kind in ('organisation', 'site', 'asset', 'item', 'recipe', 'stock', 'capacity', 'demand', 'route')),
  created_at timestamptz not null
);

-- The form of a version, copied into one table per kind. The current version is the one that nothing has superseded;
-- versions of an object follow each other without gaps, so "as of an instant" finds at most one.
create table registry_form (
  id uuid not null,
  version int not null check (version >= 1),
  state text not null check (state in ('active', 'retired', 'merged')),
  merged_into uuid check ((merged_into is null) = (state <> 'merged')),
  recorded_at timestamptz not null,
  superseded_at timestamptz check (superseded_at > recorded_at),
  recorded_by text not null,
  source text not null,
  observed_at text not null,
  confidence_percent smallint not null check (confidence_percent between 0 and 100),
  evidence_note text,
  reason text,
  -- field -> number of the version in which it last changed
  facts jsonb not null,
  -- the draft as the contract defines it, checked
  body jsonb not null,
  -- the folded name, by which lists are ordered; empty for kinds without one
  name_key text collate "C" not null
);

-- The indexes of lists hold every version, so that lists as of an instant have them too: objects have few old versions.
create table registry_organisation (
  like registry_form including constraints,
  country text generated always as (body ->> 'country') stored,
  parent uuid generated always as ((body ->> 'parent')::uuid) stored,
  primary key (id, version),
  foreign key (id) references registry_object (id)
);
create unique index registry_organisation_current on registry_organisation (id) where superseded_at is null;
create index registry_organisation_name on registry_organisation (state, name_key, id);
create index registry_organisation_country on registry_organisation (country, state, name_key, id);
create index registry_organisation_parent on registry_organisation (parent, state, name_key, id);
create index registry_organisation_merged on registry_organisation (merged_into) where superseded_at is null and state = 'merged';

create table registry_site (
  like registry_form including constraints,
  kind text generated always as (body ->> 'kind') stored,
  country text generated always as (body ->> 'country') stored,
  organisation uuid generated always as ((body ->> 'organisation')::uuid) stored,
  latitude double precision generated always as ((body -> 'position' ->> 'latitude')::double precision) stored,
  longitude double precision generated always as ((body -> 'position' ->> 'longitude')::double precision) stored,
  -- Decided by designation, which keeps its history; here only so that lists can filter by it.
  tier smallint check (tier between 1 and 3),
  primary key (id, version),
  foreign key (id) references registry_object (id)
);
create unique index registry_site_current on registry_site (id) where superseded_at is null;
create index registry_site_name on registry_site (state, name_key, id);
create index registry_site_kind on registry_site (kind, state, name_key, id);
create index registry_site_country on registry_site (country, state, name_key, id);
create index registry_site_organisation on registry_site (organisation, state, name_key, id);
create index registry_site_tier on registry_site (tier, state, name_key, id) where tier is not null;
create index registry_site_position on registry_site (longitude, latitude) where longitude is not null;
create index registry_site_merged on registry_site (merged_into) where superseded_at is null and state = 'merged';

create table registry_asset (
  like registry_form including constraints,
  site uuid generated always as ((body ->> 'site')::uuid) stored,
  vendor text generated always as (body ->> 'vendor') stored,
  primary key (id, version),
  foreign key (id) references registry_object (id)
);
create unique index registry_asset_current on registry_asset (id) where superseded_at is null;
create index registry_asset_name on registry_asset (state, name_key, id);
create index registry_asset_site on registry_asset (site, state, name_key, id);
create index registry_asset_vendor on registry_asset (vendor, state, name_key, id);

create table registry_item (
  like registry_form including constraints,
  kind text generated always as (body ->> 'kind') stored,
  mineral text generated always as (body -> 'mineral' ->> 'mineral') stored,
  lists jsonb generated always as (body -> 'lists') stored,
  primary key (id, version),
  foreign key (id) references registry_object (id)
);
create unique index registry_item_current on registry_item (id) where superseded_at is null;
create index registry_item_name on registry_item (state, name_key, id);
create index registry_item_kind on registry_item (kind, state, name_key, id);
create index registry_item_mineral on registry_item (mineral, state, name_key, id);
create index registry_item_lists on registry_item using gin (lists jsonb_path_ops);
create index registry_item_merged on registry_item (merged_into) where superseded_at is null and state = 'merged';

create table registry_recipe (
  like registry_form including constraints,
  site uuid generated always as ((body ->> 'site')::uuid) stored,
  item uuid generated always as ((body ->> 'item')::uuid) stored,
  -- the same by number, and the inputs as [essentiality, [site, item, ppm, site, item, ppm, ...]], by number too
  site_number bigint not null,
  item_number bigint not null,
  inputs jsonb not null,
  primary key (id, version),
  foreign key (id) references registry_object (id)
);
create unique index registry_recipe_current on registry_recipe (id) where superseded_at is null;
create unique index registry_recipe_pair on registry_recipe (site, item) where superseded_at is null and state = 'active';
create index registry_recipe_name on registry_recipe (state, name_key, id);
create index registry_recipe_site on registry_recipe (site, state, name_key, id);
create index registry_recipe_item on registry_recipe (item, state, name_key, id);
create index registry_recipe_walk on registry_recipe (site_number, item_number);

create table registry_stock (
  like registry_form including constraints,
  site uuid generated always as ((body ->> 'site')::uuid) stored,
  item uuid generated always as ((body ->> 'item')::uuid) stored,
  primary key (id, version),
  foreign key (id) references registry_object (id)
);
create unique index registry_stock_current on registry_stock (id) where superseded_at is null;
create unique index registry_stock_pair on registry_stock (site, item) where superseded_at is null and state = 'active';
create index registry_stock_name on registry_stock (state, name_key, id);
create index registry_stock_site on registry_stock (site, state, name_key, id);
create index registry_stock_item on registry_stock (item, state, name_key, id);

create table registry_capacity (
  like registry_form including constraints,
  site uuid generated always as ((body ->> 'site')::uuid) stored,
  item uuid generated always as ((body ->> 'item')::uuid) stored,
  primary key (id, version),
  foreign key (id) references registry_object (id)
);
create unique index registry_capacity_current on registry_capacity (id) where superseded_at is null;
create unique index registry_capacity_pair on registry_capacity (site, item) where superseded_at is null and state = 'active';
create index registry_capacity_name on registry_capacity (state, name_key, id);
create index registry_capacity_site on registry_capacity (site, state, name_key, id);
create index registry_capacity_item on registry_capacity (item, state, name_key, id);

create table registry_demand (
  like registry_form including constraints,
  site uuid generated always as ((body ->> 'site')::uuid) stored,
  item uuid generated always as ((body ->> 'item')::uuid) stored,
  primary key (id, version),
  foreign key (id) references registry_object (id)
);
create unique index registry_demand_current on registry_demand (id) where superseded_at is null;
create unique index registry_demand_pair on registry_demand (site, item) where superseded_at is null and state = 'active';
create index registry_demand_name on registry_demand (state, name_key, id);
create index registry_demand_site on registry_demand (site, state, name_key, id);
create index registry_demand_item on registry_demand (item, state, name_key, id);

create table registry_route (
  like registry_form including constraints,
  from_site uuid generated always as ((body ->> 'from')::uuid) stored,
  to_site uuid generated always as ((body ->> 'to')::uuid) stored,
  mode text generated always as (body ->> 'mode') stored,
  chokepoints jsonb generated always as (body -> 'chokepoints') stored,
  primary key (id, version),
  foreign key (id) references registry_object (id)
);
create unique index registry_route_current on registry_route (id) where superseded_at is null;
create index registry_route_name on registry_route (state, name_key, id);
create index registry_route_from on registry_route (from_site, state, name_key, id);
create index registry_route_to on registry_route (to_site, state, name_key, id);
create index registry_route_mode on registry_route (mode, state, name_key, id);
create index registry_route_chokepoints on registry_route using gin (chokepoints jsonb_path_ops);

drop table registry_form;

-- One row for each supplier of each input of each recipe version, for walks against the direction of supply.
create table registry_supply (
  recipe_id uuid not null,
  version int not null,
  group_index smallint not null,
  supplier_index smallint not null,
  maker_site uuid not null,
  maker_item uuid not null,
  supplier_site uuid not null,
  supplier_item uuid not null,
  share_ppm int not null check (share_ppm between 0 and 1000000),
  essentiality text not null check (essentiality in ('essential', 'important', 'negligible')),
  group_name text not null,
  recorded_at timestamptz not null,
  superseded_at timestamptz,
  primary key (recipe_id, version, group_index, supplier_index),
  foreign key (recipe_id, version) references registry_recipe (id, version)
);
create index registry_supply_today on registry_supply (recipe_id, group_index, supplier_index) where superseded_at is null;
create index registry_supply_from on registry_supply (supplier_site);
create index registry_supply_to on registry_supply (maker_site);
create index registry_supply_item on registry_supply (supplier_item);

-- Words by which people find an object: folded words of names and aliases, and whole identifiers. Of the current version.
-- Without a foreign key: objects are never deleted, and its checks were a quarter of what an import of 100,000 rows costs here.
create table registry_term (
  id uuid not null,
  term text collate "C" not null,
  kind text not null,
  primary key (id, term)
);
create index registry_term_word on registry_term (term, id);
create index registry_term_kind on registry_term (kind, term, id);

-- Keys that say that two objects may be one: LEI, GLN, other identifiers, folded addresses. Of the current version.
create table registry_identifier (
  id uuid not null,
  kind text not null,
  scheme text not null,
  value text collate "C" not null,
  primary key (id, scheme, value)
);
create index registry_identifier_value on registry_identifier (kind, scheme, value, id);

-- Pairs that may be one thing. first_id is the smaller, so that a pair stands here once.
create table registry_suspect (
  id uuid primary key,
  kind text not null check (kind in ('organisation', 'site', 'item')),
  first_id uuid not null references registry_object (id),
  second_id uuid not null references registry_object (id),
  reasons jsonb not null,
  score_ppm int not null,
  state text not null check (state in ('open', 'dismissed', 'merged')),
  found_at timestamptz not null,
  settled_at timestamptz,
  settled_by text,
  settled_reason text,
  unique (first_id, second_id),
  check (first_id < second_id)
);
create index registry_suspect_open on registry_suspect (state, score_ppm desc, id);
create index registry_suspect_kind on registry_suspect (kind, state, score_ppm desc, id);
create index registry_suspect_second on registry_suspect (second_id);

-- Merges and their undoing. The merged object's versions say the same by their state; this says who and why.
create table registry_merge (
  id uuid primary key,
  kind text not null check (kind in ('organisation', 'site', 'item')),
  kept_id uuid not null references registry_object (id),
  merged_id uuid not null references registry_object (id),
  reason text not null,
  merged_at timestamptz not null,
  merged_by text not null,
  undone_at timestamptz,
  undone_by text,
  undone_reason text,
  check (kept_id <> merged_id)
);
create unique index registry_merge_standing on registry_merge (merged_id) where undone_at is null;
create index registry_merge_kept on registry_merge (kept_id, id);
create index registry_merge_merged on registry_merge (merged_id, id);
create index registry_merge_kind on registry_merge (kind, id);
