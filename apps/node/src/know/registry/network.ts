/** The network around a site, an item or an organisation: who supplies whom, a bounded number of steps and sites. */
import type { registry } from "@holdfast/api";
import type { z } from "zod";
import { sql } from "kysely";
import { canonicalIds, membersOf, namesById } from "./label-store.ts";
import { type Db, isVersionOf, parts, type Version } from "./version-store.ts";

export type NetworkNode = z.output<typeof registry.networkNode>;
export type NetworkEdge = z.output<typeof registry.networkEdge>;

export interface NetworkQuery {
  readonly site?: string | undefined;
  readonly item?: string | undefined;
  readonly organisation?: string | undefined;
  readonly upstream: number;
  readonly downstream: number;
  readonly limit: number;
  readonly asOf: Date | undefined;
}

const EDGES_MAX = 20_000; // what a drawing of at most 2,000 sites can still show

/** Facts of sites that drawings and answers about chains need, by id; a merged site is found under what it became. */
export interface SiteSketch {
  readonly id: string;
  readonly label: string;
  readonly kind: Version<"site">["body"]["kind"];
  readonly country: string;
  readonly organisation: string;
  readonly organisationLabel: string;
  readonly tier: number | null;
  readonly position: { latitude: number; longitude: number } | null;
}

/** A sketch without its place on the map, for walks over many sites. */
export type SiteFacts = Omit<SiteSketch, "position">;

const FACTS = sql`v.id, v.body ->> 'name' as label, v.kind, v.country, v.organisation, v.tier`;

export async function readSketches(
  db: Db,
  ids: readonly string[],
  asOf: Date | undefined,
): Promise<Map<string, SiteSketch>> {
  const found: Omit<SiteSketch, "organisationLabel">[] = [];
  for (const part of parts(ids, 20_000)) {
    const { rows } = await sql<Omit<SiteSketch, "organisationLabel">>`
      select ${FACTS}, v.body -> 'position' as position from registry_site v where v.id = any(${part}::uuid[]) and ${isVersionOf(asOf)} limit ${part.length}`.execute(
      db,
    );
    found.push(...rows);
  }
  return new Map((await withOrganisations(db, found, asOf)).map((sketch) => [sketch.id, sketch]));
}

/** As `readSketches` without the places, by the sites' short numbers. */
export async function readSketchesByNumber(
  db: Db,
  numbers: readonly number[],
  asOf: Date | undefined,
): Promise<Map<number, SiteFacts>> {
  const found: (Omit<SiteFacts, "organisationLabel"> & { readonly number: number })[] = [];
  for (const part of parts(numbers, 20_000)) {
    const { rows } = await sql<Omit<SiteFacts, "organisationLabel"> & { number: number }>`
      select o.number, ${FACTS} from registry_object o join registry_site v on v.id = o.id and ${isVersionOf(asOf)}
      where o.number = any(${part}::bigint[]) limit ${part.length}`.execute(db);
    found.push(...rows);
  }
  return new Map((await withOrganisations(db, found, asOf)).map(({ number, ...sketch }) => [number, sketch]));
}

async function withOrganisations<Sketch extends { readonly organisation: string }>(
  db: Db,
  found: readonly Sketch[],
  asOf: Date | undefined,
): Promise<(Sketch & { organisationLabel: string })[]> {
  const canonical = await canonicalIds(db, "organisation", asOf);
  const organisationOf = ({ organisation }: Sketch) => canonical.get(organisation) ?? organisation;
  const names = await namesById(db, "organisation", [...new Set(found.map(organisationOf))], asOf);
  return found.map((site) => ({
    ...site,
    organisation: organisationOf(site),
    organisationLabel: names.get(organisationOf(site)) ?? "",
  }));
}

