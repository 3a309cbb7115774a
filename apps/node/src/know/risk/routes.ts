/** Serves the first answers about risk: look-through, concentration, single sources. */
import { risk } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import { z } from "zod";
import type { Server } from "../../platform/server.ts";
import type { Registry, SiteSketch, Version } from "../registry/index.ts";
import { concentrationOf } from "./item-concentration.ts";
import { answerChain } from "./look-through-answer.ts";
import { type Single, singleSources } from "./single-source.ts";

const RECIPES_PER_PAGE_MAX = 1_000; // looked at for one page of single sources
const MAKERS_SHOWN_MAX = 20; // in the problem that asks which of them is meant

export function riskRoutes(server: Server, registry: Registry): void {
  server.serve(risk.getLookThrough, async (call) => {
    const { params, query } = call;
    call.authorise({ type: "RegistryObject", id: params.id });
    return answerLookThrough(registry, {
      item: params.id,
      site: query.site,
      asOf: instant(query.asOf),
      limit: query.limit,
    });
  });
  server.serve(risk.getItemConcentration, async (call) => {
    const { params, query } = call;
    call.authorise({ type: "RegistryObject", id: params.id });
    const asOf = instant(query.asOf);
    const item = await itemOf(registry, params.id, asOf);
    const makers = await registry.makers(item.id, asOf);
    const sources = await registry.sources(item.id, asOf);
    const ids = [
      ...makers,
      ...sources.capacities.map(({ site }) => site),
      ...sources.purchases.map(({ site }) => site),
    ];
    const sketches = await registry.sites([...new Set(ids)], asOf);
    const answer = concentrationOf({ makers, sources, siteOf: (id) => sketches.get(id) });
    return {
      item: item.id,
      itemLabel: item.label,
      ...answer,
      sites: answer.sites.slice(0, query.limit),
      suppliers: answer.suppliers.slice(0, query.limit),
      countries: answer.countries.slice(0, query.limit),
      buyersCount: sources.buyersCount,
    };
  });
  server.serve(risk.listSingleSources, async (call) => {
    call.authorise();
    return answerSingleSources(registry, call.query);
  });
}

function instant(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}

async function itemOf(registry: Registry, id: string, asOf: Date | undefined) {
  const item = (await registry.items([await registry.canonical("item", id, asOf)], asOf)).values().next().value;
  if (!item) throw new Problem("risk/item-not-found", `there is no item \`${id}\``);
  return item;
}

async function answerLookThrough(
  registry: Registry,
  query: { item: string; site: string | undefined; asOf: Date | undefined; limit: number },
): Promise<risk.LookThrough> {
  const { asOf, limit } = query;
  const item = await itemOf(registry, query.item, asOf);
  const site = await makerOf(registry, { id: item.id, label: item.label }, query.site, asOf);
  const chain = await registry.chain({ site, item: item.id }, { asOf, sitesMax: risk.LOOK_THROUGH_SITES_MAX });
  const siteLabel = (await registry.sites([site], asOf)).get(site)?.label ?? "";
  const at = (asOf ?? registry.author("").at).toISOString();
  return {
    item: item.id,
    itemLabel: item.label,
    site,
    siteLabel,
    asOf: at,
    ...(await answerChain(registry, chain, { limit, asOf })),
  };
}

/** The site whose product is meant: the one asked for, or the only one that makes it. */
async function makerOf(
  registry: Registry,
  item: { id: string; label: string },
  asked: string | undefined,
  asOf: Date | undefined,
): Promise<string> {
  const makers = await registry.makers(item.id, asOf);
  if (asked !== undefined) {
    const site = await registry.canonical("site", asked, asOf);
    if (makers.includes(site)) return site;
    const known = await registry.sites([site], asOf);
    if (known.size === 0) throw new Problem("risk/site-not-found", `there is no site \`${asked}\``);
    throw new Problem("risk/not-made", `no recipe says how the site makes \`${item.label}\``);
  }
  const [only] = makers;
  if (only === undefined) throw new Problem("risk/not-made", `no recipe says how \`${item.label}\` is made`);
  if (makers.length === 1) return only;
  throw new Problem("risk/several-makers", `${makers.length} sites make \`${item.label}\`: say which with \`site\``, {
    detail: { sites: makers.slice(0, MAKERS_SHOWN_MAX) },
  });
}

type SingleSourceQuery = z.output<NonNullable<typeof risk.listSingleSources.query>>;

interface Place {
  /** Where to go on: this input of this recipe. */
  readonly recipe: string;
  readonly groupIndex: number;
}

