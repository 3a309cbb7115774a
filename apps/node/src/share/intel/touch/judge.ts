/**
 * Whether a lead touches an object of the registry: affected, not affected, or a person must look; with the rule, and the
 * raw texts of both sides. Invariants: "not affected" needs the exact product and an explicit statement or a range that
 * parsed; what is merely alike, of one country or one sector, is for a person; silence is no answer. Pure.
 */
import { affectedBy, type AffectedAnswer, type CsafProduct } from "@holdfast/stix";
import { compact, nameKey, productWords, valueKey, vendorKey } from "./fold.ts";
import { type Claims, type Lead, vulnerabilityOf } from "./lead.ts";
import { isValueScheme, type Surface } from "./surface.ts";

export type TouchState = "affected" | "not-affected" | "look";

export type TouchRule =
  | AffectedAnswer["rule"]
  | "like-product"
  | "installed-on-unknown-part"
  | "targeted-product"
  | "value-of-ours"
  | "value-on-warninglist"
  | "identifier"
  | "name"
  | "name-elsewhere"
  | "named-goods"
  | "customs-heading"
  | "near"
  | "place-and-sector"
  | "place"
  | "sector";

export interface Touch {
  readonly state: TouchState;
  readonly rule: TouchRule;
  /** How the two sides were found to be of the same thing. */
  readonly level: "model-number" | "product" | "alias" | "words" | "value" | "name" | "place";
  readonly document: string | null;
  readonly productId: string | null;
  readonly cve: string | null;
  readonly theirs: string;
  readonly ours: string;
}

const TEXT_MAX = 300; // of a raw text beside a verdict; the object itself has the rest
const STRENGTH: Readonly<Record<TouchState, number>> = { affected: 2, look: 1, "not-affected": 0 };

/** The weightiest way in which `lead` touches `surface`; undefined when it says nothing about it. */
export function judge(lead: Lead, surface: Surface): Touch | undefined {
  const found = [
    ...byProducts(lead, surface),
    ...byValues(lead, surface),
    ...byNames(lead, surface),
    ...byGoods(lead, surface),
  ];
  const strong = found.reduce<Touch | undefined>(weightier, undefined);
  return strong ?? byPlace(lead, surface);
}

function weightier(best: Touch | undefined, next: Touch): Touch {
  return best === undefined || STRENGTH[next.state] > STRENGTH[best.state] ? next : best;
}

function touch(
  state: TouchState,
  rule: TouchRule,
  level: Touch["level"],
  theirs: string,
  ours: string,
  more: Partial<Touch> = {},
): Touch {
  return {
    state,
    rule,
    level,
    document: null,
    productId: null,
    cve: null,
    theirs: theirs.slice(0, TEXT_MAX),
    ours: ours.slice(0, TEXT_MAX),
    ...more,
  };
}

// --- products -------------------------------------------------------------------------------------------------------

/** How an asset is the product of an advisory's entry. */
type Likeness = "model-number" | "product" | "alias" | "words";

function* byProducts(lead: Lead, surface: Surface): Generator<Touch> {
  if (surface.kind !== "asset" || surface.vendor === undefined || surface.model === undefined) return;
  for (const claims of lead.claims) {
    const found = byClaims(claims, surface);
    if (found) yield found;
  }
  const ours = `${surface.vendor} ${surface.model} ${surface.firmware ?? ""}`.trim();
  for (const { vendor, product, version } of lead.targets) {
    const likeness = likenessOf({ vendor, name: product, fullName: product, modelNumbers: [], skus: [] }, surface);
    if (likeness === undefined) continue;
    const isSame = likeness !== "words" && (version === null || version === surface.firmware);
    yield touch(
      isSame ? "affected" : "look",
      "targeted-product",
      likeness,
      `${vendor} ${product} ${version ?? ""}`.trim(),
      ours,
    );
  }
}

function byClaims({ document, products, vulnerabilities }: Claims, surface: Surface): Touch | undefined {
  const direct = new Map<string, Likeness>();
  for (const product of products) {
    const likeness = product.relationship === undefined ? likenessOf(product, surface) : undefined;
    if (likeness !== undefined) direct.set(product.productId, likeness);
  }
  if (direct.size === 0) return undefined;
  const byId = new Map(products.map((product) => [product.productId, product]));
  let best: Touch | undefined;
  let isAllOutside = true;
  for (const { cve, statuses } of vulnerabilities) {
    for (const [productId] of statuses) {
      const product = byId.get(productId);
      if (product === undefined) continue;
      const part = partOf(product, direct, byId);
      if (part === undefined) continue;
      const answer = affectedBy(
        vulnerabilityOf({ cve, statuses }) as Parameters<typeof affectedBy>[0],
        byId,
        productId,
        part.installed(surface.firmware),
      ); // it reads the statuses only
      const made = touchOf(answer, part, { document, cve }, product, surface);
      if (made.state !== "not-affected") isAllOutside = false;
      best = best === undefined || STRENGTH[made.state] > STRENGTH[best.state] ? made : best;
    }
  }
  return best?.state === "not-affected" && !isAllOutside ? undefined : best;
}

