/**
 * Look-through of one product: its dependence on every upstream site, supplier, country and material, how concentrated
 * each material's supply is, and where one source is left. Dependences are of whole sets: a supplier is all of its sites.
 */
import type { risk } from "@holdfast/api";
import { concentration } from "../mineral/index.ts";
import { type Chain, depths } from "./chain.ts";
import { flows, prepareDependences } from "./dependence.ts";

const PPM = 1_000_000;
const ROUNDING_PPM = 10; // shares such as 333,333 three times leave no unknown supplier

export interface SiteFacts {
  readonly label: string;
  readonly kind: risk.LookThrough["sites"][number]["kind"];
  readonly country: string;
  readonly organisation: string;
  readonly organisationLabel: string;
  readonly tier: number | null;
}

export interface ItemFacts {
  readonly label: string;
  readonly kind: risk.LookThrough["materials"][number]["kind"];
  readonly mineral: string | null;
}

/** What the registry says of everything that a chain mentions, by id. */
export interface ChainFacts {
  readonly sites: ReadonlyMap<string, SiteFacts>;
  readonly items: ReadonlyMap<string, ItemFacts>;
}

export type LookThroughResult = Pick<
  risk.LookThrough,
  "sites" | "suppliers" | "countries" | "materials" | "counts" | "cycles"
>;

/** Everything upstream of `chain.steps[0]`, the strongest dependence first. */
export function lookThrough(chain: Chain, facts: ChainFacts): LookThroughResult {
  const { order, lossPpm } = prepareDependences(chain);
  const upstream = chain.steps.map((_, step) => step).filter((step) => step !== 0);
  const siteOf = (step: number) => chain.steps[step]!.site; // steps are indexes of the chain
  const itemOf = (step: number) => chain.steps[step]!.item; // as above
  const factsOf = (site: string) => facts.sites.get(site)!; // the facts cover the chain
  const depth = depths(chain.steps);

  const bySite = groupBy(
    upstream.filter((step) => siteOf(step) !== siteOf(0)),
    siteOf,
  );
  const sites = [...bySite].map(([id, steps]) => ({
    id,
    dependencePpm: lossPpm(steps),
    ...factsOf(id),
    depth: Math.min(...steps.map((step) => depth[step]!)), // every step has a depth
    items: [...new Set(steps.map(itemOf))],
  }));
  const suppliers = [...groupBy(bySite.keys(), (site) => factsOf(site).organisation)].map(([id, owned]) => ({
    id,
    label: factsOf(owned[0]!).organisationLabel, // a group has a member
    dependencePpm: lossPpm(stepsOf(owned, bySite)),
    country: mostCommon(owned.map((site) => factsOf(site).country)),
    sitesCount: owned.length,
  }));
  const countries = [...groupBy(bySite.keys(), (site) => factsOf(site).country)].map(([country, within]) => ({
    country,
    dependencePpm: lossPpm(stepsOf(within, bySite)),
    sitesCount: within.length,
    suppliersCount: new Set(within.map((site) => factsOf(site).organisation)).size,
  }));
  const flow = flows(chain, order);
  const unknown = unknownFlows(chain, flow);
  const materials = [...groupBy(upstream, itemOf)].map(([id, steps]) => ({
    id,
    dependencePpm: lossPpm(steps),
    ...facts.items.get(id)!, // the facts cover the chain
    raw: steps.every((step) => chain.steps[step]!.groups.length === 0), // as above
    ...sources({ steps, flow, unknown: unknown.get(id) ?? 0, siteOf, factsOf }),
  }));
  const links = chain.steps.reduce(
    (sum, step) => sum + step.groups.reduce((count, group) => count + group.suppliers.length, 0),
    0,
  );
  return {
    sites: strongestFirst(sites),
    suppliers: strongestFirst(suppliers),
    countries: countries.sort((a, b) => b.dependencePpm - a.dependencePpm || compare(a.country, b.country)),
    materials: strongestFirst(materials),
    counts: {
      sites: sites.length,
      suppliers: suppliers.length,
      countries: countries.length,
      materials: materials.length,
      links,
    },
    cycles: order.loops.map((loop) =>
      loop.map((step) => ({
        site: siteOf(step),
        siteLabel: factsOf(siteOf(step)).label,
        item: itemOf(step),
        itemLabel: facts.items.get(itemOf(step))!.label, // the facts cover the chain
      })),
    ),
  };
}

/** Who supplies one item in this chain: counts, concentration, and the levels with one source. */
function sources(item: {
  steps: readonly number[];
  flow: Float64Array;
  unknown: number;
  siteOf: (step: number) => string;
  factsOf: (site: string) => SiteFacts;
}) {
  const { steps, flow, siteOf, factsOf } = item;
  const total = steps.reduce((sum, step) => sum + flow[step]!, 0) + item.unknown; // every step has a flow
  const sharesBy = (key: (site: string) => string): number[] => {
    const sums = new Map<string, number>();
    for (const step of steps) sums.set(key(siteOf(step)), (sums.get(key(siteOf(step))) ?? 0) + flow[step]!); // as above
    return [...sums.values()].map((sum) => (total === 0 ? 0 : Math.min(PPM, Math.round((sum / total) * PPM))));
  };
  const bySite = sharesBy((site) => site);
  const bySupplier = sharesBy((site) => factsOf(site).organisation);
  const byCountry = sharesBy((site) => factsOf(site).country);
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
function unknownFlows(chain: Chain, flow: Float64Array): Map<string, number> {
  const unknown = new Map<string, number>();
  for (const [index, step] of chain.steps.entries()) {
    for (const group of step.groups) {
      const known = group.suppliers.reduce((sum, supply) => sum + supply.sharePpm, 0);
      const open = Math.max(0, PPM - known);
      if (open <= ROUNDING_PPM || group.suppliers.length === 0) continue;
      for (const supply of group.suppliers) {
        const part = known > 0 ? supply.sharePpm / known : 1 / group.suppliers.length;
        const item = chain.steps[supply.step]!.item; // suppliers are steps of the chain
        unknown.set(item, (unknown.get(item) ?? 0) + flow[index]! * (open / PPM) * part); // every step has a flow
      }
    }
  }
  return unknown;
}

function stepsOf(sites: readonly string[], bySite: ReadonlyMap<string, readonly number[]>): number[] {
  return sites.flatMap((site) => bySite.get(site) ?? []);
}

function groupBy<Member>(members: Iterable<Member>, key: (member: Member) => string): Map<string, Member[]> {
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    const group = groups.get(key(member));
    if (group) group.push(member);
    else groups.set(key(member), [member]);
  }
  return groups;
}

function mostCommon(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || compare(a[0], b[0]))[0]?.[0] ?? "";
}

function strongestFirst<Entry extends { readonly id: string; readonly dependencePpm: number }>(
  entries: Entry[],
): Entry[] {
  return entries.sort((a, b) => b.dependencePpm - a.dependencePpm || compare(a.id, b.id));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
