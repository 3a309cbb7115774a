-- Lists by country and by kind over all rows: the state first, so that one index serves the filter and the order.
drop index registry_organisation_country;
create index registry_organisation_country on registry_organisation (state, country, name_key, id);
drop index registry_site_country;
create index registry_site_country on registry_site (state, country, name_key, id);
drop index registry_site_kind;
create index registry_site_kind on registry_site (state, kind, name_key, id);
drop index registry_item_kind;
create index registry_item_kind on registry_item (state, kind, name_key, id);

-- Lists by the instant of the last change. New rows come last in it, so that an import pays little for it.
create index registry_organisation_updated on registry_organisation (state, recorded_at, id);
create index registry_site_updated on registry_site (state, recorded_at, id);
create index registry_asset_updated on registry_asset (state, recorded_at, id);
create index registry_item_updated on registry_item (state, recorded_at, id);
