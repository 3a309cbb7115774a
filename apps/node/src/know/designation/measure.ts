/**
 * What is measured of a site before criteria are applied. An absent value is unknown, never zero: a rule that needs it
 * stays undecided. Shares compare the site's output with published world production in grams or litres, exactly.
 */
import type { registry } from "@holdfast/api";
import { outputOf } from "../mineral/index.ts";

type Unit = registry.Unit;

/** One item that a site makes. */
export interface SiteOutput {
  readonly itemLabel: string;
  /** The item stands on a list of critical goods. */
  readonly listed: boolean;
  readonly worldSharePpm: number | undefined;
  readonly nationalSharePpm: number | undefined;
  /** Other sites in the registry that make it. */
  readonly otherMakers: number;
  readonly otherMakersInCountry: number;
}

export interface SiteMeasures {
  readonly site: string;
  readonly kind: registry.Site["kind"];
  readonly country: string;
  readonly publicSafety: NonNullable<registry.Site["publicSafety"]> | undefined;
  readonly replaceDays: number | undefined;
  readonly outputs: readonly SiteOutput[];
  /** Sites downstream over any input; counting stops at `designation.DEPENDENTS_COUNTED_MAX`. */
  readonly dependents: number;
  /** As above, over essential inputs that have no other supplier site. */
  readonly soleDependents: number;
}

/** Capacity of one item at one site, as the registry has it. */
export interface OutputFacts {
  readonly unit: Unit;
  readonly mineral: registry.Item["mineral"];
  readonly country: string;
  readonly quantityPerYear: string | undefined;
  readonly outputPerYear: string | undefined;
  readonly worldSharePpm: number | undefined;
  readonly nationalSharePpm: number | undefined;
}

const PPM = 1_000_000n;
const NANO = 1_000_000_000n; // quantities have at most nine decimals

/** Base amounts (grams, or litres) in one unit; other units have none. */
const BASE: Partial<Record<Unit, readonly [base: "GRM" | "LTR", amount: bigint]>> = {
  GRM: ["GRM", 1n],
  KGM: ["GRM", 1_000n],
  TNE: ["GRM", 1_000_000n],
  LTR: ["LTR", 1n],
  MTQ: ["LTR", 1_000n],
};

/** World and national share of a site's output: what a source states, else worked out from world production. */
export function outputShares(facts: OutputFacts): {
  worldSharePpm: number | undefined;
  nationalSharePpm: number | undefined;
} {
  const worked = workedOut(facts);
  return {
    worldSharePpm: facts.worldSharePpm ?? worked.world,
    nationalSharePpm: facts.nationalSharePpm ?? worked.national,
  };
}

function workedOut(facts: OutputFacts): { world: number | undefined; national: number | undefined } {
  const none = { world: undefined, national: undefined };
  const quantity = facts.outputPerYear ?? facts.quantityPerYear;
  const base = BASE[facts.unit];
  if (!facts.mineral || quantity === undefined || !base) return none;
  const output = outputOf({ ...facts.mineral, country: facts.country });
  if (!output || output.unit !== base[0]) return none;
  const amountNano = nanoOf(quantity) * base[1];
  const share = (whole: number | undefined) => {
    if (whole === undefined || whole === 0) return undefined;
    const ppm = (amountNano * PPM) / (BigInt(whole) * NANO);
    return Number(ppm > PPM ? PPM : ppm); // a capacity may exceed what was made in a year
  };
  return { world: share(output.world), national: share(output.national) };
}

function nanoOf(quantity: string): bigint {
  const [whole = "0", fraction = ""] = quantity.split(".");
  return BigInt(whole) * NANO + BigInt(fraction.padEnd(9, "0"));
}
