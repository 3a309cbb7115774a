/**
 * What a node knows besides the events: places, parties, materials, limits. Custody takes it as an argument; nothing here
 * is assumed. An absent table switches off the rules that need it, so that a missing fact is never a finding.
 */
import { type Decimal, decimalOf } from "@holdfast/epcis";

export interface Site {
  /** Canonical identifier, a GLN without extension. */
  readonly id: string;
  /** Who holds what is there. */
  readonly partyId?: string;
  readonly latitude?: number;
  readonly longitude?: number;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string;
}

export interface Material {
  readonly name: string;
  /** Fraction of each element, 0 to 1, exact: `{ Cu: 0.3 }` is 30 %. A lot's own assay wins. */
  readonly grade?: Readonly<Record<string, Decimal>>;
  /** Mass of one piece of a product that is counted. */
  readonly pieceGrams?: Decimal;
  /** Materials that a step must list as inputs when it gives this one. */
  readonly madeFrom?: readonly string[];
}

/** When a supplier was qualified; the end is not part of it. */
export interface Qualification {
  readonly fromMs: number;
  readonly toMs?: number;
}

export interface Limits {
  /** How long a shipment may take before it counts as never received. */
  readonly transitMsMax: number;
  /** How long after it happened an event may be recorded. */
  readonly recordingMsMax: number;
  /** Faster than this nothing moves. */
  readonly speedKmhMax: number;
  /** What a mass may differ, in parts per million of the larger side. */
  readonly tolerancePpm: number;
  /** Whether every input must have been seen before it was used: only where the events are complete. */
  readonly expectsOrigins: boolean;
}

const DAY_MS = 86_400_000;

export const LIMITS: Limits = {
  transitMsMax: 60 * DAY_MS, // a container ship with transshipment
  recordingMsMax: 7 * DAY_MS, // a week of paper work
  speedKmhMax: 1_000, // an aircraft
  tolerancePpm: 0,
  expectsOrigins: false,
};

export interface Facts {
  /** Up to when the events are complete; deadlines are counted to here. */
  readonly asOfMs: number;
  readonly sites?: ReadonlyMap<string, Site>;
  /** Materials by product (GTIN), by lot, or by any class identifier. */
  readonly materials?: ReadonlyMap<string, Material>;
  /** Fractions of elements by lot, where an assay is better than the material's own. */
  readonly assays?: ReadonlyMap<string, Readonly<Record<string, Decimal>>>;
  /** Qualified suppliers; absent: the supplier rules are off. */
  readonly suppliers?: ReadonlyMap<string, readonly Qualification[]>;
  /** Countries (ISO 3166-1 alpha-2) that nothing may come from. */
  readonly forbiddenCountries?: ReadonlySet<string>;
  /** Declared losses and yields by step, where the events do not carry them. */
  readonly declarations?: ReadonlyMap<string, StepDeclaration>;
  readonly limits?: Partial<Limits>;
}

/** What the one who ran a step declares about it. */
export interface StepDeclaration {
  /** Mass that left as loss: slag, offcut, dust. */
  readonly lossGrams?: Decimal;
  /** Outputs over inputs by mass, 0 to 1. */
  readonly yieldFraction?: Decimal;
}

/** A fraction from parts per million. */
export function ppm(parts: number | bigint): Decimal {
  const { coefficient, scale } = decimalOf(String(parts));
  return { coefficient, scale: scale + 6 };
}

export function limitsOf(facts: Facts): Limits {
  return { ...LIMITS, ...facts.limits };
}

/** The site of a place: the place itself where it is known, else its GLN without extension. */
export function siteIdOf(facts: Facts, placeId: string): string {
  if (facts.sites?.has(placeId)) return placeId;
  const gln = /^(https:\/\/id\.gs1\.org\/414\/\d{13})\/254\//.exec(placeId);
  return gln?.[1] ?? placeId;
}

export function siteOf(facts: Facts, placeId: string | undefined): Site | undefined {
  return placeId === undefined ? undefined : facts.sites?.get(siteIdOf(facts, placeId));
}

/** The material of a thing: named for itself, else for its product. */
export function materialOf(facts: Facts, thingId: string): Material | undefined {
  return facts.materials?.get(thingId) ?? facts.materials?.get(productOf(thingId));
}

/** The product (GTIN) of a lot or an instance; anything else is its own product. */
export function productOf(thingId: string): string {
  return /^https:\/\/id\.gs1\.org\/01\/\d{14}/.exec(thingId)?.[0] ?? thingId;
}

/** Fractions of elements in a thing: its assay, else its material's grade. */
export function gradeOf(facts: Facts, thingId: string): Readonly<Record<string, Decimal>> {
  return facts.assays?.get(thingId) ?? materialOf(facts, thingId)?.grade ?? {};
}
