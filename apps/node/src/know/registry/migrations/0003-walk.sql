-- Look-through reads thousands of recipes and sites at once: what it needs of a recipe as one string of bytes, and of a
-- site by its short number, so that neither a document is unpacked nor another table asked.

-- Big-endian 32-bit numbers: site, item, count of inputs; for each input its essentiality (0, 1, 2) and the count of its
-- suppliers; for each supplier site, item and share in parts per million. Sites and items by number.
alter table registry_recipe add column walk bytea;
update registry_recipe r set walk =
  int4send(r.site_number::int4) || int4send(r.item_number::int4) || int4send(jsonb_array_length(r.inputs)) ||
  coalesce(
    (
      select string_agg(
        int4send((g.input ->> 0)::int4) || int4send(jsonb_array_length(g.input -> 1) / 3) ||
        coalesce(
          (
            select string_agg(int4send(n.value::int4), ''::bytea order by n.place)
            from jsonb_array_elements_text(g.input -> 1) with ordinality as n (value, place)
          ),
          ''::bytea
        ),
        ''::bytea order by g.place
      )
      from jsonb_array_elements(r.inputs) with ordinality as g (input, place)
    ),
    ''::bytea
  );
alter table registry_recipe alter column walk set not null;

alter table registry_site add column number bigint;
update registry_site s set number = o.number from registry_object o where o.id = s.id;
alter table registry_site alter column number set not null;
create index registry_site_number on registry_site (number);
