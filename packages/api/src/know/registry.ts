/**
 * The registry: organisations, sites, assets, items, recipes, stocks, capacities, demands and transport routes, with
 * search, network, map, duplicate suspects, merges and export. Nothing is lost: every version and every identifier stays.
 */
import { z } from "zod";
import { digitsOr } from "../digits.ts";
import { page, pageQuery } from "../page.ts";
import { route } from "../route.ts";
import { asOf, country, evidence, line, note, sharePpm } from "./fact.ts";
import { objectRoutes } from "./object-routes.ts";
import * as object from "./registry-object.ts";

export * from "./fact.ts";
export * from "./registry-object.ts";

const tag = "know/registry";
const id = z.uuid();

export const registryProblems = {
  "registry/not-found": 404,
  "registry/unknown-reference": 422,
  "registry/unknown-country": 422,
  "registry/unknown-currency": 422,
  "registry/invalid-lei": 422,
  "registry/invalid-gln": 422,
  "registry/invalid-gtin": 422,
  "registry/invalid-hs-code": 422,
  "registry/invalid-eccn": 422,
  "registry/unknown-mineral": 422,
  "registry/shares-above-whole": 422,
  "registry/share-above-maximum": 422,
  "registry/duplicate-supplier": 422,
  "registry/unit-mismatch": 422,
  "registry/cyclic-recipe": 422,
  "registry/cyclic-parent": 422,
  "registry/duplicate-recipe": 409,
  "registry/duplicate": 409,
  "registry/same-ends": 422,
  "registry/margin-without-currency": 422,
  "registry/output-above-capacity": 422,
  "registry/date-in-the-future": 422,
  "registry/retired": 409,
  "registry/not-retired": 409,
  "registry/in-use": 409,
  "registry/merged-already": 409,
  "registry/merge-of-different-kinds": 422,
  "registry/merge-into-itself": 422,
  "registry/merge-undone-already": 409,
  "registry/suspect-settled": 409,
  "registry/search-too-short": 422,
  "registry/page-token-invalid": 422,
} as const;

/** Words of the name, an alias or an identifier; each must begin a word of the object. Results come in the order of the word found. */
const text = line(100).optional();

/** What a list may be ordered by over all its rows; a minus before it turns the order round. By name, or by the word found, when absent. */
function sortBy<Name extends string>(...names: readonly Name[]) {
  const both = names.flatMap((one) => [one, `-${one}` as const]);
  return z
    .enum(both)
    .optional()
    .describe("the order; a minus turns it round. `updated` is when the version was recorded");
}

export const organisations = objectRoutes({
  one: "organisation",
  many: "organisations",
  segment: "organisations",
  draft: object.organisationDraft,
  read: object.organisation,
  filters: { text, country: country.optional(), parent: id.optional(), sort: sortBy("name", "country", "updated") },
});

/** `west,south,east,north` in degrees; west above east crosses the antimeridian. */
export const bbox = z
  .string()
  .regex(/^-?\d{1,3}(\.\d{1,9})?(,-?\d{1,3}(\.\d{1,9})?){3}$/, "is not `west,south,east,north`")
  .optional();

const siteFilters = {
  text,
  kind: z.enum(object.SITE_KINDS).optional(),
  country: country.optional(),
  organisation: id.optional(),
  tier: z.enum(["1", "2", "3"]).optional(),
  /** Sites with or without a place on the map. */
  bbox,
};

export const sites = objectRoutes({
  one: "site",
  many: "sites",
  segment: "sites",
  draft: object.siteDraft,
  read: object.site,
  filters: { ...siteFilters, sort: sortBy("name", "kind", "country", "updated") },
});

export const assets = objectRoutes({
  one: "asset",
  many: "assets",
  segment: "assets",
  draft: object.assetDraft,
  read: object.asset,
  filters: { text, site: id.optional(), vendor: line(200).optional(), sort: sortBy("name", "updated") },
});

export const items = objectRoutes({
  one: "item",
  many: "items",
  segment: "items",
  draft: object.itemDraft,
  read: object.item,
  filters: {
    text,
    kind: z.enum(object.ITEM_KINDS).optional(),
    mineral: line(60).optional(),
    list: line(100).optional(),
    sort: sortBy("name", "kind", "updated"),
  },
});

export const recipes = objectRoutes({
  one: "recipe",
  many: "recipes",
  segment: "recipes",
  draft: object.recipeDraft,
  read: object.recipe,
  filters: { site: id.optional(), item: id.optional() },
});

