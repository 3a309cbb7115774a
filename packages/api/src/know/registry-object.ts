/**
 * The objects of the registry: what a caller sends (`…Draft`) and gets. An absent optional field is unknown, never zero.
 * References are ids; the labels of all that an answer mentions come beside it, so that no screen asks again per row.
 */
import { z } from "zod";
import { country, currency, days, evidence, header, identifier, line, name, note, quantity, sharePpm } from "./fact.ts";
import { threatCategory } from "./threat.ts";

export const MAX_ALIASES = 50; // bounds one organisation's search terms
export const MAX_IDENTIFIERS = 50; // as above
export const MAX_GROUPS = 200; // inputs of one recipe
export const MAX_SUPPLIERS = 500; // suppliers of one input
export const MAX_HAZARDS = 50; // several per threat category

export const OBJECT_KINDS = [
  "organisation",
  "site",
  "asset",
  "item",
  "recipe",
  "stock",
  "capacity",
  "demand",
  "route",
] as const;
export const objectKind = z.enum(OBJECT_KINDS);
export type ObjectKind = z.output<typeof objectKind>;

const id = z.uuid();
const aliases = z.array(name).max(MAX_ALIASES).default([]);
const identifiers = z.array(identifier).max(MAX_IDENTIFIERS).default([]);
const address = line(300);

export const organisationDraft = z.strictObject({
  name,
  /** ISO 17442; its check digits are verified. */
  lei: line(20).optional(),
  country,
  address: address.optional(),
  website: z
    .url({ protocol: /^https?$/ })
    .max(300)
    .optional(),
  aliases,
  identifiers,
  parent: id.optional(),
  note: note.optional(),
});

export const SITE_KINDS = [
  "mine",
  "concentrator",
  "refinery",
  "smelter",
  "plant",
  "fab",
  "warehouse",
  "port",
  "laboratory",
] as const;

/** WGS 84, decimal degrees. */
export const position = z.strictObject({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
});

export const hazard = z.strictObject({
  threat: threatCategory,
  /** 1 slight, 2 moderate, 3 serious, 4 severe, 5 extreme. */
  level: z.int().min(1).max(5),
  note: note.optional(),
});

/** What a failure would do to the people around: after the two establishment tiers of directive 2012/18/EU (Seveso III). */
export const PUBLIC_SAFETY = ["none", "lower-tier", "upper-tier"] as const;
export const publicSafety = z.enum(PUBLIC_SAFETY);

export const siteDraft = z.strictObject({
  name,
  kind: z.enum(SITE_KINDS),
  organisation: id,
  country,
  address: address.optional(),
  /** GS1 Global Location Number; its check digit is verified. */
  gln: line(13).optional(),
  position: position.optional(),
  hazards: z.array(hazard).max(MAX_HAZARDS).default([]),
  publicSafety: publicSafety.optional(),
  /** How long it would take to replace what this site does, from nothing. */
  replaceDays: days.optional(),
  aliases,
  identifiers,
  note: note.optional(),
});

export const assetDraft = z.strictObject({
  site: id,
  name,
  vendor: name,
  model: name,
  firmware: line(100).optional(),
  serial: line(100).optional(),
  /** Zone of the site's IEC 62443-3-2 zone and conduit model. */
  zone: line(100).optional(),
  /** Target security level of that zone, IEC 62443-3-3. */
  securityLevel: z.int().min(0).max(4).optional(),
  identifiers,
  note: note.optional(),
});

export const ITEM_KINDS = ["material", "component", "product", "service"] as const;

/** UN/ECE Recommendation 20 codes. */
const UNIT_CODES = [
  "GRM",
  "KGM",
  "TNE",
  "H87",
  "MTR",
  "MTK",
  "MTQ",
  "LTR",
  "KWH",
  "MWH",
  "GWH",
  "GJ",
  "HUR",
  "DAY",
  "C62",
] as const;
export const unit = z.enum(UNIT_CODES);
export type Unit = z.output<typeof unit>;

/** The sign that people read. */
export const UNITS: Readonly<Record<Unit, string>> = {
  GRM: "g",
  KGM: "kg",
  TNE: "t",
  H87: "piece",
  MTR: "m",
  MTK: "m²",
  MTQ: "m³",
  LTR: "l",
  KWH: "kWh",
  MWH: "MWh",
  GWH: "GWh",
  GJ: "GJ",
  HUR: "h",
  DAY: "d",
  C62: "unit",
};

export const MINERAL_STAGES = ["mine", "refinery", "smelter", "plant"] as const;
export const mineralStage = z.enum(MINERAL_STAGES);

export const itemDraft = z.strictObject({
  name,
  kind: z.enum(ITEM_KINDS),
  unit,
  /** Harmonized System: 6 digits, or a national code of 8 or 10. Points are left out. */
  hsCode: line(13).optional(),
  /** Export Control Classification Number, 15 CFR 774: `3A001`, `3A001.b.2`, or EAR99. */
  eccn: line(20).optional(),
  /** World production to compare with: a mineral of /api/know/minerals and a stage of it. */
  mineral: z.strictObject({ mineral: line(60), stage: mineralStage }).optional(),
  /** Lists of critical or strategic goods on which it stands. */
  lists: z.array(line(100)).max(50).default([]),
  aliases,
  identifiers,
  note: note.optional(),
});