interface Part {
  readonly likeness: Likeness;
  readonly isWhole: boolean;
  installed(firmware: string | undefined): { version: string | undefined; relatedVersion?: string | undefined };
}

/** What of the entry the asset is: all of it, the hardware that software is installed on, or the software alone. */
function partOf(
  product: CsafProduct,
  direct: ReadonlyMap<string, Likeness>,
  byId: ReadonlyMap<string, CsafProduct>,
): Part | undefined {
  const { relationship } = product;
  if (relationship === undefined) {
    const likeness = direct.get(product.productId);
    return likeness && { likeness, isWhole: true, installed: (version) => ({ version }) };
  }
  const base = direct.get(relationship.relatesTo);
  if (base !== undefined) {
    const component = byId.get(relationship.product);
    const isFirmware =
      direct.has(relationship.product) ||
      /\b(firmware|os|operating system)\b/i.test(`${component?.name ?? ""} ${component?.fullName ?? ""}`);
    return { likeness: base, isWhole: isFirmware, installed: (version) => ({ version, relatedVersion: version }) };
  }
  const component = direct.get(relationship.product);
  return component && { likeness: component, isWhole: false, installed: (version) => ({ version }) };
}

function touchOf(
  { answer, rule, productId, versionText }: AffectedAnswer,
  part: Part,
  said: { document: string; cve: string | null },
  product: CsafProduct,
  surface: Surface,
): Touch {
  const theirs = [product.fullName, versionText].filter((text) => text !== undefined).join(" · ");
  const ours = `${surface.vendor ?? ""} ${surface.model ?? ""} · ${surface.firmware ?? "firmware unknown"}`;
  const more = { document: said.document, cve: said.cve, productId };
  if (!part.isWhole && answer !== "not_affected")
    return touch("look", "installed-on-unknown-part", part.likeness, theirs, ours, more);
  if (part.likeness === "words" || (!part.isWhole && answer === "not_affected"))
    return touch(
      "look",
      part.likeness === "words" ? "like-product" : "installed-on-unknown-part",
      part.likeness,
      theirs,
      ours,
      more,
    );
  const state = answer === "affected" ? "affected" : answer === "not_affected" ? "not-affected" : "look";
  return touch(state, rule, part.likeness, theirs, ours, more);
}

/** Model number exact, then vendor with product exact, then by an alias, then words of one inside those of the other. */
function likenessOf(
  product: Pick<CsafProduct, "vendor" | "name" | "fullName" | "modelNumbers" | "skus">,
  surface: Surface,
): Likeness | undefined {
  const model = compact(surface.model ?? "");
  const numbers = [model, ...surface.identifiers.map(({ value }) => compact(value))].filter((number) => number !== "");
  if ([...product.modelNumbers, ...product.skus].some((number) => numbers.includes(compact(number))))
    return "model-number";
  if (product.vendor === undefined) return undefined;
  const [theirs, ours] = [vendorKey(product.vendor), vendorKey(surface.vendor ?? "")];
  if (theirs.key !== ours.key) return undefined;
  const name = product.name ?? product.fullName;
  const [theirWords, ourWords] = [productWords(name), productWords(surface.model ?? "")];
  if (compact(name) === model || (theirWords.length > 0 && theirWords.join(" ") === ourWords.join(" ")))
    return theirs.isAlias || ours.isAlias ? "alias" : "product";
  if (theirWords.length === 0 || ourWords.length === 0) return undefined;
  const [few, many] = theirWords.length < ourWords.length ? [theirWords, ourWords] : [ourWords, theirWords];
  return few.every((word) => many.includes(word)) ? "words" : undefined;
}

// --- values, names, goods -------------------------------------------------------------------------------------------

function* byValues(lead: Lead, surface: Surface): Generator<Touch> {
  const own = surface.identifiers.filter(({ scheme }) => isValueScheme(scheme));
  if (own.length === 0 || (lead.values.length === 0 && lead.identifiers.length === 0)) return;
  const theirs = [
    ...lead.values,
    ...lead.identifiers.filter(({ scheme }) => isValueScheme(scheme)).map(({ value }) => value),
  ];
  for (const { scheme, value } of own) {
    const found = theirs.find((each) => valueKey(each) === valueKey(value));
    if (found === undefined) continue;
    const warned = lead.warnings.find((each) => each.value === found);
    if (warned) yield touch("look", "value-on-warninglist", "value", `${found} · ${warned.list}`, `${scheme} ${value}`);
    else yield touch("affected", "value-of-ours", "value", found, `${scheme} ${value}`);
  }
}

function* byNames(lead: Lead, surface: Surface): Generator<Touch> {
  if (surface.kind === "asset") return;
  for (const { scheme, value } of lead.identifiers) {
    if (isValueScheme(scheme)) continue;
    const own = surface.identifiers.find((each) => each.scheme === scheme && compact(each.value) === compact(value));
    if (own) yield touch("affected", "identifier", "value", `${scheme} ${value}`, `${own.scheme} ${own.value}`);
  }
  if (surface.kind === "item") return;
  for (const name of lead.names) {
    const own = nameKey(name) === "" ? undefined : surface.names.find((each) => nameKey(each) === nameKey(name));
    if (own === undefined) continue;
    const isElsewhere =
      lead.countries.length > 0 && surface.country !== undefined && !lead.countries.includes(surface.country);
    yield touch(isElsewhere ? "look" : "affected", isElsewhere ? "name-elsewhere" : "name", "name", name, own);
  }
}