export const stocks = objectRoutes({
  one: "stock",
  many: "stocks",
  segment: "stocks",
  draft: object.stockDraft,
  read: object.stock,
  filters: { site: id.optional(), item: id.optional() },
});

export const capacities = objectRoutes({
  one: "capacity",
  many: "capacities",
  segment: "capacities",
  draft: object.capacityDraft,
  read: object.capacity,
  filters: { site: id.optional(), item: id.optional() },
});

export const demands = objectRoutes({
  one: "demand",
  many: "demands",
  segment: "demands",
  draft: object.demandDraft,
  read: object.demand,
  filters: { site: id.optional(), item: id.optional() },
});

export const transportRoutes = objectRoutes({
  one: "transportRoute",
  many: "transportRoutes",
  segment: "routes",
  draft: object.routeDraft,
  read: object.transportRoute,
  filters: {
    from: id.optional(),
    to: id.optional(),
    mode: z.enum(object.ROUTE_MODES).optional(),
    chokepoint: line(80).optional(),
  },
});

export const SEARCH_LIMIT_MAX = 50; // a palette shows no more

export const searchHit = z.object({
  kind: object.objectKind,
  id,
  label: z.string(),
  /** What tells it from others: country, kind, organisation, site. */
  detail: z.string(),
  /** The word that was found: a name, an alias, an identifier. */
  match: z.string(),
});
export type SearchHit = z.output<typeof searchHit>;

export const search = route({
  id: "searchRegistry",
  method: "GET",
  path: "/api/know/registry/search",
  tag,
  summary: "Finds any object by words of its name, an alias or an identifier",
  action: "registry:read",
  query: z.object({
    q: line(100),
    limit: digitsOr(20, 1, SEARCH_LIMIT_MAX),
    kind: object.objectKind.optional(),
  }),
  status: 200,
  answer: z.object({ hits: z.array(searchHit) }),
});

export const NETWORK_NODES_MAX = 2_000; // what a drawing can hold

export const networkNode = z.object({
  id,
  label: z.string(),
  kind: z.enum(object.SITE_KINDS),
  country: z.string(),
  organisation: id,
  organisationLabel: z.string(),
  tier: object.tier.nullable(),
  position: object.position.nullable(),
  /** Steps from where the walk began: negative upstream, positive downstream, 0 the beginning. */
  step: z.int(),
});

export const networkEdge = z.object({
  recipe: id,
  group: z.string(),
  from: id,
  to: id,
  item: id,
  itemLabel: z.string(),
  makes: id,
  sharePpm,
  essentiality: object.essentiality,
});

export const network = route({
  id: "getNetwork",
  method: "GET",
  path: "/api/know/registry/network",
  tag,
  summary:
    "Who supplies whom around a site, an item or an organisation; without any, the whole network as far as it fits",
  action: "registry:read",
  query: z.object({
    site: id.optional(),
    item: id.optional(),
    organisation: id.optional(),
    upstream: digitsOr(2, 0, 20),
    downstream: digitsOr(1, 0, 20),
    limit: digitsOr(300, 1, NETWORK_NODES_MAX),
    asOf,
  }),
  status: 200,
  answer: z.object({
    nodes: z.array(networkNode),
    edges: z.array(networkEdge),
    /** True when there were more sites than `limit`. */
    truncated: z.boolean(),
  }),
});

export const sitesGeoJson = route({
  id: "exportSitesGeoJson",
  method: "GET",
  path: "/api/know/registry/sites.geojson",
  tag,
  summary: "The sites that have a position, as a GeoJSON FeatureCollection (RFC 7946)",
  description:
    "Properties of a feature: name, kind, country, organisation, organisationLabel, tier, publicSafety, hazards. The feature's id is the site's.",
  action: "registry:read",
  query: z.object({ ...siteFilters, asOf }),
  status: 200,
  download: { contentType: "application/geo+json" },
});

export const exportJson = route({
  id: "exportRegistry",
  method: "GET",
  path: "/api/know/registry/export.json",
  tag,
  summary: "The whole registry as one JSON document: one list per kind, as of an instant",
  action: "registry:read",
  query: z.object({ asOf }),
  status: 200,
  download: { contentType: "application/json" },
});

/** Kinds of which the same thing may stand in the registry twice. */
export const MERGE_KINDS = ["organisation", "site", "item"] as const;
export const mergeKind = z.enum(MERGE_KINDS);