/** essential: without it nothing is made; important: half as much; negligible: as much. */
export const ESSENTIALITIES = ["essential", "important", "negligible"] as const;
export const essentiality = z.enum(ESSENTIALITIES);

export const supplier = z.strictObject({
  site: id,
  item: id,
  /** Of this group's supply today. What is missing to 100 % is reported as unknown. */
  sharePpm,
  /** What this supplier could take over at most. */
  maxSharePpm: sharePpm.optional(),
  leadDays: days.optional(),
  /** Until a rise of its share takes effect. */
  switchDays: days.optional(),
});

export const inputGroup = z.strictObject({
  name,
  /** Of the suppliers' items, in their unit, for one unit of the recipe's item. */
  quantityPerUnit: quantity,
  essentiality,
  /** How long the site's own stock of it lasts. */
  stockDays: days.optional(),
  suppliers: z.array(supplier).max(MAX_SUPPLIERS),
});

export const recipeDraft = z.strictObject({
  site: id,
  item: id,
  groups: z.array(inputGroup).max(MAX_GROUPS),
  note: note.optional(),
});

export const stockDraft = z.strictObject({ site: id, item: id, quantity, note: note.optional() });

export const capacityDraft = z.strictObject({
  site: id,
  item: id,
  /** In the item's unit. */
  quantityPerYear: quantity,
  /** What the site really makes; the capacity where it is unknown. */
  outputPerYear: quantity.optional(),
  /** Given by a source; where absent and the item names a mineral, it is worked out from world production. */
  worldSharePpm: sharePpm.optional(),
  nationalSharePpm: sharePpm.optional(),
  note: note.optional(),
});

/** Minor units of the currency (ISO 4217), an integer. */
const minor = z.int().min(-9_007_199_254_740_991).max(9_007_199_254_740_991);

export const demandDraft = z.strictObject({
  site: id,
  item: id,
  quantityPerYear: quantity,
  /** What is earned on a year's demand, before fixed cost: what a year without the item would cost. */
  marginPerYearMinor: minor.optional(),
  currency: currency.optional(),
  note: note.optional(),
});

export const ROUTE_MODES = ["road", "rail", "sea", "inland-waterway", "air", "pipeline", "grid"] as const;

/** Suggestions; a route may name others. */
export const CHOKEPOINTS = [
  "Bab-el-Mandeb",
  "Bosporus and Dardanelles",
  "Cape of Good Hope",
  "Danish Straits",
  "Malacca Strait",
  "Panama Canal",
  "Strait of Gibraltar",
  "Strait of Hormuz",
  "Suez Canal",
  "Taiwan Strait",
] as const;

export const routeDraft = z.strictObject({
  from: id,
  to: id,
  /** What travels on it; everything when absent. */
  item: id.optional(),
  mode: z.enum(ROUTE_MODES),
  days,
  chokepoints: z.array(line(80)).max(20).default([]),
  note: note.optional(),
});

/** An object as it is answered: the node's header, then the draft's fields as they stand. */
const read = <Shape extends z.core.$ZodLooseShape>(draft: z.ZodObject<Shape>) =>
  z.object({ ...header, ...draft.shape });

export const tier = z.int().min(1).max(3).describe("1 critical, 2 important, 3 relevant");

export const organisation = read(organisationDraft);
export const site = read(siteDraft).extend({ tier: tier.nullable() });
export const asset = read(assetDraft);
export const item = read(itemDraft);
export const recipe = read(recipeDraft);
export const stock = read(stockDraft);
export const capacity = read(capacityDraft);
export const demand = read(demandDraft);
export const transportRoute = read(routeDraft);

export type Organisation = z.output<typeof organisation>;
export type Site = z.output<typeof site>;
export type Asset = z.output<typeof asset>;
export type Item = z.output<typeof item>;
export type Recipe = z.output<typeof recipe>;
export type Stock = z.output<typeof stock>;
export type Capacity = z.output<typeof capacity>;
export type Demand = z.output<typeof demand>;
export type TransportRoute = z.output<typeof transportRoute>;

/** Names of everything that an answer mentions by id. */
export const labels = z.record(z.string(), z.string()).describe("name of each object mentioned, by id");

/** Units of the items that a list mentions: its quantities are in them. */
export const units = z.record(z.string(), unit).describe("unit of each item mentioned, by id");

/** What was merged into an object: every name and identifier of it still finds the object. LEI and GLN are schemes here. */
export const mergedFrom = z.array(
  z.object({ id, label: z.string(), aliases: z.array(z.string()), identifiers: z.array(identifier) }),
);

/** The evidence of each field: that of the version in which the field last changed. */
export const facts = z.record(
  z.string(),
  evidence.extend({
    version: z.int(),
    recordedAt: z.iso.datetime(),
    importId: z.uuid().optional().describe("the import that brought that version"),
  }),
);
