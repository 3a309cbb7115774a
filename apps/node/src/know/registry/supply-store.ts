/**
 * Who supplies whom. Recipes hold it; registry_supply says the same link by link, so that it can be walked from both ends.
 * Merged sites and items are walked as what they became.
 */
import { sql } from "kysely";
import { type ESSENTIALITIES, findLoop } from "./supply-chain.ts";
import { type Db, parts, type Version } from "./version-store.ts";

const LINKS_PER_READ = 50_000; // bounds the memory of one read of the whole network

/** Writes the links of new recipe versions and ends those of the versions before. */
export async function linkVersions(tx: Db, versions: readonly Version<"recipe">[]): Promise<void> {
  const later = versions
    .filter(({ version }) => version > 1)
    .map(({ id, recordedAt }) => ({ id, at: recordedAt.toISOString() }));
  if (later.length > 0)
    await sql`
      update registry_supply s set superseded_at = e.at
      from jsonb_to_recordset(${JSON.stringify(later)}::jsonb) as e (id uuid, at timestamptz)
      where s.recipe_id = e.id and s.superseded_at is null`.execute(tx);
  const links = versions
    .filter(({ state }) => state === "active")
    .flatMap(({ id, version, recordedAt, body }) =>
      body.groups.flatMap((group, groupIndex) =>
        group.suppliers.map((supplier, supplierIndex) => ({
          r: id,
          v: version,
          g: groupIndex,
          p: supplierIndex,
          ms: body.site,
          mi: body.item,
          s: supplier.site,
          i: supplier.item,
          share: supplier.sharePpm,
          e: group.essentiality,
          n: group.name,
          at: recordedAt.toISOString(),
        })),
      ),
    );
  for (const part of parts(links, 5_000))
    await sql`
      insert into registry_supply (recipe_id, version, group_index, supplier_index, maker_site, maker_item, supplier_site, supplier_item, share_ppm, essentiality, group_name, recorded_at)
      select r, v, g, p, ms, mi, s, i, share, e, n, at
      from jsonb_to_recordset(${JSON.stringify(part)}::jsonb) as l (
        r uuid, v int, g smallint, p smallint, ms uuid, mi uuid, s uuid, i uuid, share int, e text, n text, at timestamptz)`.execute(
      tx,
    );
}

/** A site and what it makes. */
export interface Pair {
  readonly site: string;
  readonly item: string;
}

/** A recipe that is about to be written: its pair, and the pairs that supply it. */
export interface ProposedRecipe extends Pair {
  readonly suppliers: readonly Pair[];
}

/** Pairs each supplied by the next, the last by the first: a loop that the registry would have with `proposed`; undefined when there is none. */
export async function findRecipeLoop(tx: Db, proposed: readonly ProposedRecipe[]): Promise<Pair[] | undefined> {
  const own = new Map(proposed.map((recipe) => [keyOf(recipe), recipe.suppliers.map(keyOf)]));
  const edges = proposed.length <= WALKED_MAX ? await upstreamEdges(tx, own) : await allEdges(tx, own);
  return findLoop(edges)?.map(pairOf);
}

const WALKED_MAX = 20; // beyond it one read of the whole network costs less than walking from each recipe

function keyOf({ site, item }: Pair): string {
  return `${site} ${item}`;
}

function pairOf(key: string): Pair {
  const [site = "", item = ""] = key.split(" ");
  return { site, item };
}

type Edges = ReadonlyMap<string, readonly string[]>;

async function upstreamEdges(tx: Db, own: Edges): Promise<Edges> {
  const edges = new Map(own);
  let level = [...new Set([...own.values()].flat())].filter((key) => !edges.has(key));
  while (level.length > 0) {
    const next = new Set<string>();
    const found = new Map<string, string[]>(level.map((key) => [key, []]));
    for (const part of parts(level.map(pairOf), 10_000)) {
      const { rows } = await sql<{ site: string; item: string; supplier_site: string; supplier_item: string }>`
        select distinct v.site, v.item, s.supplier_site, s.supplier_item
        from unnest(${part.map(({ site }) => site)}::uuid[], ${part.map(({ item }) => item)}::uuid[]) as f (site, item)
        join registry_recipe v on v.site = f.site and v.item = f.item and v.state = 'active' and v.superseded_at is null
        join registry_supply s on s.recipe_id = v.id and s.version = v.version
        limit 2000000`.execute(tx);
      for (const row of rows) {
        const supplier = keyOf({ site: row.supplier_site, item: row.supplier_item });
        found.get(keyOf(row))?.push(supplier);
        next.add(supplier);
      }
    }
    for (const [key, suppliers] of found) edges.set(key, suppliers);
    level = [...next].filter((key) => !edges.has(key));
  }
  return edges;
}

async function allEdges(tx: Db, own: Edges): Promise<Edges> {
  const edges = new Map<string, string[]>();
  for await (const links of readLinks(tx))
    for (const link of links) {
      const maker = keyOf({ site: link.makerSite, item: link.makerItem });
      const supplier = keyOf({ site: link.supplierSite, item: link.supplierItem });
      const suppliers = edges.get(maker);
      if (suppliers) suppliers.push(supplier);
      else edges.set(maker, [supplier]);
    }
  return new Map<string, readonly string[]>([...edges, ...own]);
}

export interface Link {
  readonly recipe: string;
  readonly groupIndex: number;
  readonly supplierIndex: number;
  readonly makerSite: string;
  readonly makerItem: string;
  readonly supplierSite: string;
  readonly supplierItem: string;
  readonly essentiality: (typeof ESSENTIALITIES)[number];
}

/** Every link of today, a bounded number at a time. */
export async function* readLinks(db: Db): AsyncGenerator<Link[]> {
  let after: Link | undefined;
  do {
    const { rows }: { rows: Link[] } = await sql<Link>`
      select recipe_id as recipe, group_index as "groupIndex", supplier_index as "supplierIndex", maker_site as "makerSite", maker_item as "makerItem",
        supplier_site as "supplierSite", supplier_item as "supplierItem", essentiality
      from registry_supply
      where superseded_at is null ${after ? sql`and (recipe_id, group_index, supplier_index) > (${after.recipe}::uuid, ${after.groupIndex}::int, ${after.supplierIndex}::int)` : sql``}
      order by recipe_id, group_index, supplier_index limit ${LINKS_PER_READ}`.execute(db);
    yield rows;
    after = rows.length === LINKS_PER_READ ? rows.at(-1) : undefined;
  } while (after);
}
