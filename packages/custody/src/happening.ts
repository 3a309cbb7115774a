/**
 * Events as custody sees them: in one order, each once, the declared errors undone. EPCIS 2.0 7.4.1.4 (error
 * declaration). Invariants: the result does not depend on the order in which events arrive; an event and its copies (same
 * CBV hash) are one; an event that an error declaration names (same hash or same eventID) did not happen, and neither did
 * the declaration itself.
 */
import {
  bareWord,
  canonicalId,
  eventHash,
  type EpcisEvent,
  type ExactObject,
  instantMs,
  isObject,
  type Namespaces,
  parseLink,
  type QuantityElement,
} from "@holdfast/epcis";
import { type Amount, amountOf, ONE_PIECE } from "./amount.ts";

/** One event as it is stored. */
export interface StoredEvent {
  readonly event: EpcisEvent;
  /** Meaning of its extension prefixes; the standard ones where absent. */
  readonly namespaces?: Namespaces;
  /** Its CBV 2.0 hash where the caller has it; computed where absent. */
  readonly hash?: string;
}

export type Role = "object" | "parent" | "child" | "input" | "output";

/** How exactly an identifier names a thing. */
export type Level = "instance" | "lot" | "product";

/** A thing in an event: what part it plays and how much of it. */
export interface Part {
  /** Canonical identifier. */
  readonly id: string;
  readonly role: Role;
  readonly level: Level;
  /** Undefined: some, unknown how much. An instance is one piece. */
  readonly amount: Amount | undefined;
}

/** An event that happened, with what custody asks of it. */
export interface Happening {
  /** What findings cite: its eventID, else its hash. */
  readonly id: string;
  readonly hash: string;
  readonly atMs: number;
  readonly recordedMs: number | undefined;
  readonly event: EpcisEvent;
  readonly namespaces: Namespaces | undefined;
  readonly parts: readonly Part[];
  /** Bare word of a standard business step, else its URI. */
  readonly bizStep: string | undefined;
  readonly disposition: string | undefined;
  /** Canonical identifier of the read point, else of the business location. */
  readonly placeId: string | undefined;
  /** Canonical parties by role, as the event states them. */
  readonly fromParty: string | undefined;
  readonly toParty: string | undefined;
}

export interface Happenings {
  /** In order of time; events of one instant stand in an order that depends on their content only. */
  readonly inOrder: readonly Happening[];
  /** Events that error declarations undid, by evidence id, in order. */
  readonly undone: readonly string[];
  /** Error declarations that name no event that is here, by evidence id. */
  readonly withoutTarget: readonly string[];
}

/** Events as they come, each read once however often they are looked at: what grows is given to `threadOf` again and again. */
export class EventReading {
  readonly plain = new Map<string, Happening>();
  readonly declarations = new Map<string, Happening>();

  /** @returns what was given, read: what had been read before stands for its copies */
  add(stored: Iterable<StoredEvent>): readonly Happening[] {
    const given: Happening[] = [];
    for (const item of stored) {
      const group = item.event.errorDeclaration === undefined ? this.plain : this.declarations;
      const known = item.hash === undefined ? undefined : group.get(item.hash);
      if (known && known.event.eventID === item.event.eventID && known.event.recordTime === item.event.recordTime) {
        given.push(known);
        continue;
      }
      const happening = happeningOf(item);
      const other = group.get(happening.hash);
      // of two copies the one with the smaller id and record time stands for both, whichever came first
      if (!other || precedes(happening, other)) group.set(happening.hash, happening);
      given.push(happening);
    }
    return given;
  }
}

/** The events that happened, in order. Cost is that of hashing where hashes are not given. */
export function happeningsOf(stored: Iterable<StoredEvent> | EventReading): Happenings {
  const { plain, declarations } = stored instanceof EventReading ? stored : readingOf(stored);
  const idsInError = new Set(
    [...declarations.values()].flatMap(({ event }) => (event.eventID === undefined ? [] : [event.eventID])),
  );
  const undone: Happening[] = [];
  const standing: Happening[] = [];
  const undoneIds = new Set<string>();
  for (const happening of plain.values()) {
    const { eventID } = happening.event;
    const isUndone = declarations.has(happening.hash) || (eventID !== undefined && idsInError.has(eventID));
    (isUndone ? undone : standing).push(happening);
    if (isUndone) undoneIds.add(happening.hash).add(eventID ?? happening.hash);
  }
  const withoutTarget = [...declarations.values()].filter(
    ({ hash, event }) => !undoneIds.has(hash) && !undoneIds.has(event.eventID ?? hash),
  );
  return {
    inOrder: standing.sort(byTime),
    undone: undone.sort(byTime).map(({ id }) => id),
    withoutTarget: withoutTarget.sort(byTime).map(({ id }) => id),
  };
}

