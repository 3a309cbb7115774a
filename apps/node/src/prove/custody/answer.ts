/** What the slice knows in the words of the contract: pedigrees, events of a thing, labels that people read. */
import type { custody as contract } from "@holdfast/api";
import { type Amount, type Pedigree, partsOf, type Traced } from "@holdfast/custody";
import { bareWord, canonicalId, decimalText, instantMs, parseLink } from "@holdfast/epcis";
import type { Registry } from "../../know/registry/index.ts";
import type { StoredEvent } from "../thread/index.ts";
import { glnPlace, knownItems, knownPlaces, productOf } from "./node-facts.ts";

/** "NdPr oxide, lot L12": the product's name where the registry knows it, and what tells this thing from others. */
export async function labelsOf(registry: Registry, thingIds: Iterable<string>): Promise<(id: string) => string> {
  const items = await knownItems(registry, [...new Set([...thingIds].map(productOf))]);
  return (id) => labelOf(id, items.get(productOf(id))?.label);
}

const PARTS = /^https:\/\/id\.gs1\.org\/(\d+)\/([^/]+)(?:\/(10|21|235)\/(.+))?$/;

function labelOf(id: string, product: string | undefined): string {
  const [, scheme, key, qualifier, value] = PARTS.exec(id) ?? [];
  if (scheme === "00") return `Shipment ${key}`;
  if (scheme !== "01") return id;
  const name = product ?? `Product ${key}`;
  if (qualifier === undefined) return name;
  return `${name}, ${qualifier === "10" ? "lot" : "serial"} ${safeDecode(value ?? "")}`;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function levelOf(id: string): contract.KnownThing["level"] {
  const link = parseLink(id);
  if (!link) return "unknown";
  return /\/10\//.test(id) ? "lot" : /^https:\/\/id\.gs1\.org\/01\/\d{14}$/.test(id) ? "product" : "instance";
}

export function shownAmount(amount: Amount | undefined): contract.Amount | null {
  return amount ? { value: decimalText(amount.value), unit: amount.unit } : null;
}

export function shownPedigree(
  { pedigree, notFollowed }: Traced,
  about: {
    readonly label: (id: string) => string;
    readonly openFindings: ReadonlyMap<string, number>;
    readonly places: Readonly<Record<string, string>>;
    readonly thingsMax: number;
  },
): contract.Pedigree {
  return {
    root: pedigree.root,
    direction: pedigree.direction,
    things: pedigree.things.map(({ id, level, relations }) => ({
      id,
      level,
      label: about.label(id),
      relations: [...relations],
      openFindings: about.openFindings.get(id) ?? 0,
    })),
    steps: pedigree.steps.map(({ id, bizStep, fromMs, toMs, placeIds, events }) => ({
      id,
      bizStep: bizStep ?? null,
      from: instant(fromMs),
      to: instant(toMs),
      places: [...placeIds],
      events: [...events],
    })),
    edges: pedigree.edges.map(({ kind, from, to, amount, fromMs, toMs, events }) => ({
      kind,
      from,
      to,
      amounts: amount.amounts.map(({ value, unit }) => ({ value: decimalText(value), unit })),
      hasUnknown: amount.hasUnknown,
      at: instant(fromMs),
      until: toMs === undefined ? null : instant(toMs),
      events: [...events],
    })),
    cycles: pedigree.cycles.map((cycle) => [...cycle]),
    isWhole: notFollowed.length === 0,
    notFollowed: notFollowed.length,
    thingsMax: about.thingsMax,
    places: about.places,
  };
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}

/** Names of the places of a pedigree's steps. */
export async function placeNames(registry: Registry, { steps }: Pedigree): Promise<Record<string, string>> {
  const ids = new Set(steps.flatMap(({ placeIds }) => placeIds));
  const known = await knownPlaces(registry, ids);
  return Object.fromEntries(
    [...ids].flatMap((id) => {
      const place = known.get(glnPlace(id));
      return place ? [[id, place.label] as const] : [];
    }),
  );
}

/** One event from the point of view of a thing. */
export function shownEvent(stored: StoredEvent, thing: string, undone: ReadonlySet<string>): contract.ThingEvent {
  const { event, hash, capture, statement } = stored;
  const id = event.eventID ?? hash;
  const part = partsOf(event).find((one) => one.id === thing);
  const place = event.readPoint?.id ?? event.bizLocation?.id;
  return {
    id,
    hash,
    type: event.type,
    action: "action" in event ? event.action : null,
    bizStep: event.bizStep === undefined ? null : bareWord("bizStep", event.bizStep),
    at: instant(instantMs(event.eventTime) ?? 0),
    recordedAt: event.recordTime ?? null,
    place: place === undefined ? null : canonicalId(place),
    role: part?.role ?? "object",
    amount: shownAmount(part?.amount),
    isUndone: undone.has(id) || event.errorDeclaration !== undefined,
    capture: capture ?? null,
    statement: statement ?? null,
  };
}
