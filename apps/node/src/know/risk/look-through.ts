/**
 * Look-through of one product: its dependence on every upstream site, supplier, country and material, how concentrated
 * each material's supply is, and where one source is left. Dependences are of whole sets: a supplier is all of its sites.
 * Sites and items are places in the chain's columns; their names are for whoever shows them.
 */
import { concentration } from "../mineral/index.ts";
import type { SupplyChain } from "../registry/index.ts";
import { depths, flowFromProduct, type Loop, orderChain } from "./chain.ts";
import { type LossWork, prepareLosses, type StepSets } from "./dependence.ts";

const PPM = 1_000_000;
const ROUNDING_PPM = 10; // shares such as 333,333 three times leave no unknown supplier
const VISITS_MAX = 160_000_000; // multiplications: bounds the time where everything supplies everything to about a second

interface Dependence {
  readonly dependencePpm: number;
}

export interface SiteDependence extends Dependence {
  readonly site: number;
  /** Steps from the product, the shortest way. */
  readonly depth: number;
  /** What it makes that reaches the product. */
  readonly items: readonly number[];
}

export interface SupplierDependence extends Dependence {
  readonly organisation: string;
  readonly country: string;
  readonly sitesCount: number;
}

export interface CountryDependence extends Dependence {
  readonly country: string;
  readonly sitesCount: number;
  readonly suppliersCount: number;
}

export interface MaterialDependence extends Dependence, ReturnType<typeof sourcesOf> {
  readonly item: number;
  readonly raw: boolean;
}

export interface LookThroughResult {
  readonly sites: readonly SiteDependence[];
  readonly suppliers: readonly SupplierDependence[];
  readonly countries: readonly CountryDependence[];
  readonly materials: readonly MaterialDependence[];
  readonly counts: { sites: number; suppliers: number; countries: number; materials: number; links: number };
  /** Loops of steps. */
  readonly cycles: readonly Loop[];
  readonly complete: boolean;
}

/**
 * Everything upstream of the product: of each list the `limit` strongest dependences, the strongest first, then the
 * nearest. Yields now and then, so that a caller who shares its thread can let others work.
 */
export function* lookThrough(
  chain: SupplyChain,
  limit: number,
  { visitsMax = VISITS_MAX }: { visitsMax?: number } = {},
): Generator<void, LookThroughResult> {
  const { stepSite, stepItem, siteCountries, siteOrganisations } = chain;
  const order = orderChain(chain);
  const flow = flowFromProduct(chain, order);
  const product = stepSite[0]; // its own site is no dependence
  const countries = numbered(siteCountries);
  const organisations = numbered(siteOrganisations);
  const bySite = setsBy(stepSite, chain.siteNumbers.length, (step) => stepSite[step] === product);
  const ofSites = (keys: Int32Array, count: number) =>
    setsBy(
      stepSite.map((site) => keys[site]!),
      count,
      (step) => stepSite[step] === product,
    ); // a step's site has a key
  const bySupplier = ofSites(organisations.keys, organisations.names.length);
  const byCountry = ofSites(countries.keys, countries.names.length);
  const byItem = setsBy(stepItem, chain.itemNumbers.length, (step) => step === 0);
  const work = new Work(prepareLosses(chain, order), visitsMax);
  const countryLoss = yield* work.losses(byCountry, 4);
  const itemLoss = yield* work.losses(byItem, 3);
  const siteLoss = yield* work.losses(bySite, 2);
  const supplierLoss = yield* work.supplierLosses(stepSite, bySupplier, siteLoss);

  const sitesOf = (sets: StepSets, set: number) => distinct(membersOf(sets, set), stepSite);
  const depth = depths(chain);
  const unknown = unknownFlows(chain, flow);
  return {
    sites: strongest(siteLoss, bySite, limit).map(({ set, dependencePpm }) => {
      const steps = membersOf(bySite, set);
      const nearest = steps.reduce((least, step) => Math.min(least, depth[step]!), stepSite.length); // every step has a depth
      return { site: set, dependencePpm, depth: nearest, items: distinct(steps, stepItem) };
    }),
    suppliers: strongest(supplierLoss, bySupplier, limit).map(({ set, dependencePpm }) => {
      const sites = sitesOf(bySupplier, set);
      const country = mostCommon(sites.map((site) => siteCountries[site]!)); // every site has one, here and below
      return { organisation: organisations.names[set]!, dependencePpm, country, sitesCount: sites.length };
    }),
    countries: strongest(countryLoss, byCountry, limit).map(({ set, dependencePpm }) => {
      const sites = sitesOf(byCountry, set);
      const suppliersCount = new Set(sites.map((site) => siteOrganisations[site])).size;
      return { country: countries.names[set]!, dependencePpm, sitesCount: sites.length, suppliersCount };
    }),
    materials: strongest(itemLoss, byItem, limit).map(({ set, dependencePpm }) => {
      const steps = membersOf(byItem, set);
      const raw = steps.every((step) => chain.groupStart[step] === chain.groupStart[step + 1]);
      return { item: set, dependencePpm, raw, ...sourcesOf(chain, { steps, flow, unknown: unknown[set]! }) }; // every item has one
    }),
    counts: {
      sites: countOf(bySite),
      suppliers: countOf(bySupplier),
      countries: countOf(byCountry),
      materials: countOf(byItem),
      links: chain.supplyStep.length,
    },
    cycles: order.loops,
    complete: work.complete,
  };
}