function readingOf(stored: Iterable<StoredEvent>): EventReading {
  const reading = new EventReading();
  reading.add(stored);
  return reading;
}

function precedes(a: Happening, b: Happening): boolean {
  if (a.id !== b.id) return a.id < b.id;
  return (a.recordedMs ?? Number.POSITIVE_INFINITY) < (b.recordedMs ?? Number.POSITIVE_INFINITY);
}

/** What leaves comes before what is seen, and that before what joins, where the clock makes no difference. */
const ACTION_ORDER: Readonly<Record<string, number>> = { DELETE: 0, OBSERVE: 1, ADD: 2 };

export function byTime(a: Happening, b: Happening): number {
  if (a.atMs !== b.atMs) return a.atMs - b.atMs;
  const order = (happening: Happening) =>
    "action" in happening.event ? (ACTION_ORDER[happening.event.action] ?? 1) : 1;
  if (order(a) !== order(b)) return order(a) - order(b);
  return a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0;
}

function happeningOf({ event, namespaces, hash: given }: StoredEvent): Happening {
  const hash = given ?? eventHash(objectOf(event), namespaces);
  const place = event.readPoint?.id ?? event.bizLocation?.id;
  return {
    id: event.eventID ?? hash,
    hash,
    atMs: instantMs(event.eventTime),
    recordedMs: event.recordTime === undefined ? undefined : instantMs(event.recordTime),
    event,
    namespaces,
    parts: partsOf(event),
    bizStep: event.bizStep === undefined ? undefined : bareWord("bizStep", event.bizStep),
    disposition: event.disposition === undefined ? undefined : bareWord("disposition", event.disposition),
    placeId: place === undefined ? undefined : canonicalId(place),
    fromParty: partyOf(event.sourceList?.map(({ type, source }) => ({ type, id: source }))),
    toParty: partyOf(event.destinationList?.map(({ type, destination }) => ({ type, id: destination }))),
  };
}

/** An event has the shape of JSON; its interface only names more. */
function objectOf(event: EpcisEvent): ExactObject {
  return isObject(event) ? event : {};
}

/** The possessing party, else the owning one. */
function partyOf(list: readonly { readonly type: string; readonly id: string }[] | undefined): string | undefined {
  for (const wanted of ["possessing_party", "owning_party"]) {
    const found = list?.find(({ type }) => bareWord("sdt", type) === wanted);
    if (found) return canonicalId(found.id);
  }
  return undefined;
}

/** Every thing of an event with its part in it. Two lines of one class stay two parts. */
export function partsOf(event: EpcisEvent): Part[] {
  switch (event.type) {
    case "ObjectEvent":
      return [...instances(event.epcList, "object"), ...classes(event.quantityList, "object")];
    case "TransactionEvent":
      return [
        ...instances(event.parentID === undefined ? [] : [event.parentID], "parent"),
        ...instances(event.epcList, "object"),
        ...classes(event.quantityList, "object"),
      ];
    case "AggregationEvent":
    case "AssociationEvent":
      return [
        ...instances(event.parentID === undefined ? [] : [event.parentID], "parent"),
        ...instances(event.childEPCs, "child"),
        ...classes(event.childQuantityList, "child"),
      ];
    case "TransformationEvent":
      return [
        ...instances(event.inputEPCList, "input"),
        ...classes(event.inputQuantityList, "input"),
        ...instances(event.outputEPCList, "output"),
        ...classes(event.outputQuantityList, "output"),
      ];
  }
}

function instances(ids: readonly string[] | undefined, role: Role): Part[] {
  return (ids ?? []).map((id) => ({ id: canonicalId(id), role, level: "instance", amount: ONE_PIECE }));
}

function classes(list: readonly QuantityElement[] | undefined, role: Role): Part[] {
  return (list ?? []).map(({ epcClass, quantity, uom }) => {
    const id = canonicalId(epcClass);
    const level = parseLink(id)?.shape.scheme === "sgtin" ? "product" : "lot";
    return { id, role, level, amount: quantity === undefined ? undefined : amountOf(quantity, uom) };
  });
}

/** Every identifier under which an event must be found: its things and its transformation. */
export function idsTouched(event: EpcisEvent): string[] {
  const ids = new Set(partsOf(event).map(({ id }) => id));
  if (event.type === "TransformationEvent" && event.transformationID !== undefined)
    ids.add(canonicalId(event.transformationID));
  return [...ids];
}
