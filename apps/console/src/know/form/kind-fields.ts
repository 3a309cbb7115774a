/**
 * What each kind of registry object is asked for, in the words of its pages. The fields of a kind are those of its draft in
 * the contract, all of them: a test compares the names.
 */
import { COUNTRIES, registry, THREAT_TEXTS } from "@holdfast/api";
import type { Choice, Field } from "../../ui/form/field.ts";
import { countryName } from "../country-name.ts";

const NAME: Field = { kind: "text", name: "name", label: "Name", required: true };
const NOTE: Field = { kind: "paragraph", name: "note", label: "Note" };
const ALIASES: Field = {
  kind: "lines",
  name: "aliases",
  label: "Other names",
  hint: "One a line; search finds it by each.",
};
const ADDRESS: Field = { kind: "text", name: "address", label: "Address", isWide: true };
const COUNTRY: Field = {
  kind: "choice",
  name: "country",
  label: "Country",
  required: true,
  choices: COUNTRIES.map((code) => ({ value: code, label: countryName(code) })).sort((a, b) =>
    a.label.localeCompare(b.label, "en"),
  ),
};
const IDENTIFIERS: Field = {
  kind: "rows",
  name: "identifiers",
  label: "Identifiers",
  hint: "Keys of other systems and registers; two entries with one key are offered as duplicates.",
  one: "identifier",
  max: registry.MAX_IDENTIFIERS,
  fields: [
    {
      kind: "text",
      name: "scheme",
      label: "Scheme",
      suggestions: ["cage", "duns", "erp", "gln", "gtin", "vat"],
      required: true,
    },
    { kind: "text", name: "value", label: "Value", required: true },
  ],
};

const reference = (to: registry.ObjectKind, name: string, label: string): Field => ({
  kind: "reference",
  to,
  name,
  label,
  required: true,
});
const SITE = reference("site", "site", "Site");
const ITEM = reference("item", "item", "Item");

/** The words as they stand in the contract, as choices. */
function words(list: readonly string[]): Choice[] {
  return list.map((value) => ({ value, label: value }));
}

const SUPPLIER_FIELDS: readonly Field[] = [
  reference("site", "site", "From the site"),
  reference("item", "item", "Item bought"),
  { kind: "share", name: "sharePpm", label: "Share of the supply today", required: true },
  { kind: "share", name: "maxSharePpm", label: "Share it could take over at most" },
  { kind: "number", name: "leadDays", label: "Lead time", unit: "d" },
  {
    kind: "number",
    name: "switchDays",
    label: "Time to switch",
    unit: "d",
    hint: "Until a rise of its share takes effect.",
  },
];

const GROUP_FIELDS: readonly Field[] = [
  { kind: "text", name: "name", label: "Input", hint: "What it is for: magnets, power, solvent.", required: true },
  {
    kind: "decimal",
    name: "quantityPerUnit",
    label: "Quantity for one unit made",
    hint: "In the bought item's unit.",
    required: true,
  },
  {
    kind: "choice",
    name: "essentiality",
    label: "Essentiality",
    hint: "Essential: without it nothing is made. Important: half as much. Negligible: as much.",
    required: true,
    choices: words(registry.ESSENTIALITIES),
  },
  { kind: "number", name: "stockDays", label: "Own stock lasts", unit: "d" },
  {
    kind: "rows",
    name: "suppliers",
    label: "Suppliers",
    hint: "Shares may add up to less than 100 %: the rest is reported as unknown.",
    one: "supplier",
    max: registry.MAX_SUPPLIERS,
    fields: SUPPLIER_FIELDS,
  },
];

