/** Who makes and who buys an item, over the whole registry; merged sites and items count as what they became. */
import { sql } from "kysely";
import { canonicalIds, membersOf } from "./label-store.ts";
import {
  type Db,
  isVersionOf,
  parts,
  type Version,
  versionColumns,
  versionOf,
  type VersionRow,
} from "./version-store.ts";

export const MAKERS_MAX = 10_000; // of one item; more than any answer shows

export interface ItemSketch {
  readonly id: string;
  readonly label: string;
  readonly kind: Version<"item">["body"]["kind"];
  readonly unit: Version<"item">["body"]["unit"];
  readonly mineral: NonNullable<Version<"item">["body"]["mineral"]> | null;
  readonly lists: readonly string[];
}

export async function readItemSketches(
  db: Db,
  ids: readonly string[],
  asOf: Date | undefined,
): Promise<Map<string, ItemSketch>> {
  const sketches = new Map<string, ItemSketch>();
  for (const part of parts(ids, 20_000)) {
    const { rows } = await sql<ItemSketch>`
      select v.id, v.body ->> 'name' as label, v.kind, v.body ->> 'unit' as unit, v.body -> 'mineral' as mineral, v.lists
      from registry_item v where v.id = any(${part}::uuid[]) and ${isVersionOf(asOf)} limit ${part.length}`.execute(db);
    for (const row of rows) sketches.set(row.id, row);
  }
  return sketches;
}

/** As `readItemSketches`, by the items' short numbers. */
export async function readItemSketchesByNumber(
  db: Db,
  numbers: readonly number[],
  asOf: Date | undefined,
): Promise<Map<number, ItemSketch>> {
  const sketches = new Map<number, ItemSketch>();
  for (const part of parts(numbers, 20_000)) {
    const { rows } = await sql<ItemSketch & { number: number }>`
      select o.number, v.id, v.body ->> 'name' as label, v.kind, v.body ->> 'unit' as unit, v.body -> 'mineral' as mineral, v.lists
      from registry_object o join registry_item v on v.id = o.id and ${isVersionOf(asOf)}
      where o.number = any(${part}::bigint[]) limit ${part.length}`.execute(db);
    for (const { number, ...sketch } of rows) sketches.set(number, sketch);
  }
  return sketches;
}

/** Sites that have a recipe for `item`. */
export async function readMakers(db: Db, item: string, asOf: Date | undefined): Promise<string[]> {
  const items = await membersOf(db, "item", item);
  const { rows } = await sql<{ site: string }>`
    select v.site from registry_recipe v where v.item = any(${items}::uuid[]) and v.state = 'active' and ${isVersionOf(asOf)} order by v.site limit ${MAKERS_MAX}`.execute(
    db,
  );
  const sites = await canonicalIds(db, "site", asOf);
  return [...new Set(rows.map(({ site }) => sites.get(site) ?? site))];
}

export interface Sources {
  /** Yearly output of each site that states a capacity, as an exact decimal. */
  readonly capacities: readonly { readonly site: string; readonly quantityPerYear: string }[];
  /** Shares of each supplier site, added up over the inputs that buy the item. */
  readonly purchases: readonly { readonly site: string; readonly sharePpmSum: number }[];
  /** Inputs that buy it. */
  readonly buyersCount: number;
}

export async function readSources(db: Db, item: string, asOf: Date | undefined): Promise<Sources> {
  const items = await membersOf(db, "item", item);
  const sites = await canonicalIds(db, "site", asOf);
  const canonical = <Row extends { readonly site: string }>(rows: readonly Row[]) =>
    rows.map((row) => ({ ...row, site: sites.get(row.site) ?? row.site }));
  const capacities = await sql<{ site: string; quantityPerYear: string }>`
    select v.site, coalesce(v.body ->> 'outputPerYear', v.body ->> 'quantityPerYear') as "quantityPerYear"
    from registry_capacity v where v.item = any(${items}::uuid[]) and v.state = 'active' and ${isVersionOf(asOf)} order by v.site limit ${MAKERS_MAX}`.execute(
    db,
  );
  const purchases = await sql<{ site: string; sharePpmSum: number }>`
    select v.supplier_site as site, sum(v.share_ppm) as "sharePpmSum"
    from registry_supply v where v.supplier_item = any(${items}::uuid[]) and ${isVersionOf(asOf)} group by v.supplier_site order by site limit ${MAKERS_MAX}`.execute(
    db,
  );
  const buyers = await sql<{ count: number }>`
    select count(*) as count from (
      select distinct v.recipe_id, v.group_index from registry_supply v where v.supplier_item = any(${items}::uuid[]) and ${isVersionOf(asOf)}
    ) input limit 1`.execute(db);
  return {
    capacities: canonical(capacities.rows),
    purchases: canonical(purchases.rows),
    buyersCount: buyers.rows[0]?.count ?? 0,
  };
}

/** Active recipes in order of their id, beginning at `from`: of one site, or those that buy an item, or all. */
export async function readRecipePage(
  db: Db,
  page: { from: string | undefined; limit: number; site: string | undefined; bought: string | undefined },
): Promise<Version<"recipe">[]> {
  const { from, limit } = page;
  const sites = page.site === undefined ? undefined : await membersOf(db, "site", page.site);
  const bought = page.bought === undefined ? undefined : await membersOf(db, "item", page.bought);
  const { rows } = await sql<VersionRow>`
    select ${versionColumns("recipe")} from registry_recipe v
    where v.superseded_at is null and v.state = 'active'
      ${from ? sql`and v.id >= ${from}::uuid` : sql``} ${sites ? sql`and v.site = any(${sites}::uuid[])` : sql``}
      ${bought ? sql`and v.id in (select s.recipe_id from registry_supply s where s.supplier_item = any(${bought}::uuid[]) and s.superseded_at is null)` : sql``}
    order by v.id limit ${limit}`.execute(db);
  return rows.map((row) => versionOf<"recipe">(row));
}