/** What one look-through may cost, and what of it is spent. */
class Work {
  complete = true;
  readonly #work: LossWork;
  #visitsLeft: number;

  constructor(work: LossWork, visitsMax: number) {
    this.#work = work;
    this.#visitsLeft = visitsMax;
  }

  /** The losses of sets, for at most an equal part of what is left with `lists` lists to go. */
  *losses(sets: StepSets, lists: number): Generator<void, Int32Array> {
    const { lossPpm, complete, visitsCount } = yield* this.#work.lossesOf(sets, Math.floor(this.#visitsLeft / lists));
    this.#visitsLeft = Math.max(0, this.#visitsLeft - visitsCount);
    this.complete &&= complete;
    return lossPpm;
  }

  /** As above; a supplier with one site loses what its site loses, so only the others are worked out. */
  *supplierLosses(stepSite: Int32Array, sets: StepSets, siteLoss: Int32Array): Generator<void, Int32Array> {
    const lossPpm = new Int32Array(sets.start.length - 1);
    const several: number[] = [];
    for (let set = 0; set < lossPpm.length; set++) {
      const steps = membersOf(sets, set);
      const site = stepSite[steps[0] ?? 0]!; // every step has a site
      if (steps.every((step) => stepSite[step] === site))
        lossPpm[set] = siteLoss[site]!; // as above
      else several.push(set);
    }
    const start = new Int32Array(several.length + 1);
    for (const [i, set] of several.entries()) start[i + 1] = start[i]! + sets.start[set + 1]! - sets.start[set]!; // sets have a start and an end
    const members = new Int32Array(start[several.length]!);
    for (const [i, set] of several.entries()) members.set(membersOf(sets, set), start[i]!);
    const losses = yield* this.losses({ start, members }, 1);
    for (const [i, set] of several.entries()) lossPpm[set] = losses[i]!; // one for each
    return lossPpm;
  }
}

/** Numbers for names, in the order of their first use. */
function numbered(values: readonly string[]): { keys: Int32Array; names: readonly string[] } {
  const known = new Map<string, number>();
  const keys = Int32Array.from(values, (value) => {
    const key = known.get(value) ?? known.size;
    known.set(value, key);
    return key;
  });
  return { keys, names: [...known.keys()] };
}

/** Steps by their key, which is below `count`, without those left out; by counting, O(steps). */
function setsBy(keyOf: Int32Array, count: number, isLeftOut: (step: number) => boolean): StepSets {
  const start = new Int32Array(count + 1);
  for (let step = 0; step < keyOf.length; step++) if (!isLeftOut(step)) start[keyOf[step]! + 1]! += 1; // every step has a key below `count`
  for (let key = 0; key < count; key++) start[key + 1]! += start[key]!; // within the column, as below
  const members = new Int32Array(start[count]!);
  const next = start.slice();
  for (let step = 0; step < keyOf.length; step++) if (!isLeftOut(step)) members[next[keyOf[step]!]!++] = step;
  return { start, members };
}

