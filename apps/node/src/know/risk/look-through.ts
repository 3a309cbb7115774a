/**
 * Look-through of one product: its dependence on every upstream site, supplier, country and material, how concentrated
 * each material's supply is, and where one source is left. Dependences are of whole sets: a supplier is all of its sites.
 */
import type { risk } from "@holdfast/api";
import { concentration } from "../mineral/index.ts";
import type { Step, SupplyChain } from "../registry/index.ts";
import { depths } from "./chain.ts";
import { type Dependences, prepareDependences, spreadFromProduct } from "./dependence.ts";

const PPM = 1_000_000;
const ROUNDING_PPM = 10; // shares such as 333,333 three times leave no unknown supplier

const VISITS_MAX = 8_000_000; // supplies looked at for one list: bounds the time where everything supplies everything

export type LookThroughResult = Pick<
  risk.LookThrough,
  "sites" | "suppliers" | "countries" | "materials" | "counts" | "cycles" | "complete"
>;

/** Everything upstream of `chain.steps[0]`: of each list the `limit` strongest dependences, the strongest first. */
export function lookThrough(chain: SupplyChain, limit: number): LookThroughResult {
  const { steps } = chain;
  const dependences = prepareDependences(chain);
  const { order } = dependences;
  const { bounds, flow } = spreadFromProduct(chain, order);
  const siteOf = (id: string) => chain.sites.get(id)!; // a chain has what its steps mention
  const itemOf = (id: string) => chain.items.get(id)!; // as above
  const depth = depths(steps);

  const bySite = new Map<string, number[]>();
  const byItem = new Map<string, number[]>();
  for (let step = 1; step < steps.length; step++) {
    const { site, item } = steps[step]!; // the loop bounds `step`
    if (site !== steps[0]!.site) gather(bySite, site, step); // step 0 is the product
    gather(byItem, item, step);
  }
  const bySupplier = new Map<string, number[]>();
  const byCountry = new Map<string, number[]>();
  for (const [site, own] of bySite) {
    gather(bySupplier, siteOf(site).organisation, ...own);
    gather(byCountry, siteOf(site).country, ...own);
  }
  let complete = true;
  const strongestOf = (sets: ReadonlyMap<string, readonly number[]>) => {
    const found = strongest(sets, { limit, bounds, dependences });
    complete &&= found.complete;
    return found.list;
  };
  const sitesOf = (own: readonly number[]) => [...new Set(own.map((step) => steps[step]!.site))]; // sets hold steps of the chain

  const sites = strongestOf(bySite).map(({ id, dependencePpm, own }) => {
    const { label, kind, country, organisation, organisationLabel, tier } = siteOf(id);
    const items = [...new Set(own.map((step) => steps[step]!.item))]; // as above
    const nearest = own.reduce((least, step) => Math.min(least, depth[step]!), steps.length); // every step has a depth
    return { id, label, dependencePpm, kind, country, organisation, organisationLabel, tier, depth: nearest, items };
  });
  const suppliers = strongestOf(bySupplier).map(({ id, dependencePpm, own }) => {
    const owned = sitesOf(own).map(siteOf);
    return {
      id,
      label: owned[0]?.organisationLabel ?? "",
      dependencePpm,
      country: mostCommon(owned.map(({ country }) => country)),
      sitesCount: owned.length,
    };
  });
  const countries = strongestOf(byCountry).map(({ id: country, dependencePpm, own }) => {
    const within = sitesOf(own).map(siteOf);
    const suppliersCount = new Set(within.map(({ organisation }) => organisation)).size;
    return { country, dependencePpm, sitesCount: within.length, suppliersCount };
  });
  const unknown = unknownFlows(steps, flow);
  const materials = strongestOf(byItem).map(({ id, dependencePpm, own }) => {
    const { label, kind, mineral } = itemOf(id);
    const raw = own.every((step) => steps[step]!.groups.length === 0); // as above
    const supply = sources({ chain, own, flow, unknown: unknown.get(id) ?? 0 });
    return { id, label, dependencePpm, kind, raw, mineral: mineral?.mineral ?? null, ...supply };
  });
  return {
    sites,
    suppliers,
    countries,
    materials,
    complete,
    counts: {
      sites: bySite.size,
      suppliers: bySupplier.size,
      countries: byCountry.size,
      materials: byItem.size,
      links: steps.reduce(
        (sum, { groups }) => sum + groups.reduce((count, group) => count + group.suppliers.length, 0),
        0,
      ),
    },
    cycles: order.loops.map((loop) =>
      loop.map((step) => {
        const { site, item } = steps[step]!; // loops hold steps of the chain
        return { site, siteLabel: siteOf(site).label, item, itemLabel: itemOf(item).label };
      }),
    ),
  };
}

