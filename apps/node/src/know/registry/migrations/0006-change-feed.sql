-- What changed, for whoever works out something from it: every version of what intelligence can touch, by whichever way it
-- was written, in the transaction that wrote it. Rows are taken away by their reader.
create table registry_change (
  seq bigint generated always as identity primary key,
  kind text not null,
  object_id uuid not null
);

create function registry_note_change() returns trigger language plpgsql as $$
begin
  insert into registry_change (kind, object_id) select distinct substr(tg_table_name, length('registry_') + 1), id from written;
  return null;
end
$$;
create function registry_note_tier() returns trigger language plpgsql as $$
begin
  insert into registry_change (kind, object_id)
  select 'site', w.id from written w join earlier e on e.id = w.id and e.version = w.version where w.tier is distinct from e.tier;
  return null;
end
$$;

create trigger registry_organisation_change after insert on registry_organisation
  referencing new table as written for each statement execute function registry_note_change();
create trigger registry_site_change after insert on registry_site
  referencing new table as written for each statement execute function registry_note_change();
create trigger registry_asset_change after insert on registry_asset
  referencing new table as written for each statement execute function registry_note_change();
create trigger registry_item_change after insert on registry_item
  referencing new table as written for each statement execute function registry_note_change();
create trigger registry_site_tier_change after update on registry_site
  referencing old table as earlier new table as written for each statement execute function registry_note_tier();

insert into registry_change (kind, object_id) select 'organisation', id from registry_organisation where superseded_at is null;
insert into registry_change (kind, object_id) select 'site', id from registry_site where superseded_at is null;
insert into registry_change (kind, object_id) select 'asset', id from registry_asset where superseded_at is null;
insert into registry_change (kind, object_id) select 'item', id from registry_item where superseded_at is null;
