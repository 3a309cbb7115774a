-- The import that brought a version; null for what was entered by hand. Its statement on the ledger is found by this id.
alter table registry_organisation add column import_id uuid;
alter table registry_site add column import_id uuid;
alter table registry_asset add column import_id uuid;
alter table registry_item add column import_id uuid;
alter table registry_recipe add column import_id uuid;
alter table registry_stock add column import_id uuid;
alter table registry_capacity add column import_id uuid;
alter table registry_demand add column import_id uuid;
alter table registry_route add column import_id uuid;