interface Strong {
  readonly id: string;
  readonly dependencePpm: number;
  readonly own: readonly number[];
}

/**
 * The `limit` sets on which most depends. Works losses out in the order of their bounds, and stops when no bound that is
 * left could enter the list: of 10,000 sites some hundreds are worked out, and the list is exact all the same. Where that
 * would take more than VISITS_MAX, the list holds what was worked out, and is not complete.
 */
function strongest(
  sets: ReadonlyMap<string, readonly number[]>,
  { limit, bounds, dependences }: { limit: number; bounds: Float64Array; dependences: Dependences },
): { list: Strong[]; complete: boolean } {
  const bounded = [...sets].map(([id, own]) => ({
    id,
    own,
    bound: own.reduce((sum, step) => sum + bounds[step]!, 0), // every step has a bound
  }));
  bounded.sort((a, b) => b.bound - a.bound || compare(a.id, b.id));
  const order = (a: Strong, b: Strong) => b.dependencePpm - a.dependencePpm || compare(a.id, b.id);
  const visitsMax = dependences.visitsCount() + VISITS_MAX;
  let found: Strong[] = [];
  let checkAt = limit; // doubles, so that the checks cost little and at most twice the needed work is done
  for (const [i, { id, own, bound }] of bounded.entries()) {
    if (i === checkAt) {
      checkAt *= 2;
      found = found.sort(order).slice(0, limit);
      if ((found[limit - 1]?.dependencePpm ?? 0) > Math.ceil(bound * PPM)) break;
    }
    if (dependences.visitsCount() > visitsMax) return { list: found.sort(order).slice(0, limit), complete: false };
    found.push({ id, own, dependencePpm: dependences.lossPpm(own) });
  }
  return { list: found.sort(order).slice(0, limit), complete: true };
}

function gather(sets: Map<string, number[]>, id: string, ...steps: readonly number[]): void {
  const set = sets.get(id);
  if (!set) sets.set(id, [...steps]);
  else for (const step of steps) set.push(step);
}

/** Who supplies one item in this chain: counts, concentration, and the levels with one source. */
function sources(item: { chain: SupplyChain; own: readonly number[]; flow: Float64Array; unknown: number }) {
  const { chain, own, flow } = item;
  const total = own.reduce((sum, step) => sum + flow[step]!, 0) + item.unknown; // every step has a flow
  const sharesBy = (keyOf: (site: string) => string): number[] => {
    const sums = new Map<string, number>();
    for (const step of own) {
      const key = keyOf(chain.steps[step]!.site); // a set holds steps of the chain
      sums.set(key, (sums.get(key) ?? 0) + flow[step]!); // every step has a flow
    }
    return [...sums.values()].map((sum) => (total === 0 ? 0 : Math.min(PPM, Math.round((sum / total) * PPM))));
  };
  const siteOf = (id: string) => chain.sites.get(id)!; // a chain has what its steps mention
  const bySite = sharesBy((site) => site);
  const bySupplier = sharesBy((site) => siteOf(site).organisation);
  const byCountry = sharesBy((site) => siteOf(site).country);
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

/** Flow into each item from suppliers that the registry does not know: what a group's shares leave open, split as the known ones are. */
function unknownFlows(steps: readonly Step[], flow: Float64Array): Map<string, number> {
  const unknown = new Map<string, number>();
  for (const [index, step] of steps.entries()) {
    for (const group of step.groups) {
      const known = group.suppliers.reduce((sum, supply) => sum + supply.sharePpm, 0);
      const open = Math.max(0, PPM - known);
      if (open <= ROUNDING_PPM || group.suppliers.length === 0) continue;
      for (const supply of group.suppliers) {
        const part = known > 0 ? supply.sharePpm / known : 1 / group.suppliers.length;
        const { item } = steps[supply.step]!; // suppliers are steps of the chain
        unknown.set(item, (unknown.get(item) ?? 0) + flow[index]! * (open / PPM) * part); // every step has a flow
      }
    }
  }
  return unknown;
}

function mostCommon(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || compare(a[0], b[0]))[0]?.[0] ?? "";
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
