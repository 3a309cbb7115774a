/**
 * What this node knows besides the events, for the rules: sites and parties of the registry by their GLN, products by GTIN,
 * compositions and limits from the settings. Looked up for the identifiers at hand, in one question a kind, never for all
 * that the registry holds.
 */
import type { custody as contract } from "@holdfast/api";
import { type Facts, type Material, ppm, type Qualification, type Site, type Thread } from "@holdfast/custody";
import { canonicalId } from "@holdfast/epcis";
import { currentVersions, findByIdentifiers, type Registry } from "../../know/registry/index.ts";
import { limitsOf } from "./settings.ts";

export interface KnownPlace {
  readonly site: string;
  readonly label: string;
  readonly country: string;
  readonly latitude: number | undefined;
  readonly longitude: number | undefined;
  readonly party: string | undefined;
}

export interface KnownItem {
  readonly id: string;
  readonly label: string;
}

const GLN = /^https:\/\/id\.gs1\.org\/41[47]\/(\d{13})/;
const GTIN = /^https:\/\/id\.gs1\.org\/01\/(\d{14})/;

/** A place without what is inside it: a GLN without its extension. */
export function glnPlace(placeId: string): string {
  return /^https:\/\/id\.gs1\.org\/414\/\d{13}/.exec(placeId)?.[0] ?? placeId;
}

export function productOf(thingId: string): string {
  return GTIN.exec(thingId)?.[0] ?? thingId;
}

/** Sites of the registry by place, for those that it knows. */
export async function knownPlaces(registry: Registry, placeIds: Iterable<string>): Promise<Map<string, KnownPlace>> {
  const places = [...new Set([...placeIds].map(glnPlace))];
  const glns = places.map((place) => ({ scheme: "gln", value: GLN.exec(place)?.[1] ?? "" }));
  const hits = await findByIdentifiers(registry.db, "site", glns);
  const ids = [...hits.values()].flatMap((found) =>
    found.filter(({ state }) => state === "active").map(({ id }) => id),
  );
  const sites = await currentVersions(registry.db, "site", ids);
  const owners = await currentVersions(registry.db, "organisation", [
    ...new Set([...sites.values()].map(({ body }) => body.organisation)),
  ]);
  const known = new Map<string, KnownPlace>();
  for (const [i, place] of places.entries()) {
    const site = hits.get(i)?.flatMap(({ id }) => sites.get(id) ?? [])[0];
    if (!site) continue;
    const { name, country, position, organisation } = site.body;
    const gln = owners.get(organisation)?.body.identifiers.find(({ scheme }) => scheme === "gln")?.value;
    known.set(place, {
      site: site.id,
      label: name,
      country,
      latitude: position?.latitude,
      longitude: position?.longitude,
      party: gln === undefined ? undefined : `https://id.gs1.org/417/${gln}`,
    });
  }
  return known;
}

/** Organisations of the registry by party, for those that it knows: their names. */
export async function knownParties(registry: Registry, partyIds: Iterable<string>): Promise<Map<string, string>> {
  const parties = [...new Set(partyIds)];
  const glns = parties.map((party) => ({ scheme: "gln", value: GLN.exec(party)?.[1] ?? "" }));
  const hits = await findByIdentifiers(registry.db, "organisation", glns);
  return new Map(
    parties.flatMap((party, i) => {
      const found = hits.get(i)?.find(({ state }) => state === "active");
      return found ? [[party, found.name ?? party] as const] : [];
    }),
  );
}

/** Items of the registry by product identifier, for those that it knows. */
export async function knownItems(registry: Registry, productIds: Iterable<string>): Promise<Map<string, KnownItem>> {
  const products = [...new Set(productIds)];
  const asked = products.flatMap((product) => spellings(product).map((value) => ({ product, value })));
  const hits = await findByIdentifiers(
    registry.db,
    "item",
    asked.map(({ value }) => ({ scheme: "gtin", value })),
  );
  const known = new Map<string, KnownItem>();
  for (const [i, { product }] of asked.entries()) {
    const found = hits.get(i)?.find(({ state }) => state === "active");
    if (found && !known.has(product)) known.set(product, { id: found.id, label: found.name ?? product });
  }
  return known;
}

/** A GTIN as people may have written it: 14, 13, 12 or 8 digits. */
function spellings(product: string): string[] {
  const gtin = GTIN.exec(product)?.[1];
  if (gtin === undefined) return [];
  return [14, 13, 12, 8].flatMap((length) =>
    /^0*$/.test(gtin.slice(0, 14 - length)) ? [gtin.slice(14 - length)] : [],
  );
}

/** Facts for the rules over these events. */
export async function factsFor(
  thread: Thread,
  { registry, settings, asOfMs }: { registry: Registry; settings: contract.Settings; asOfMs: number },
): Promise<Facts> {
  const placeIds = thread.inOrder.flatMap(({ placeId }) => placeId ?? []);
  const places = await knownPlaces(registry, placeIds);
  const sites = new Map<string, Site>();
  for (const [id, { party, latitude, longitude, country }] of places)
    sites.set(id, {
      id,
      country,
      ...(party === undefined ? {} : { partyId: party }),
      ...(latitude === undefined || longitude === undefined ? {} : { latitude, longitude }),
    });
  return {
    asOfMs,
    sites,
    materials: materialsOf(settings),
    ...(settings.checksSuppliers ? { suppliers: await suppliersOf(thread, registry, settings) } : {}),
    ...(settings.forbiddenCountries.length > 0 ? { forbiddenCountries: new Set(settings.forbiddenCountries) } : {}),
    limits: limitsOf(settings),
  };
}

/** Compositions by product; one that is not listed may hold anything. */
export function materialsOf({ materials }: contract.Settings): Map<string, Material> {
  return new Map(
    materials.map(({ product, name, elements, madeFrom }) => [
      canonicalId(product),
      {
        name,
        grade: Object.fromEntries(Object.entries(elements).map(([element, parts]) => [element, ppm(parts)])),
        ...(madeFrom.length > 0 ? { madeFrom } : {}),
      },
    ]),
  );
}

async function suppliersOf(
  thread: Thread,
  registry: Registry,
  { qualifications }: contract.Settings,
): Promise<Map<string, Qualification[]>> {
  const parties = await knownParties(
    registry,
    thread.inOrder.flatMap(({ fromParty }) => fromParty ?? []),
  );
  const suppliers = new Map<string, Qualification[]>(
    [...parties.keys()].map((party) => [party, [{ fromMs: Number.NEGATIVE_INFINITY }]]),
  );
  const limited = new Set<string>();
  for (const { party, from, until } of qualifications) {
    const id = canonicalId(party);
    const period = { fromMs: Date.parse(from), ...(until === undefined ? {} : { toMs: Date.parse(until) }) };
    suppliers.set(id, [...(limited.has(id) ? (suppliers.get(id) ?? []) : []), period]);
    limited.add(id);
  }
  return suppliers;
}
