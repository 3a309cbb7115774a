/**
 * Intelligence as it can touch the registry: products with what an advisory says of them, names, places, sectors, values
 * and goods, read from CSAF advisories and from STIX objects with what they refer to. Texts stay raw beside their folded
 * forms. Refuses nothing: what cannot be read adds no fact, and no fact touches nothing.
 */
import {
  type CsafAdvisory,
  type CsafProduct,
  type CsafVulnerability,
  isStixObject,
  parsePattern,
  type Pattern,
  type StixObject,
} from "@holdfast/stix";
import { compact, nameKey, productWords, valueKey, vendorKey } from "./fold.ts";
import { PHYSICAL_TYPES, physicalFacts } from "../physical.ts";
import { isValueScheme } from "./surface.ts";

/** What one advisory says of its products; CSAF's maps as pairs, so that it can be kept as JSON. */
export interface Claims {
  /** The tracking id. */
  readonly document: string;
  readonly products: readonly CsafProduct[];
  readonly vulnerabilities: readonly {
    readonly cve: string | null;
    readonly statuses: readonly (readonly [string, readonly string[]])[];
  }[];
}

export interface LeadFacts {
  readonly claims: readonly Claims[];
  /** Software and hardware that is named as a target. */
  readonly targets: readonly { readonly vendor: string; readonly product: string; readonly version: string | null }[];
  readonly names: readonly string[];
  readonly identifiers: readonly { readonly scheme: string; readonly value: string }[];
  readonly countries: readonly string[];
  readonly sectors: readonly string[];
  readonly positions: readonly { readonly latitude: number; readonly longitude: number; readonly radiusKm: number }[];
  readonly values: readonly string[];
  readonly goods: readonly { readonly name: string | null; readonly hsCode: string | null }[];
  readonly cvss: number | null;
  /** 0 to 100: trust in the source and the decay of the value. */
  readonly trustPercent: number;
  /** Warninglists that a value stands on. */
  readonly warnings: readonly { readonly list: string; readonly value: string }[];
}

export const NO_FACTS: LeadFacts = {
  claims: [],
  targets: [],
  names: [],
  identifiers: [],
  countries: [],
  sectors: [],
  positions: [],
  values: [],
  goods: [],
  cvss: null,
  trustPercent: 50,
  warnings: [],
};

export interface Lead extends LeadFacts {
  readonly id: string;
  readonly kind: string;
  readonly label: string;
  readonly stamp: string;
  readonly cves: readonly string[];
}

/** Types of STIX objects that can touch us by themselves; the others are what those refer to. */
export const LEAD_TYPES: ReadonlySet<string> = new Set([
  "indicator",
  "vulnerability",
  "malware",
  "tool",
  "threat-actor",
  "intrusion-set",
  "campaign",
  "incident",
  "infrastructure",
  "report",
  ...PHYSICAL_TYPES,
]);

/** Types whose links say what a lead is about, so that a new link is a reason to look again. */
export const LINK_TYPES: ReadonlySet<string> = new Set(["relationship", "sighting"]);

const VALUES_MAX = 1_000; // of one pattern; more is a list, which belongs into a collection
const CLAIM_PRODUCTS_MAX = 20_000; // of one advisory; the rest is left to a person

/** What an advisory says, without its prose. */
export function claimsOf(advisory: CsafAdvisory, cve?: string): Claims {
  const vulnerabilities = advisory.vulnerabilities.filter((each) => cve === undefined || each.cve === cve);
  return {
    document: advisory.id,
    products: [...advisory.products.values()].slice(0, CLAIM_PRODUCTS_MAX),
    vulnerabilities: vulnerabilities.map((each) => ({ cve: each.cve ?? null, statuses: [...each.statuses] })),
  };
}

export function factsOfAdvisory(advisory: CsafAdvisory, trustPercent: number): LeadFacts & { cves: string[] } {
  const scores = advisory.vulnerabilities.flatMap(({ scores: each }) => each.map(({ baseScore }) => baseScore));
  return {
    ...NO_FACTS,
    claims: [claimsOf(advisory)],
    cvss: scores.length > 0 ? Math.max(...scores) : null,
    trustPercent,
    cves: [...new Set(advisory.vulnerabilities.flatMap(({ cve }) => (cve === undefined ? [] : [cve])))],
  };
}

/** The vulnerability that `affectedBy` asks about. */
export function vulnerabilityOf(claim: Claims["vulnerabilities"][number]): Pick<CsafVulnerability, "statuses"> {
  return { statuses: new Map(claim.statuses) as CsafVulnerability["statuses"] }; // written from one
}

