/**
 * First answers about risk: what a product depends on down to the raw materials, how concentrated that is, and where one
 * site, one supplier or one country is the only source.
 */
import { z } from "zod";
import { digitsOr } from "../digits.ts";
import { pageQuery } from "../page.ts";
import { route } from "../route.ts";
import { asOf, sharePpm } from "./fact.ts";
import { essentiality, ITEM_KINDS, SITE_KINDS, tier } from "./registry-object.ts";

const tag = "know/risk";
const id = z.uuid();

export const LOOK_THROUGH_SITES_MAX = 50_000; // upstream sites of one product; beyond it the answer says that it is cut
export const LOOK_THROUGH_LIMIT_MAX = 10_000; // rows per list of one answer

export const riskProblems = {
  "risk/item-not-found": 404,
  "risk/site-not-found": 404,
  "risk/not-made": 404,
  "risk/several-makers": 422,
} as const;

/**
 * Dependence: the part of the product's output that stops when this one stops, with no stock and no switching. Over an
 * input group the lost shares add up; over the groups of a recipe the largest loss counts (an essential group in full, an
 * important one by half, a negligible one not at all).
 */
const dependence = { id, label: z.string(), dependencePpm: sharePpm };

export const siteDependence = z.object({
  ...dependence,
  kind: z.enum(SITE_KINDS),
  country: z.string(),
  organisation: id,
  organisationLabel: z.string(),
  tier: tier.nullable(),
  /** Steps from the product, the shortest way. */
  depth: z.int(),
  /** What it makes that reaches the product. */
  items: z.array(id),
});

export const supplierDependence = z.object({ ...dependence, country: z.string(), sitesCount: z.int() });
export const countryDependence = z.object({
  country: z.string(),
  dependencePpm: sharePpm,
  sitesCount: z.int(),
  suppliersCount: z.int(),
});

/** 0 to 10,000; `low` where the unknown rest is many small ones, `high` where it is one. */
export const concentration = z.object({ low: z.int(), high: z.int() });

export const SINGLE_LEVELS = ["site", "supplier", "country"] as const;

export const materialDependence = z.object({
  ...dependence,
  kind: z.enum(ITEM_KINDS),
  /** Nothing the registry knows of goes into it: the raw end of the chain. */
  raw: z.boolean(),
  mineral: z.string().nullable(),
  sitesCount: z.int(),
  suppliersCount: z.int(),
  countriesCount: z.int(),
  /** Of this item as this product's chain buys it. */
  hhiBySite: concentration,
  hhiBySupplier: concentration,
  hhiByCountry: concentration,
  /** Levels at which only one source is left. */
  single: z.array(z.enum(SINGLE_LEVELS)),
  /** Part of its supply that no supplier in the registry accounts for. */
  unknownPpm: sharePpm,
});

export const lookThrough = z.object({
  item: id,
  itemLabel: z.string(),
  site: id,
  siteLabel: z.string(),
  asOf: z.iso.datetime(),
  sites: z.array(siteDependence),
  suppliers: z.array(supplierDependence),
  countries: z.array(countryDependence),
  materials: z.array(materialDependence),
  counts: z.object({ sites: z.int(), suppliers: z.int(), countries: z.int(), materials: z.int(), links: z.int() }),
  /** Loops in the recipes, each as "site makes item" steps; the loop is walked once. */
  cycles: z.array(z.array(z.object({ site: id, siteLabel: z.string(), item: id, itemLabel: z.string() }))),
  /** False when so much is linked with so much that the lists hold the strongest of what could be worked out in time. */
  complete: z.boolean(),
  /** True when the chain has more than LOOK_THROUGH_SITES_MAX sites. */
  truncated: z.boolean(),
});
export type LookThrough = z.output<typeof lookThrough>;

export const getLookThrough = route({
  id: "getLookThrough",
  method: "GET",
  path: "/api/know/risk/items/:id/look-through",
  tag,
  summary: "What a product depends on: every upstream site, supplier, country and material, the strongest first",
  description:
    "`site` says whose product; it may be left out when only one site makes the item. `limit` cuts each list; `counts` are of the whole.",
  action: "risk:read",
  params: z.object({ id }),
  query: z.object({
    site: id.optional(),
    asOf,
    limit: digitsOr(200, 1, LOOK_THROUGH_LIMIT_MAX),
  }),
  status: 200,
  answer: lookThrough,
});

const share = z.object({ id: z.string(), label: z.string(), sharePpm });

export const itemConcentration = z.object({
  item: id,
  itemLabel: z.string(),
  /** capacity: shares of what the sites can make; purchases: mean share over all inputs that buy it; none: no source known. */
  basis: z.enum(["capacity", "purchases", "none"]),
  sites: z.array(share),
  suppliers: z.array(share),
  countries: z.array(share),
  hhiBySite: concentration.nullable(),
  hhiBySupplier: concentration.nullable(),
  hhiByCountry: concentration.nullable(),
  single: z.array(z.enum(SINGLE_LEVELS)),
  /** Inputs in the registry that buy it. */
  buyersCount: z.int(),
});
export type ItemConcentration = z.output<typeof itemConcentration>;

export const getItemConcentration = route({
  id: "getItemConcentration",
  method: "GET",
  path: "/api/know/risk/items/:id/concentration",
  tag,
  summary: "Who makes an item and how concentrated that is, over the whole registry",
  action: "risk:read",
  params: z.object({ id }),
  query: z.object({ asOf, limit: digitsOr(100, 1, 1_000) }),
  status: 200,
  answer: itemConcentration,
});

export const singleSource = z.object({
  recipe: id,
  site: id,
  siteLabel: z.string(),
  makes: id,
  makesLabel: z.string(),
  group: z.string(),
  essentiality,
  items: z.array(z.object({ id, label: z.string() })),
  level: z.enum(SINGLE_LEVELS),
  /** The one site, supplier or country. */
  source: z.object({ id: z.string(), label: z.string() }),
  /** How long the site could go on: stock; how long a switch would take: unknown where null. */
  stockDays: z.int().nullable(),
  switchDays: z.int().nullable(),
});
export type SingleSource = z.output<typeof singleSource>;

export const listSingleSources = route({
  id: "listSingleSources",
  method: "GET",
  path: "/api/know/risk/single-sources",
  tag,
  summary: "Inputs that have one source only, by site, supplier or country",
  description:
    "A page may hold fewer than `limit` inputs and still have a `next`: each page looks at a bounded number of inputs.",
  action: "risk:read",
  query: pageQuery.extend({
    level: z.enum(SINGLE_LEVELS).default("site"),
    essentiality: essentiality.optional(),
    /** Whose inputs. */
    site: id.optional(),
    /** What is bought. */
    item: id.optional(),
    /** Goods only (materials, components, products), or services only (power, water, gas); both when absent. */
    bought: z.enum(["goods", "services"]).optional(),
    /** Where the one source is. */
    country: z
      .string()
      .regex(/^[A-Z]{2}$/)
      .optional(),
  }),
  status: 200,
  answer: z.object({ items: z.array(singleSource), next: z.string().nullable() }),
});

export const riskRoutes = [getLookThrough, getItemConcentration, listSingleSources] as const;