export const KIND_FIELDS: Readonly<Record<registry.ObjectKind, readonly Field[]>> = {
  organisation: [
    NAME,
    COUNTRY,
    { kind: "text", name: "lei", label: "LEI", hint: "Legal Entity Identifier, ISO 17442: 20 characters." },
    { kind: "text", name: "website", label: "Website", hint: "https://…" },
    ADDRESS,
    { kind: "reference", to: "organisation", name: "parent", label: "Belongs to" },
    ALIASES,
    IDENTIFIERS,
    NOTE,
  ],
  site: [
    NAME,
    { kind: "choice", name: "kind", label: "Kind", required: true, choices: words(registry.SITE_KINDS) },
    reference("organisation", "organisation", "Organisation"),
    COUNTRY,
    ADDRESS,
    {
      kind: "group",
      name: "position",
      label: "Position",
      hint: "WGS 84, decimal degrees; south and west are negative.",
      fields: [
        { kind: "number", name: "latitude", label: "Latitude", unit: "°", required: true },
        { kind: "number", name: "longitude", label: "Longitude", unit: "°", required: true },
      ],
    },
    { kind: "text", name: "gln", label: "GLN", hint: "GS1 Global Location Number: 13 digits." },
    {
      kind: "number",
      name: "replaceDays",
      label: "Time to replace",
      unit: "d",
      hint: "How long it would take to replace what this site does, from nothing.",
    },
    {
      kind: "choice",
      name: "publicSafety",
      label: "Public safety",
      hint: "Tier of establishment after directive 2012/18/EU.",
      choices: words(registry.PUBLIC_SAFETY),
    },
    {
      kind: "rows",
      name: "hazards",
      label: "Hazards",
      one: "hazard",
      max: registry.MAX_HAZARDS,
      fields: [
        {
          kind: "choice",
          name: "threat",
          label: "Threat",
          required: true,
          choices: Object.entries(THREAT_TEXTS).map(([value, { title }]) => ({ value, label: title })),
        },
        { kind: "number", name: "level", label: "Level", hint: "1 slight, 3 serious, 5 extreme.", required: true },
        { kind: "text", name: "note", label: "Note", isWide: true },
      ],
    },
    ALIASES,
    IDENTIFIERS,
    NOTE,
  ],
  asset: [
    NAME,
    SITE,
    { kind: "text", name: "vendor", label: "Vendor", required: true },
    { kind: "text", name: "model", label: "Model", required: true },
    { kind: "text", name: "firmware", label: "Firmware" },
    { kind: "text", name: "serial", label: "Serial number" },
    { kind: "text", name: "zone", label: "Zone", hint: "Of the site's IEC 62443-3-2 zones and conduits." },
    { kind: "number", name: "securityLevel", label: "Target security level", hint: "IEC 62443-3-3, 0 to 4." },
    IDENTIFIERS,
    NOTE,
  ],
  item: [
    NAME,
    { kind: "choice", name: "kind", label: "Kind", required: true, choices: words(registry.ITEM_KINDS) },
    {
      kind: "choice",
      name: "unit",
      label: "Unit",
      required: true,
      choices: Object.entries(registry.UNITS).map(([value, label]) => ({ value, label })),
    },
    { kind: "text", name: "hsCode", label: "HS code", hint: "Harmonized System: 6, 8 or 10 digits." },
    { kind: "text", name: "eccn", label: "ECCN", hint: "Export Control Classification Number: 3A001.b, or EAR99." },
    { kind: "lines", name: "lists", label: "On lists", hint: "Lists of critical or strategic goods, one a line." },
    {
      kind: "group",
      name: "mineral",
      label: "Mineral",
      hint: "World production to compare with.",
      fields: [
        { kind: "reference", to: "mineral", name: "mineral", label: "Mineral", required: true },
        { kind: "choice", name: "stage", label: "Stage", required: true, choices: words(registry.MINERAL_STAGES) },
      ],
    },
    ALIASES,
    IDENTIFIERS,
    NOTE,
  ],
  recipe: [
    { ...SITE, label: "Made at the site" },
    { ...ITEM, label: "Item made" },
    {
      kind: "rows",
      name: "groups",
      label: "Inputs",
      hint: "What goes into one unit. The suppliers of one input can replace each other.",
      one: "input",
      max: registry.MAX_GROUPS,
      fields: GROUP_FIELDS,
    },
    NOTE,
  ],
  stock: [
    SITE,
    ITEM,
    { kind: "decimal", name: "quantity", label: "Quantity", hint: "In the item's unit.", required: true },
    NOTE,
  ],
  capacity: [
    SITE,
    ITEM,
    { kind: "decimal", name: "quantityPerYear", label: "Capacity a year", hint: "In the item's unit.", required: true },
    { kind: "decimal", name: "outputPerYear", label: "Output a year", hint: "What the site really makes." },
    {
      kind: "share",
      name: "worldSharePpm",
      label: "Share of the world",
      hint: "Worked out from world production when left blank.",
    },
    { kind: "share", name: "nationalSharePpm", label: "Share of the country" },
    NOTE,
  ],
  demand: [
    SITE,
    ITEM,
    { kind: "decimal", name: "quantityPerYear", label: "Demand a year", hint: "In the item's unit.", required: true },
    {
      kind: "money",
      name: "marginPerYearMinor",
      currency: "currency",
      label: "Margin a year",
      hint: "What a year without the item would cost, before fixed cost.",
    },
    { kind: "text", name: "currency", label: "Currency", hint: "ISO 4217: EUR, USD, JPY." },
    NOTE,
  ],
  route: [
    reference("site", "from", "From the site"),
    reference("site", "to", "To the site"),
    { kind: "reference", to: "item", name: "item", label: "What travels on it", hint: "Everything, when left blank." },
    { kind: "choice", name: "mode", label: "Mode", required: true, choices: words(registry.ROUTE_MODES) },
    { kind: "number", name: "days", label: "Takes", unit: "d", required: true },
    {
      kind: "lines",
      name: "chokepoints",
      label: "Chokepoints",
      hint: `One a line, such as ${registry.CHOKEPOINTS.slice(3, 6).join(", ")}.`,
    },
    NOTE,
  ],
};
