/**
 * The whole registry of today in columns, for what is worked out over all sites at once: who makes what, who supplies whom.
 * Sites and items are by short number, merged ones under what they became. Reads a bounded number of rows at a time.
 */
import { sql } from "kysely";
import { mergeNumbers } from "./chain-store.ts";
import type { Db, Version } from "./version-store.ts";

const ROWS_PER_READ = 20_000;

type SiteBody = Version<"site">["body"];
type ItemBody = Version<"item">["body"];

export interface CensusSite {
  readonly number: number;
  readonly id: string;
  readonly kind: SiteBody["kind"];
  readonly country: string;
  readonly publicSafety: SiteBody["publicSafety"] | null;
  readonly replaceDays: number | null;
}

export interface CensusItem {
  readonly number: number;
  readonly label: string;
  readonly unit: ItemBody["unit"];
  readonly mineral: NonNullable<ItemBody["mineral"]> | null;
  readonly listed: boolean;
}

/** What a site makes: by its recipes, its stated capacities, or because somebody buys it there. */
export interface CensusOutput {
  readonly site: number;
  readonly item: number;
  readonly quantityPerYear: string | null;
  readonly outputPerYear: string | null;
  readonly worldSharePpm: number | null;
  readonly nationalSharePpm: number | null;
}

export interface Census {
  readonly sites: readonly CensusSite[];
  readonly items: ReadonlyMap<number, CensusItem>;
  readonly outputs: readonly CensusOutput[];
  /** Supplier and maker of each link, as places in `sites`. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** As above, of links that are the only supplier site of an essential input. */
  readonly soleFrom: Int32Array;
  readonly soleTo: Int32Array;
}

/** Everything. `pause` is awaited between reads, so that a caller can show progress and stop. */
export async function readCensus(db: Db, pause: (read: string) => Promise<void>): Promise<Census> {
  const merges = { site: await mergeNumbers(db, "site"), item: await mergeNumbers(db, "item") };
  const sites: CensusSite[] = [];
  for await (const rows of siteRows(db)) {
    sites.push(...rows);
    await pause(`${sites.length} sites`);
  }
  const place = new Map(sites.map(({ number }, i) => [number, i]));
  const items = new Map<number, CensusItem>();
  for await (const rows of itemRows(db)) for (const row of rows) items.set(row.number, row);
  const outputs = new Map<string, CensusOutput>();
  for await (const rows of outputRows(db)) {
    for (const row of rows) {
      const [site, item] = [merges.site(row.site), merges.item(row.item)];
      const known = outputs.get(`${site} ${item}`);
      if (!known || known.quantityPerYear === null) outputs.set(`${site} ${item}`, { ...row, site, item });
    }
    await pause(`${outputs.size} outputs`);
  }
  const links = new Columns();
  const soleLinks = new Columns();
  let linksCount = 0;
  for await (const rows of linkRows(db)) {
    for (const row of rows) {
      const [supplier, maker] = [merges.site(row.supplier), merges.site(row.maker)];
      const supplied = `${supplier} ${merges.item(row.item)}`;
      if (!outputs.has(supplied))
        outputs.set(supplied, {
          site: supplier,
          item: merges.item(row.item),
          quantityPerYear: null,
          outputPerYear: null,
          worldSharePpm: null,
          nationalSharePpm: null,
        });
      const [from, to] = [place.get(supplier), place.get(maker)];
      if (from === undefined || to === undefined || from === to) continue;
      links.add(from, to);
      if (row.sole) soleLinks.add(from, to);
    }
    linksCount += rows.length;
    await pause(`${linksCount} links`);
  }
  const [[from, to], [soleFrom, soleTo]] = [links.columns(), soleLinks.columns()];
  return { sites, items, outputs: [...outputs.values()], from, to, soleFrom, soleTo };
}

/** Two columns that grow. */
class Columns {
  #from = new Int32Array(1_024);
  #to = new Int32Array(1_024);
  #count = 0;