/** One page: it ends when it is full, or when it has looked at its bounded number of recipes. */
async function answerSingleSources(
  registry: Registry,
  query: SingleSourceQuery,
): Promise<{ items: risk.SingleSource[]; next: string | null }> {
  const from = query.after === undefined ? undefined : readPlace(query.after);
  const page = { from: from?.recipe, limit: RECIPES_PER_PAGE_MAX + 1, site: query.site, bought: query.item };
  const recipes = await registry.recipes(page);
  const suppliers = recipes.flatMap(({ body }) =>
    body.groups.flatMap((group) => group.suppliers.map(({ site }) => site)),
  );
  const sketches = await registry.sites(
    [...new Set([...suppliers, ...recipes.map(({ body }) => body.site)])],
    undefined,
  );
  const services = query.bought ? await servicesOf(registry, recipes) : undefined;
  const found: { recipe: Version<"recipe">; single: Single }[] = [];
  for (const recipe of recipes.slice(0, RECIPES_PER_PAGE_MAX)) {
    for (const single of singleSources(recipe, query.level, (id) => sketches.get(id))) {
      const { group, groupIndex } = single;
      if (recipe.id === from?.recipe && groupIndex < from.groupIndex) continue;
      if (query.essentiality && group.essentiality !== query.essentiality) continue;
      if (query.item && !group.suppliers.some(({ item }) => item === query.item)) continue;
      if (services && group.suppliers.some(({ item }) => services.has(item)) !== (query.bought === "services"))
        continue;
      if (query.country && sketches.get(group.suppliers[0]?.site ?? "")?.country !== query.country) continue;
      if (found.length === query.limit)
        return { items: await answersOf(registry, found, query.level, sketches), next: `${recipe.id} ${groupIndex}` };
      found.push({ recipe, single });
    }
  }
  const more = recipes[RECIPES_PER_PAGE_MAX];
  return { items: await answersOf(registry, found, query.level, sketches), next: more ? `${more.id} 0` : null };
}

/** The services among all that `recipes` buy. */
async function servicesOf(registry: Registry, recipes: readonly Version<"recipe">[]): Promise<ReadonlySet<string>> {
  const bought = recipes.flatMap(({ body }) =>
    body.groups.flatMap(({ suppliers }) => suppliers.map(({ item }) => item)),
  );
  const sketches = await registry.items([...new Set(bought)], undefined);
  return new Set([...sketches.values()].filter(({ kind }) => kind === "service").map(({ id }) => id));
}

async function answersOf(
  registry: Registry,
  found: readonly { recipe: Version<"recipe">; single: Single }[],
  level: SingleSourceQuery["level"],
  sketches: ReadonlyMap<string, SiteSketch>,
): Promise<risk.SingleSource[]> {
  const ids = found.flatMap(({ recipe, single }) => [
    recipe.body.item,
    ...single.group.suppliers.map(({ item }) => item),
  ]);
  const items = await registry.items([...new Set(ids)], undefined);
  const labelOf = (id: string) => items.get(id)?.label ?? "";
  return found.map(({ recipe, single: { group, source } }) => ({
    recipe: recipe.id,
    site: recipe.body.site,
    siteLabel: sketches.get(recipe.body.site)?.label ?? "",
    makes: recipe.body.item,
    makesLabel: labelOf(recipe.body.item),
    group: group.name,
    essentiality: group.essentiality,
    items: [...new Set(group.suppliers.map(({ item }) => item))].map((id) => ({ id, label: labelOf(id) })),
    level,
    source: { id: source, label: sourceLabel(level, source, sketches.get(group.suppliers[0]?.site ?? "")) },
    stockDays: group.stockDays ?? null,
    switchDays: group.suppliers.reduce<number | null>(
      (least, { switchDays }) => (switchDays === undefined ? least : Math.min(least ?? switchDays, switchDays)),
      null,
    ),
  }));
}

function sourceLabel(level: SingleSourceQuery["level"], source: string, site: SiteSketch | undefined): string {
  return level === "country" ? source : ((level === "site" ? site?.label : site?.organisationLabel) ?? "");
}

function readPlace(text: string): Place {
  const [recipe, groupIndex] = text.split(" ");
  const read = z
    .object({ recipe: z.uuid(), groupIndex: z.int().min(0) })
    .safeParse({ recipe, groupIndex: Number(groupIndex) });
  if (!read.success)
    throw new Problem("registry/page-token-invalid", "`after` is not the `next` of a page of this list");
  return read.data;
}