/** What a STIX object says, with the objects that its links lead to. */
export function factsOfObject(
  object: StixObject,
  related: readonly StixObject[],
  trustPercent: number,
): LeadFacts & { cves: string[] } {
  const physical = physicalFacts(object);
  const places = [object, ...related].filter(({ type }) => type === "location");
  const identities = related.filter(({ type }) => type === "identity");
  const software = related.filter(({ type }) => type === "software");
  const patternText =
    object.type === "indicator" && object["pattern_type"] === "stix" ? texts([object["pattern"]])[0] : undefined;
  const pattern = patternText === undefined ? undefined : parsePattern(patternText);
  return {
    ...NO_FACTS,
    cves: externalIds(object, "cve").filter((id) => /^CVE-\d{4}-\d{4,19}$/.test(id)),
    targets: [...physical.targets, ...software.flatMap((each) => targetOf(each))],
    names: [
      ...physical.names,
      ...identities.filter(({ identity_class: kind }) => kind !== "class").flatMap(({ name }) => texts([name])),
    ],
    identifiers: physical.identifiers,
    countries: [
      ...new Set(
        [...physical.countries, ...places.flatMap(({ country }) => texts([country]))].map((text) => text.toUpperCase()),
      ),
    ],
    sectors: [...new Set([...physical.sectors, ...identities.flatMap(({ sectors }) => texts(sectors))])],
    positions: [...physical.positions, ...places.flatMap(positionOf)],
    values: pattern?.ok ? valuesOf(pattern.value).slice(0, VALUES_MAX) : [],
    goods: physical.goods,
    trustPercent,
  };
}

function targetOf(software: StixObject): { vendor: string; product: string; version: string | null }[] {
  const [vendor, product] = [software["vendor"], software["name"]];
  if (typeof vendor !== "string" || typeof product !== "string") return [];
  return [{ vendor, product, version: typeof software["version"] === "string" ? software["version"] : null }];
}

function positionOf(location: StixObject): { latitude: number; longitude: number; radiusKm: number }[] {
  const { latitude, longitude, precision } = location;
  if (typeof latitude !== "number" || typeof longitude !== "number") return [];
  return [{ latitude, longitude, radiusKm: typeof precision === "number" ? Math.max(1, precision / 1_000) : 1 }];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];
}

/** Ids of one naming scheme in `external_references`. */
function externalIds(object: StixObject, source: string): string[] {
  const references: unknown = object["external_references"];
  if (!Array.isArray(references)) return [];
  return references.flatMap((reference: unknown) => {
    if (typeof reference !== "object" || reference === null) return [];
    const { source_name: name, external_id: id } = reference as Readonly<Record<string, unknown>>; // any object may be asked
    return name === source && typeof id === "string" ? [id] : [];
  });
}

/** The texts that a pattern compares with `=` or IN, not negated. */
export function valuesOf(pattern: Pattern): string[] {
  const found = new Set<string>();
  const walk = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { kind, operands, operand, comparison, negated, test } = node as Readonly<Record<string, unknown>>; // a node of the tree
    if (kind === "test" && negated !== true && typeof test === "object" && test !== null) {
      const { operator, literal, literals } = test as Readonly<Record<string, unknown>>; // as above
      const all: unknown[] =
        operator === "=" ? [literal] : operator === "IN" && Array.isArray(literals) ? literals : [];
      for (const each of all) {
        const { kind: of, value } = each as Readonly<Record<string, unknown>>; // a literal
        if (of === "string" && typeof value === "string") found.add(value);
      }
    }
    if (Array.isArray(operands)) operands.forEach(walk);
    walk(operand);
    walk(comparison);
  };
  walk(pattern.root);
  return [...found];
}

/** The terms under which registry objects are found; those of `termsOfSurface`. */
export function termsOfLead(lead: LeadFacts): string[] {
  const terms = new Set<string>();
  for (const { products } of lead.claims)
    for (const product of products) {
      for (const number of [...product.modelNumbers, ...product.skus]) terms.add(`m:${compact(number)}`);
      if (product.vendor === undefined) continue;
      for (const word of productWords(product.name ?? product.fullName))
        terms.add(`p:${vendorKey(product.vendor).key}|${word}`);
    }
  for (const { vendor, product } of lead.targets)
    for (const word of productWords(product)) terms.add(`p:${vendorKey(vendor).key}|${word}`);
  for (const name of lead.names) {
    if (nameKey(name) === "") continue;
    terms.add(`n:organisation|${nameKey(name)}`);
    terms.add(`n:site|${nameKey(name)}`);
  }
  for (const { scheme, value } of lead.identifiers)
    terms.add(isValueScheme(scheme) ? `v:${valueKey(value)}` : `i:${scheme}|${compact(value)}`);
  for (const value of lead.values) terms.add(`v:${valueKey(value)}`);
  for (const { name, hsCode } of lead.goods) {
    if (name !== null && nameKey(name) !== "") terms.add(`n:item|${nameKey(name)}`);
    if (hsCode !== null) terms.add(`h:${hsCode.slice(0, 6)}`);
  }
  return [...terms].map((term) => term.slice(0, 300));
}

/** Whether it speaks of places or sectors, which are asked for by column. */
export function isBroad({ countries, sectors, positions }: LeadFacts): boolean {
  return countries.length > 0 || sectors.length > 0 || positions.length > 0;
}

export function objectOf(body: string): StixObject | undefined {
  const value: unknown = JSON.parse(body);
  return isStixObject(value) ? value : undefined;
}