  add(from: number, to: number): void {
    if (this.#count === this.#from.length) {
      const [wider, other] = [new Int32Array(2 * this.#count), new Int32Array(2 * this.#count)];
      wider.set(this.#from);
      other.set(this.#to);
      [this.#from, this.#to] = [wider, other];
    }
    this.#from[this.#count] = from;
    this.#to[this.#count++] = to;
  }

  columns(): readonly [Int32Array, Int32Array] {
    return [this.#from.slice(0, this.#count), this.#to.slice(0, this.#count)];
  }
}

async function* siteRows(db: Db): AsyncGenerator<CensusSite[]> {
  yield* keyset(async (after) => {
    const { rows } = await sql<CensusSite>`
      select o.number, v.id, v.kind, v.country, v.body ->> 'publicSafety' as "publicSafety", (v.body ->> 'replaceDays')::int as "replaceDays"
      from registry_site v join registry_object o on o.id = v.id
      where v.superseded_at is null and v.state = 'active' ${after === undefined ? sql`` : sql`and v.id > ${after}::uuid`}
      order by v.id limit ${ROWS_PER_READ}`.execute(db);
    return { rows, next: rows.at(-1)?.id };
  });
}

async function* itemRows(db: Db): AsyncGenerator<CensusItem[]> {
  yield* keyset(async (after) => {
    const { rows } = await sql<CensusItem & { id: string }>`
      select o.number, v.id, v.body ->> 'name' as label, v.body ->> 'unit' as unit, v.body -> 'mineral' as mineral, v.lists <> '[]'::jsonb as listed
      from registry_item v join registry_object o on o.id = v.id
      where v.superseded_at is null and v.state <> 'merged' ${after === undefined ? sql`` : sql`and v.id > ${after}::uuid`}
      order by v.id limit ${ROWS_PER_READ}`.execute(db);
    return { rows, next: rows.at(-1)?.id };
  });
}

/** Capacities first: where a recipe says the same pair again, the capacity is the one that says how much. */
async function* outputRows(db: Db): AsyncGenerator<CensusOutput[]> {
  yield* keyset(async (after) => {
    const { rows } = await sql<CensusOutput & { id: string }>`
      select v.id, s.number as site, i.number as item, v.body ->> 'quantityPerYear' as "quantityPerYear", v.body ->> 'outputPerYear' as "outputPerYear",
        (v.body ->> 'worldSharePpm')::int as "worldSharePpm", (v.body ->> 'nationalSharePpm')::int as "nationalSharePpm"
      from registry_capacity v join registry_object s on s.id = v.site join registry_object i on i.id = v.item
      where v.superseded_at is null and v.state = 'active' ${after === undefined ? sql`` : sql`and v.id > ${after}::uuid`}
      order by v.id limit ${ROWS_PER_READ}`.execute(db);
    return { rows, next: rows.at(-1)?.id };
  });
  yield* keyset(async (after) => {
    const { rows } = await sql<{ id: string; site: number; item: number }>`
      select v.id, v.site_number as site, v.item_number as item from registry_recipe v
      where v.superseded_at is null and v.state = 'active' ${after === undefined ? sql`` : sql`and v.id > ${after}::uuid`}
      order by v.id limit ${ROWS_PER_READ}`.execute(db);
    const blank = { quantityPerYear: null, outputPerYear: null, worldSharePpm: null, nationalSharePpm: null };
    return { rows: rows.map(({ site, item }) => ({ site, item, ...blank })), next: rows.at(-1)?.id };
  });
}

interface LinkRow {
  readonly supplier: number;
  readonly maker: number;
  readonly item: number;
  /** The only supplier site of an essential input. */
  readonly sole: boolean;
}

async function* linkRows(db: Db): AsyncGenerator<LinkRow[]> {
  yield* keyset(async (after) => {
    const { rows } = await sql<{ id: string; maker: number; inputs: [essentiality: number, suppliers: number[]][] }>`
      select v.id, v.site_number as maker, v.inputs from registry_recipe v
      where v.superseded_at is null and v.state = 'active' ${after === undefined ? sql`` : sql`and v.id > ${after}::uuid`}
      order by v.id limit ${ROWS_PER_READ / 10}`.execute(db);
    return {
      rows: rows.flatMap(({ maker, inputs }) => inputs.flatMap((input) => linksOf(maker, input))),
      next: rows.length < ROWS_PER_READ / 10 ? undefined : rows.at(-1)?.id,
    };
  });
}

function linksOf(maker: number, [essentiality, suppliers]: readonly [number, readonly number[]]): LinkRow[] {
  const links: LinkRow[] = [];
  const sites = new Set(suppliers.filter((_, i) => i % 3 === 0)); // site, item and share of each supplier
  const sole = essentiality === 0 && sites.size === 1;
  for (let i = 0; i + 2 < suppliers.length; i += 3)
    links.push({ supplier: suppliers[i]!, item: suppliers[i + 1]!, maker, sole }); // as above
  return links;
}

async function* keyset<Row>(
  read: (after: string | undefined) => Promise<{ rows: Row[]; next: string | undefined }>,
): AsyncGenerator<Row[]> {
  let after: string | undefined;
  do {
    const { rows, next } = await read(after);
    yield rows;
    after = next;
  } while (after !== undefined);
}
