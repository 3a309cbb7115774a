/**
 * The facts from which a supply network is modelled, of one instant: set by set, only the fields that a model reads, in the
 * order of ids. References are to what merged objects became. Nothing but ids and figures: names come at display.
 */
import type { registry } from "@holdfast/api";
import { type RawBuilder, sql } from "kysely";
import { canonicalIds } from "./label-store.ts";
import { type Db, isVersionOf } from "./version-store.ts";

const ROWS_PER_READ = 5_000; // a recipe has its inputs with it: some 20 MB at most

type Hazards = readonly Pick<registry.Site["hazards"][number], "threat" | "level">[];

export interface ModelSite {
  readonly id: string;
  readonly kind: registry.Site["kind"];
  readonly country: string;
  readonly organisation: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly replaceDays: number | null;
  readonly hazards: Hazards;
}

export interface ModelItem {
  readonly id: string;
  readonly kind: registry.Item["kind"];
  readonly unit: registry.Unit;
}

interface Placed {
  readonly id: string;
  readonly site: string;
  readonly item: string;
}

export interface ModelRecipe extends Placed {
  readonly groups: registry.Recipe["groups"];
}

export interface ModelStock extends Placed {
  readonly quantity: string;
}

export interface ModelCapacity extends Placed {
  readonly quantityPerYear: string;
  readonly outputPerYear: string | null;
}

export interface ModelDemand extends Placed {
  readonly quantityPerYear: string;
  readonly marginPerYearMinor: number | null;
  readonly currency: string | null;
}

export interface ModelRoute {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly item: string | null;
  readonly days: number;
  readonly chokepoints: readonly string[];
}

export interface ModelFacts {
  readonly sites: readonly ModelSite[];
  readonly items: readonly ModelItem[];
  readonly recipes: readonly ModelRecipe[];
  readonly stocks: readonly ModelStock[];
  readonly capacities: readonly ModelCapacity[];
  readonly demands: readonly ModelDemand[];
  readonly routes: readonly ModelRoute[];
}

/** Everything that stood at `asOf`; today when undefined. `pause` is awaited between reads. */
export async function readModelFacts(
  db: Db,
  asOf: Date | undefined,
  pause: () => Promise<void> = async () => undefined,
): Promise<ModelFacts> {
  const [organisations, sites, items] = [
    await canonicalIds(db, "organisation", asOf),
    await canonicalIds(db, "site", asOf),
    await canonicalIds(db, "item", asOf),
  ];
  const site = (id: string) => sites.get(id) ?? id;
  const item = (id: string) => items.get(id) ?? id;
  const placed = <Row extends Placed>(row: Row): Row => ({ ...row, site: site(row.site), item: item(row.item) });
  const read = <Row extends { readonly id: string }>(table: string, columns: RawBuilder<unknown>) =>
    readAll<Row>(db, { table, columns, asOf, pause });
  return {
    sites: (
      await read<ModelSite>(
        "registry_site",
        sql`v.kind, v.country, v.organisation, v.latitude, v.longitude, (v.body ->> 'replaceDays')::int as "replaceDays", v.body -> 'hazards' as hazards`,
      )
    ).map((row) => ({ ...row, organisation: organisations.get(row.organisation) ?? row.organisation })),
    items: await read<ModelItem>("registry_item", sql`v.kind, v.body ->> 'unit' as unit`),
    recipes: (await read<ModelRecipe>("registry_recipe", sql`v.site, v.item, v.body -> 'groups' as groups`)).map(
      (row) => ({
        ...placed(row),
        groups: row.groups.map((group) => ({
          ...group,
          suppliers: group.suppliers.map((each) => placedSupplier(each)),
        })),
      }),
    ),
    stocks: (await read<ModelStock>("registry_stock", sql`v.site, v.item, v.body ->> 'quantity' as quantity`)).map(
      placed,
    ),
    capacities: (
      await read<ModelCapacity>(
        "registry_capacity",
        sql`v.site, v.item, v.body ->> 'quantityPerYear' as "quantityPerYear", v.body ->> 'outputPerYear' as "outputPerYear"`,
      )
    ).map(placed),
    demands: (
      await read<ModelDemand>(
        "registry_demand",
        sql`v.site, v.item, v.body ->> 'quantityPerYear' as "quantityPerYear", (v.body ->> 'marginPerYearMinor')::float8 as "marginPerYearMinor", v.body ->> 'currency' as currency`,
      )
    ).map(placed),
    routes: (
      await read<ModelRoute>(
        "registry_route",
        sql`v.from_site as "from", v.to_site as "to", (v.body ->> 'item')::uuid as item, (v.body ->> 'days')::int as days, v.chokepoints`,
      )
    ).map((row) => ({
      ...row,
      from: site(row.from),
      to: site(row.to),
      item: row.item === null ? null : item(row.item),
    })),
  };

  function placedSupplier<Each extends { readonly site: string; readonly item: string }>(each: Each): Each {
    return { ...each, site: site(each.site), item: item(each.item) };
  }
}

/** Active versions of one table, in the order of ids, a bounded number at a time. */
async function readAll<Row extends { readonly id: string }>(
  db: Db,
  query: {
    table: string;
    columns: RawBuilder<unknown>;
    asOf: Date | undefined;
    pause: () => Promise<void>;
  },
): Promise<Row[]> {
  const all: Row[] = [];
  let after: string | undefined;
  do {
    const { rows } = await sql<Row>`
      select v.id, ${query.columns} from ${sql.table(query.table)} v
      where ${isVersionOf(query.asOf)} and v.state = 'active' ${after === undefined ? sql`` : sql`and v.id > ${after}::uuid`}
      order by v.id limit ${ROWS_PER_READ}`.execute(db);
    for (const row of rows) all.push(row);
    after = rows.length === ROWS_PER_READ ? rows.at(-1)?.id : undefined;
    if (after !== undefined) await query.pause();
  } while (after !== undefined);
  return all;
}

/**
 * A text that changes whenever the facts do: how many versions there are and when the last of them was recorded and ended.
 * Cheap beside reading them, so what was modelled from them can be kept.
 */
export async function readModelStamp(db: Db): Promise<string> {
  const tables = ["site", "item", "recipe", "stock", "capacity", "demand", "route", "organisation"];
  const counts = tables.map(
    (name) =>
      sql`select ${name} as name, count(*) as count, max(recorded_at) as recorded from ${sql.table(`registry_${name}`)}`,
  );
  const { rows } = await sql<{ name: string; count: number; recorded: Date | null }>`
    select * from (${sql.join(counts, sql` union all `)}) as stamp order by name limit ${tables.length}`.execute(db);
  return rows.map(({ name, count, recorded }) => `${name} ${count} ${recorded?.toISOString() ?? ""}`).join("; ");
}