export const SUSPECT_RULES = ["same-lei", "same-gln", "same-identifier", "same-address", "near-name"] as const;

const named = z.object({ id, label: z.string(), country: z.string().nullable() });

export const suspect = z.object({
  id,
  kind: mergeKind,
  first: named,
  second: named,
  reasons: z.array(z.object({ rule: z.enum(SUSPECT_RULES), value: z.string(), scorePpm: sharePpm })),
  /** The strongest reason. */
  scorePpm: sharePpm,
  state: z.enum(["open", "dismissed", "merged"]),
  foundAt: z.iso.datetime(),
});
export type Suspect = z.output<typeof suspect>;

export const listSuspects = route({
  id: "listDuplicateSuspects",
  method: "GET",
  path: "/api/know/registry/suspects",
  tag,
  summary: "Pairs that may be the same thing, strongest first, with the reasons",
  action: "registry:read",
  query: pageQuery.extend({
    kind: mergeKind.optional(),
    state: z.enum(["open", "dismissed", "merged"]).default("open"),
    object: id.optional(),
  }),
  status: 200,
  answer: page(suspect),
});

export const findSuspects = route({
  id: "findDuplicateSuspects",
  method: "POST",
  path: "/api/know/registry/suspects/search",
  tag,
  summary: "Looks through the whole registry for duplicates, as a job",
  action: "registry:merge",
  status: 202,
  answer: z.object({ jobId: id }),
});

export const dismissSuspect = route({
  id: "dismissDuplicateSuspect",
  method: "POST",
  path: "/api/know/registry/suspects/:id/dismiss",
  tag,
  summary: "Says that the two are different; the pair is not offered again",
  action: "registry:merge",
  params: z.object({ id }),
  body: z.strictObject({ reason: note }),
  status: 200,
  answer: suspect,
});

export const merge = z.object({
  id,
  kind: mergeKind,
  kept: named,
  merged: named,
  reason: z.string(),
  mergedAt: z.iso.datetime(),
  mergedBy: z.string(),
  undoneAt: z.iso.datetime().nullable(),
  undoneBy: z.string().nullable(),
  undoneReason: z.string().nullable(),
});
export type Merge = z.output<typeof merge>;

export const listMerges = route({
  id: "listMerges",
  method: "GET",
  path: "/api/know/registry/merges",
  tag,
  summary: "Merges, newest first, with those that were undone",
  action: "registry:read",
  query: pageQuery.extend({ kind: mergeKind.optional(), object: id.optional() }),
  status: 200,
  answer: page(merge),
});

export const createMerge = route({
  id: "createMerge",
  method: "POST",
  path: "/api/know/registry/merges",
  tag,
  summary:
    "Says that two objects are one: `merged` points to `kept` from now on; every name and identifier still finds it",
  action: "registry:merge",
  body: z.strictObject({ kind: mergeKind, kept: id, merged: id, reason: note, evidence }),
  status: 201,
  answer: merge,
  creates: true,
});

export const undoMerge = route({
  id: "undoMerge",
  method: "POST",
  path: "/api/know/registry/merges/:id/undo",
  tag,
  summary: "Takes a merge back: both objects are again what they were",
  action: "registry:merge",
  params: z.object({ id }),
  body: z.strictObject({ reason: note }),
  status: 200,
  answer: merge,
});

export const registrySummary = route({
  id: "getRegistrySummary",
  method: "GET",
  path: "/api/know/registry/summary",
  tag,
  summary: "How many objects of each kind there are, and how many suspects are open",
  action: "registry:read",
  status: 200,
  answer: z.object({
    counts: z.record(object.objectKind, z.int()),
    /** Links from a supplier's site to a recipe's input. */
    supplyLinks: z.int(),
    suspectsOpen: z.int(),
  }),
});

export const registryRoutes = [
  search,
  registrySummary,
  network,
  sitesGeoJson,
  exportJson,
  listSuspects,
  findSuspects,
  dismissSuspect,
  listMerges,
  createMerge,
  undoMerge,
  ...Object.values(organisations),
  ...Object.values(sites),
  ...Object.values(assets),
  ...Object.values(items),
  ...Object.values(recipes),
  ...Object.values(stocks),
  ...Object.values(capacities),
  ...Object.values(demands),
  ...Object.values(transportRoutes),
] as const;
