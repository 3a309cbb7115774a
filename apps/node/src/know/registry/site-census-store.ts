/** One site as the census would have it: what it makes, who else makes that, and how many sites stand downstream. */
import { sql } from "kysely";
import type { CensusItem, CensusOutput, CensusSite } from "./census-store.ts";
import { canonicalIds, membersOf } from "./label-store.ts";
import type { Db } from "./version-store.ts";

const ITEMS_MAX = 1_000; // that one site makes
const MAKERS_MAX = 100_000; // of one item

export interface SiteCensus {
  readonly site: CensusSite;
  readonly outputs: readonly (CensusOutput & {
    readonly facts: CensusItem;
    readonly otherMakers: number;
    readonly otherMakersInCountry: number;
  })[];
  readonly dependents: number;
  readonly soleDependents: number;
}

/** Undefined when there is no such active site. Counting sites downstream stops at `limit`. */
export async function readSiteCensus(db: Db, id: string, limit: number): Promise<SiteCensus | undefined> {
  const { rows } = await sql<CensusSite>`
    select o.number, v.id, v.kind, v.country, v.body ->> 'publicSafety' as "publicSafety", (v.body ->> 'replaceDays')::int as "replaceDays"
    from registry_site v join registry_object o on o.id = v.id
    where v.id = ${id}::uuid and v.superseded_at is null and v.state = 'active' limit 1`.execute(db);
  const site = rows[0];
  if (!site) return undefined;
  const members = await membersOf(db, "site", id);
  const outputs = [];
  for (const row of await readOutputs(db, members))
    outputs.push({ ...row, ...(await countOtherMakers(db, row.itemId, { members, country: site.country })) });
  return {
    site,
    outputs,
    dependents: await countDownstream(db, members, { sole: false, limit }),
    soleDependents: await countDownstream(db, members, { sole: true, limit }),
  };
}

type OutputRow = CensusOutput & { readonly itemId: string; readonly facts: CensusItem };

async function readOutputs(db: Db, members: readonly string[]): Promise<OutputRow[]> {
  const canonical = await canonicalIds(db, "item", undefined);
  const { rows: made } = await sql<{ item: string }>`
    (select v.item from registry_recipe v where v.site = any(${members}::uuid[]) and v.superseded_at is null and v.state = 'active' limit ${ITEMS_MAX})
    union (select v.item from registry_capacity v where v.site = any(${members}::uuid[]) and v.superseded_at is null and v.state = 'active' limit ${ITEMS_MAX})
    union (select distinct s.supplier_item from registry_supply s where s.supplier_site = any(${members}::uuid[]) and s.superseded_at is null limit ${ITEMS_MAX})
    limit ${ITEMS_MAX}`.execute(db);
  const items = [...new Set(made.map(({ item }) => canonical.get(item) ?? item))];
  const { rows } = await sql<{
    itemId: string;
    number: number;
    site: number;
    label: string;
    unit: CensusItem["unit"];
    mineral: CensusItem["mineral"];
    listed: boolean;
  }>`
    select v.id as "itemId", o.number, 0 as site, v.body ->> 'name' as label, v.body ->> 'unit' as unit, v.body -> 'mineral' as mineral, v.lists <> '[]'::jsonb as listed
    from registry_item v join registry_object o on o.id = v.id
    where v.id = any(${items}::uuid[]) and v.superseded_at is null order by v.id limit ${ITEMS_MAX}`.execute(db);
  const { rows: capacities } = await sql<Omit<CensusOutput, "site" | "item"> & { itemId: string }>`
    select v.item as "itemId", v.body ->> 'quantityPerYear' as "quantityPerYear", v.body ->> 'outputPerYear' as "outputPerYear",
      (v.body ->> 'worldSharePpm')::int as "worldSharePpm", (v.body ->> 'nationalSharePpm')::int as "nationalSharePpm"
    from registry_capacity v where v.site = any(${members}::uuid[]) and v.superseded_at is null and v.state = 'active' order by v.id limit ${ITEMS_MAX}`.execute(
    db,
  );
  const stated = new Map(capacities.map((row) => [canonical.get(row.itemId) ?? row.itemId, row]));
  const blank = { quantityPerYear: null, outputPerYear: null, worldSharePpm: null, nationalSharePpm: null };
  return rows.map(({ itemId, number, site, ...facts }) => {
    const { quantityPerYear, outputPerYear, worldSharePpm, nationalSharePpm } = stated.get(itemId) ?? blank;
    return {
      itemId,
      site,
      item: number,
      quantityPerYear,
      outputPerYear,
      worldSharePpm,
      nationalSharePpm,
      facts: { number, ...facts },
    };
  });
}

async function countOtherMakers(
  db: Db,
  item: string,
  own: { members: readonly string[]; country: string },
): Promise<{ otherMakers: number; otherMakersInCountry: number }> {
  const items = await membersOf(db, "item", item);
  const { rows } = await sql<{ site: string; country: string }>`
    select v.id as site, v.country from registry_site v where v.superseded_at is null and v.state = 'active' and v.id in (
      select coalesce(m.merged_into, m.id) from registry_site m where m.superseded_at is null and m.id in (
        select r.site from registry_recipe r where r.item = any(${items}::uuid[]) and r.superseded_at is null and r.state = 'active'
        union select c.site from registry_capacity c where c.item = any(${items}::uuid[]) and c.superseded_at is null and c.state = 'active'
        union select s.supplier_site from registry_supply s where s.supplier_item = any(${items}::uuid[]) and s.superseded_at is null
      )
    ) limit ${MAKERS_MAX}`.execute(db);
  const others = rows.filter(({ site }) => !own.members.includes(site));
  return {
    otherMakers: others.length,
    otherMakersInCountry: others.filter(({ country }) => country === own.country).length,
  };
}

/** Sites reached over supply, level by level; with `sole`, over essential inputs that have one supplier site. */
async function countDownstream(
  db: Db,
  members: readonly string[],
  { sole, limit }: { sole: boolean; limit: number },
): Promise<number> {
  const canonical = await canonicalIds(db, "site", undefined);
  const start = canonical.get(members[0] ?? "") ?? members[0] ?? "";
  const seen = new Set<string>([start]);
  let level = [...members];
  while (level.length > 0 && seen.size <= limit) {
    const { rows } = await sql<{ site: string }>`
      select distinct s.maker_site as site from registry_supply s
      where s.supplier_site = any(${level}::uuid[]) and s.superseded_at is null ${
        sole
          ? sql`and s.essentiality = 'essential' and not exists (
              select 1 from registry_supply o where o.recipe_id = s.recipe_id and o.version = s.version and o.group_index = s.group_index and o.supplier_site <> s.supplier_site)`
          : sql``
      }
      limit ${limit + seen.size + 1}`.execute(db);
    level = [];
    for (const { site } of rows) {
      const kept = canonical.get(site) ?? site;
      if (seen.has(kept)) continue;
      seen.add(kept);
      level.push(kept, ...(kept === site ? [] : [site]));
    }
  }
  return Math.min(limit, seen.size - 1);
}