/** The nodes and edges of a query; `truncated` when there were more sites than its limit. */
export async function readNetwork(
  db: Db,
  query: NetworkQuery,
): Promise<{ nodes: NetworkNode[]; edges: NetworkEdge[]; truncated: boolean }> {
  const { asOf, limit } = query;
  const canonical = await canonicalIds(db, "site", asOf);
  const steps = new Map<string, number>();
  let truncated = false;
  const visit = (id: string, step: number): boolean => {
    const site = canonical.get(id) ?? id;
    if (steps.has(site)) return false;
    if (steps.size >= limit) {
      truncated = true;
      return false;
    }
    steps.set(site, step);
    return true;
  };
  for (const site of await beginnings(db, query)) visit(site, 0);
  const members = membersByCanonical(canonical);
  for (const [direction, count] of [
    [-1, query.upstream],
    [1, query.downstream],
  ] as const) {
    let level = [...steps].filter(([, step]) => step === 0).map(([site]) => site);
    for (let i = 1; i <= count && level.length > 0 && !truncated; i++) {
      const around = await neighbours(
        db,
        level.flatMap((site) => members.get(site) ?? [site]),
        { direction, asOf, limit: limit + 1 },
      );
      level = around.filter((site) => visit(site, direction * i)).map((site) => canonical.get(site) ?? site);
    }
  }
  const ids = [...steps.keys()];
  const sketches = await readSketches(db, ids, asOf);
  const edges = await edgesAmong(
    db,
    ids.flatMap((site) => members.get(site) ?? [site]),
    asOf,
  );
  const items = await namesById(
    db,
    "item",
    edges.map(({ item }) => item),
    asOf,
  );
  return {
    nodes: ids
      .flatMap((id) => sketches.get(id) ?? [])
      .map((sketch) => ({ ...sketch, step: steps.get(sketch.id) ?? 0 })),
    edges: edges.map((edge) => ({
      ...edge,
      from: canonical.get(edge.from) ?? edge.from,
      to: canonical.get(edge.to) ?? edge.to,
      itemLabel: items.get(edge.item) ?? "",
    })),
    truncated,
  };
}

async function beginnings(db: Db, { site, item, organisation, limit, asOf }: NetworkQuery): Promise<string[]> {
  if (site !== undefined) return membersOf(db, "site", site);
  if (item !== undefined) {
    const items = await membersOf(db, "item", item);
    const { rows } = await sql<{ site: string }>`
      (select v.site from registry_recipe v where v.item = any(${items}::uuid[]) and v.state = 'active' and ${isVersionOf(asOf)} limit ${limit + 1})
      union
      (select v.supplier_site from registry_supply v where v.supplier_item = any(${items}::uuid[]) and ${isVersionOf(asOf)} limit ${limit + 1})
      limit ${limit + 1}`.execute(db);
    return rows.map((row) => row.site);
  }
  const organisations = organisation === undefined ? undefined : await membersOf(db, "organisation", organisation);
  // without a beginning: designated sites first, then by name
  const { rows } = await sql<{ id: string }>`
    ${organisations ? sql`` : sql`(select v.id from registry_site v where v.tier is not null and v.state = 'active' and ${isVersionOf(asOf)} order by v.tier, v.name_key, v.id limit ${limit + 1}) union all`}
    (select v.id from registry_site v where ${organisations ? sql`v.organisation = any(${organisations}::uuid[]) and` : sql``} v.state = 'active' and ${isVersionOf(asOf)} order by v.name_key, v.id limit ${limit + 1})`.execute(
    db,
  );
  return rows.map((row) => row.id);
}

async function neighbours(
  db: Db,
  sites: readonly string[],
  { direction, asOf, limit }: { direction: 1 | -1; asOf: Date | undefined; limit: number },
): Promise<string[]> {
  const [near, far] =
    direction === 1
      ? [sql.ref("v.supplier_site"), sql.ref("v.maker_site")]
      : [sql.ref("v.maker_site"), sql.ref("v.supplier_site")];
  const { rows } = await sql<{ site: string }>`
    select distinct ${far} as site from registry_supply v where ${near} = any(${sites}::uuid[]) and ${isVersionOf(asOf)} order by site limit ${limit + sites.length}`.execute(
    db,
  );
  return rows.map((row) => row.site);
}

type BareEdge = Omit<NetworkEdge, "itemLabel">;

async function edgesAmong(db: Db, sites: readonly string[], asOf: Date | undefined): Promise<BareEdge[]> {
  const { rows } = await sql<BareEdge>`
    select v.recipe_id as recipe, v.group_name as "group", v.supplier_site as "from", v.maker_site as "to", v.supplier_item as item, v.maker_item as makes,
      v.share_ppm as "sharePpm", v.essentiality
    from registry_supply v
    where v.maker_site = any(${sites}::uuid[]) and v.supplier_site = any(${sites}::uuid[]) and ${isVersionOf(asOf)}
    order by v.recipe_id, v.group_index, v.supplier_index limit ${EDGES_MAX}`.execute(db);
  return rows;
}

function membersByCanonical(canonical: ReadonlyMap<string, string>): Map<string, string[]> {
  const members = new Map<string, string[]>();
  for (const [id, kept] of canonical) members.set(kept, [...(members.get(kept) ?? [kept]), id]);
  return members;
}