function membersOf({ start, members }: StepSets, set: number): Int32Array {
  return members.subarray(start[set], start[set + 1]);
}

function countOf({ start }: StepSets): number {
  let count = 0;
  for (let set = 0; set + 1 < start.length; set++) if (start[set] !== start[set + 1]) count += 1;
  return count;
}

function distinct(steps: Int32Array, keyOf: Int32Array): number[] {
  return [...new Set(Array.from(steps, (step) => keyOf[step]!))]; // every step has a key
}

/** The sets on which most depends, of those that have a step and were worked out; among equals the nearest, which have the smaller place. */
function strongest(lossPpm: Int32Array, { start }: StepSets, limit: number): { set: number; dependencePpm: number }[] {
  const ordered = new Float64Array(lossPpm.length); // loss, the largest first, and place in one number: below 2^53
  let count = 0;
  for (let set = 0; set < lossPpm.length; set++)
    if (start[set] !== start[set + 1] && lossPpm[set]! >= 0) ordered[count++] = (PPM - lossPpm[set]!) * PLACES + set; // within the column
  return Array.from(ordered.subarray(0, count).sort().subarray(0, limit), (value) => ({
    set: value % PLACES,
    dependencePpm: PPM - Math.floor(value / PLACES),
  }));
}

const PLACES = 2 ** 31;

/** Who supplies one item in this chain: counts, concentration, and the levels with one source. */
function sourcesOf(chain: SupplyChain, item: { steps: Int32Array; flow: Float64Array; unknown: number }) {
  const { steps, flow } = item;
  const total = steps.reduce((sum, step) => sum + flow[step]!, 0) + item.unknown; // every step has a flow
  const sharesBy = <Key>(keyOf: (site: number) => Key): number[] => {
    const sums = new Map<Key, number>();
    for (const step of steps) {
      const key = keyOf(chain.stepSite[step]!); // every step has a site
      sums.set(key, (sums.get(key) ?? 0) + flow[step]!); // as above
    }
    return [...sums.values()].map((sum) => (total === 0 ? 0 : Math.min(PPM, Math.round((sum / total) * PPM))));
  };
  const bySite = sharesBy((site) => site);
  const bySupplier = sharesBy((site) => chain.siteOrganisations[site]);
  const byCountry = sharesBy((site) => chain.siteCountries[site]);
  const unknownPpm = total === 0 ? 0 : Math.round((item.unknown / total) * PPM);
  const only = (shares: readonly number[]) => shares.length === 1 && unknownPpm <= ROUNDING_PPM;
  return {
    sitesCount: bySite.length,
    suppliersCount: bySupplier.length,
    countriesCount: byCountry.length,
    hhiBySite: concentration(bySite),
    hhiBySupplier: concentration(bySupplier),
    hhiByCountry: concentration(byCountry),
    single: [
      ...(only(bySite) ? (["site"] as const) : []),
      ...(only(bySupplier) ? (["supplier"] as const) : []),
      ...(only(byCountry) ? (["country"] as const) : []),
    ],
    unknownPpm,
  };
}

/** Flow into each item from suppliers that the registry does not know: what a group's shares leave open, split as the known ones are. By item. */
function unknownFlows(chain: SupplyChain, flow: Float64Array): Float64Array {
  const { groupStart, supplyStart, supplyStep, supplySharePpm, stepItem } = chain;
  const unknown = new Float64Array(chain.itemNumbers.length);
  for (let step = 0; step < flow.length; step++)
    // every index below is within its column: steps, groups and supplies are numbered without gaps
    for (let group = groupStart[step]!; group < groupStart[step + 1]!; group++) {
      const [from, to] = [supplyStart[group]!, supplyStart[group + 1]!];
      let known = 0;
      for (let supply = from; supply < to; supply++) known += supplySharePpm[supply]!;
      const open = Math.max(0, PPM - known);
      if (open <= ROUNDING_PPM || from === to) continue;
      for (let supply = from; supply < to; supply++) {
        const part = known > 0 ? supplySharePpm[supply]! / known : 1 / (to - from);
        unknown[stepItem[supplyStep[supply]!]!]! += flow[step]! * (open / PPM) * part;
      }
    }
  return unknown;
}

function mostCommon(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0] ?? "";
}
