/**
 * Lists: filtered and ordered in SQL (by folded name, or by the word found when `text` is asked for, or as `sort` says), in
 * keyset pages. Every filter and order has an index that its test's EXPLAIN confirms. `text` finds by today's words, also with `asOf`.
 */
import { Problem } from "@holdfast/kernel";
import { type RawBuilder, sql } from "kysely";
import type { Kind } from "./draft-check.ts";
import { ListOrder } from "./list-order.ts";
import { besideWord, prefixEnd, queryWords } from "./term-store.ts";
import {
  type Db,
  isVersionOf,
  type ListedVersion,
  listedColumns,
  listedOf,
  tableOf,
  type VersionRow,
} from "./version-store.ts";

/** What lists can be filtered by; each kind has the columns for some of them. */
export interface Filters {
  readonly text?: string | undefined;
  readonly kind?: string | undefined;
  readonly country?: string | undefined;
  /** Ids that stand for one object: itself and what was merged into it. */
  readonly organisation?: readonly string[] | undefined;
  readonly parent?: readonly string[] | undefined;
  readonly site?: readonly string[] | undefined;
  readonly item?: readonly string[] | undefined;
  readonly from?: readonly string[] | undefined;
  readonly to?: readonly string[] | undefined;
  readonly tier?: number | undefined;
  readonly bbox?: readonly [west: number, south: number, east: number, north: number] | undefined;
  readonly vendor?: string | undefined;
  readonly mineral?: string | undefined;
  readonly list?: string | undefined;
  readonly mode?: string | undefined;
  readonly chokepoint?: string | undefined;
}

export interface Page {
  readonly state: "active" | "retired";
  readonly asOf?: Date | undefined;
  readonly limit: number;
  readonly after?: string | undefined;
  /** One of the kind's orders in the contract. */
  readonly sort?: string | undefined;
}

export interface Listed<K extends Kind> {
  readonly versions: readonly ListedVersion<K>[];
  readonly next: string | null;
}

type Condition = (value: never) => RawBuilder<unknown>;

const oneOf = (column: string) => (ids: readonly string[]) => sql`v.${sql.ref(column)} = any(${ids}::uuid[])`;
const equals = (column: string) => (value: string) => sql`v.${sql.ref(column)} = ${value}`;

const CONDITIONS: {
  readonly [F in Exclude<keyof Filters, "text">]-?: (value: NonNullable<Filters[F]>) => RawBuilder<unknown>;
} = {
  kind: equals("kind"),
  country: equals("country"),
  organisation: oneOf("organisation"),
  parent: oneOf("parent"),
  site: oneOf("site"),
  item: oneOf("item"),
  from: oneOf("from_site"),
  to: oneOf("to_site"),
  tier: (tier) => sql`v.tier = ${tier}`,
  bbox: ([west, south, east, north]) =>
    sql`v.longitude is not null and v.latitude between ${south} and ${north} and ${
      west <= east
        ? sql`v.longitude between ${west} and ${east}`
        : sql`(v.longitude >= ${west} or v.longitude <= ${east})`
    }`,
  vendor: equals("vendor"),
  mineral: equals("mineral"),
  list: (name) => sql`v.lists @> ${JSON.stringify([name])}::jsonb`,
  mode: equals("mode"),
  chokepoint: (name) => sql`v.chokepoints @> ${JSON.stringify([name])}::jsonb`,
};

/** One page. @throws Problem `registry/page-token-invalid`, `registry/search-too-short` */
export async function listObjects<K extends Kind>(db: Db, kind: K, filters: Filters, page: Page): Promise<Listed<K>> {
  const { rows } = await listQuery(kind, filters, page).execute(db);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  const order = new ListOrder(page.sort, filters.text !== undefined);
  const next = rows.length > page.limit && last ? order.tokenOf(last) : null;
  return { versions: shown.map((row) => listedOf<K>(row)), next };
}

/** The statement of one page, one row longer than the page; exported so that EXPLAIN can be asked about it. */
export function listQuery(
  kind: Kind,
  { text, ...filters }: Filters,
  page: Page,
): RawBuilder<Omit<VersionRow, "facts"> & { term?: string }> {
  const conditions = [
    isVersionOf(page.asOf),
    sql`v.state = ${page.state}`,
    ...Object.entries(filters).flatMap(([name, value]) => conditionOf(name, value)),
  ];
  const order = new ListOrder(page.sort, text !== undefined);
  const words = text === undefined ? [] : queryWords(text);
  const [driver, ...others] = words;
  if (text !== undefined && driver === undefined)
    throw new Problem("registry/search-too-short", `\`${text}\` has no letter or digit to look for`);
  if (driver === undefined || !order.isByWord)
    return sql`
      select ${listedColumns(kind)} from ${tableOf(kind)} v
      where ${sql.join([...conditions, ...words.map((word) => hasWord(sql`v.id`, word))], sql` and `)} ${order.after(page.after)}
      ${order.clause()} limit ${sql.lit(page.limit + 1)}`;
  return sql`
    select ${listedColumns(kind)}, t.term from registry_term t join ${tableOf(kind)} v on v.id = t.id
    where t.kind = ${kind} and t.term >= ${driver} and t.term < ${prefixEnd(driver)}
      and ${sql.join([...conditions, ...others.map(besideWord)], sql` and `)}
      and not exists (select 1 from registry_term e where e.id = t.id and e.term >= ${driver} and e.term < t.term)
      ${order.after(page.after)}
    ${order.clause()} limit ${sql.lit(page.limit + 1)}`;
}

/** The condition that the object `id` has a word that begins so. */
function hasWord(id: RawBuilder<unknown>, word: string): RawBuilder<unknown> {
  return sql`exists (select 1 from registry_term o where o.id = ${id} and o.term >= ${word} and o.term < ${prefixEnd(word)})`;
}

function conditionOf(name: string, value: unknown): RawBuilder<unknown>[] {
  if (value === undefined) return [];
  const condition = CONDITIONS[name as keyof typeof CONDITIONS] as Condition; // Filters and CONDITIONS have the same names
  return [condition(value as never)]; // the value has the type of its own filter
}

/** The number of active objects of each kind, and of supply links. */
export async function countObjects(
  db: Db,
): Promise<{ counts: Record<Kind, number>; supplyLinks: number; suspectsOpen: number }> {
  const { rows } = await sql<Record<Kind | "supply" | "suspects", number>>`
    select
      (select count(*) from registry_organisation where superseded_at is null and state = 'active') as organisation,
      (select count(*) from registry_site where superseded_at is null and state = 'active') as site,
      (select count(*) from registry_asset where superseded_at is null and state = 'active') as asset,
      (select count(*) from registry_item where superseded_at is null and state = 'active') as item,
      (select count(*) from registry_recipe where superseded_at is null and state = 'active') as recipe,
      (select count(*) from registry_stock where superseded_at is null and state = 'active') as stock,
      (select count(*) from registry_capacity where superseded_at is null and state = 'active') as capacity,
      (select count(*) from registry_demand where superseded_at is null and state = 'active') as demand,
      (select count(*) from registry_route where superseded_at is null and state = 'active') as route,
      (select count(*) from registry_supply where superseded_at is null) as supply,
      (select count(*) from registry_suspect where state = 'open') as suspects
    limit 1`.execute(db);
  const { supply = 0, suspects = 0, ...counts } = rows[0]!; // one row always
  return { counts, supplyLinks: supply, suspectsOpen: suspects };
}