function* byGoods(lead: Lead, surface: Surface): Generator<Touch> {
  if (surface.kind !== "item") return;
  for (const { name, hsCode } of lead.goods) {
    const key = name === null ? "" : nameKey(name);
    const own =
      key === ""
        ? undefined
        : [...surface.names, ...(surface.mineral === undefined ? [] : [surface.mineral])].find(
            (each) => nameKey(each) === key,
          );
    if (own !== undefined && name !== null) yield touch("look", "named-goods", "name", name, own);
    else if (hsCode !== null && surface.hsCode !== undefined && hsCode.slice(0, 6) === surface.hsCode.slice(0, 6))
      yield touch("look", "customs-heading", "value", `HS ${hsCode}`, `HS ${surface.hsCode}`);
  }
}

// --- places and sectors ---------------------------------------------------------------------------------------------

/** Sectors of STIX's industry-sector-ov that kinds of sites belong to. */
export const SITE_KINDS_OF_SECTOR: Readonly<Record<string, readonly string[]>> = {
  mining: ["mine", "concentrator"],
  manufacturing: ["plant", "fab", "smelter", "refinery"],
  technology: ["fab"],
  chemical: ["refinery"],
  energy: ["refinery"],
  transportation: ["port", "warehouse"],
  retail: ["warehouse"],
  "non-profit": [],
};

/** Which kinds of sites a lead's sectors speak of. */
export function siteKindsOf(sectors: readonly string[]): string[] {
  return [...new Set(sectors.flatMap((sector) => SITE_KINDS_OF_SECTOR[sector] ?? []))];
}

function byPlace(lead: Lead, surface: Surface): Touch | undefined {
  if (surface.kind !== "site") return undefined;
  const { position, country, site } = surface;
  for (const place of position ? lead.positions : []) {
    const km = distanceKm(place, position!); // looked for above
    if (km <= place.radiusKm)
      return touch(
        "affected",
        "near",
        "place",
        `${place.latitude}, ${place.longitude} within ${place.radiusKm} km`,
        `${km.toFixed(1)} km away`,
      );
  }
  if (lead.positions.length > 0) return undefined; // a place that is known exactly says nothing about the country
  const kinds = siteKindsOf(lead.sectors);
  const inCountry = country !== undefined && lead.countries.includes(country);
  const inSector = site !== undefined && kinds.includes(site.kind);
  if (lead.countries.length > 0 && lead.sectors.length > 0)
    return inCountry && inSector
      ? touch(
          "look",
          "place-and-sector",
          "place",
          `${country}, ${lead.sectors.join(", ")}`,
          `${site.kind} in ${country}`,
        )
      : undefined;
  if (inCountry) return touch("look", "place", "place", country, `site in ${country}`);
  return inSector ? touch("look", "sector", "place", lead.sectors.join(", "), site.kind) : undefined;
}

const EARTH_KM = 6_371.0088; // mean radius, IUGG

/** Great-circle distance by the haversine formula. */
export function distanceKm(
  a: { latitude: number; longitude: number },
  b: { latitude: number; longitude: number },
): number {
  const radians = Math.PI / 180;
  const sine = (degrees: number) => Math.sin((degrees * radians) / 2) ** 2;
  const h =
    sine(b.latitude - a.latitude) +
    Math.cos(a.latitude * radians) * Math.cos(b.latitude * radians) * sine(b.longitude - a.longitude);
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}

// --- rank -----------------------------------------------------------------------------------------------------------

const STATE_WEIGHT: Readonly<Record<TouchState, number>> = { affected: 300, look: 150, "not-affected": 0 };
const LEVEL_WEIGHT: Readonly<Record<Touch["level"], number>> = {
  "model-number": 40,
  product: 40,
  alias: 30,
  value: 40,
  name: 30,
  words: 0,
  place: 0,
};

/**
 * What is shown first: the consequence here (state, criticality), then exposure (known to be exploited), then severity,
 * then trust. How rare a lead is comes in where leads are ordered, because it is a count over all pairs.
 */
export function rankOf(
  found: Touch,
  {
    criticality,
    isKev,
    isRansomware,
    cvss,
    trustPercent,
  }: {
    criticality: number;
    isKev: boolean;
    isRansomware: boolean;
    cvss: number | null;
    trustPercent: number;
  },
): number {
  const exposure = (isKev ? 80 : 0) + (isRansomware ? 20 : 0);
  return (
    STATE_WEIGHT[found.state] +
    LEVEL_WEIGHT[found.level] +
    2 * criticality +
    exposure +
    Math.round(5 * (cvss ?? 0)) +
    Math.round(trustPercent / 5)
  );
}
